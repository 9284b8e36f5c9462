import { GatewayError } from './gateway-error.ts';
import type { UpstreamCall } from './upstream.ts';

/** One field that is wrong. */
export interface FieldProblem {
  /** Path from the argument on: `input.serviceUri`. */
  readonly field: string;
  readonly message: string;
}

export class InvalidInput extends GatewayError {
  readonly code: string = 'INVALID_INPUT';
  /** Path of the first field that is wrong. */
  readonly field: string;
  /** Every field that was found wrong. */
  readonly problems: readonly FieldProblem[];
  /** @param others what is wrong beside the first */
  constructor(field: string, sentence: string, others: readonly FieldProblem[] = []) {
    const problems = [{ field, message: sentence }, ...others];
    super(problems.map((problem) => `${problem.field}: ${problem.message}`).join(' '));
    this.field = field;
    this.problems = problems;
  }
  override facts() {
    return { field: this.field };
  }
}

/** Ids were given that this gateway has never made: one error for all that are wrong in a list. */
export class NotOurIds extends InvalidInput {
  /** Paths of the wrong ids; of many, the first hundred. */
  readonly fields: readonly string[];
  /** How many are wrong. */
  readonly count: number;
  /** @param fields paths of all wrong ids, at least one */
  constructor(fields: readonly string[]) {
    const others = fields.length - 1;
    const also = others === 0 ? '' : ` Nor are ${others} others of the list.`;
    super(
      fields[0] ?? 'id',
      `is not an id of this gateway.${also} Take ids from the field id of its objects.`,
    );
    this.fields = fields.slice(0, 100);
    this.count = fields.length;
  }
  override facts() {
    return { ...super.facts(), fields: this.fields, count: this.count };
  }
}

/** The key of an earlier request came again with other arguments, or that request went to an older version of the gateway. */
export class IdempotencyKeyReused extends GatewayError {
  readonly code = 'IDEMPOTENCY_KEY_REUSED';
  constructor() {
    super(
      'This Idempotency-Key was used for another request within the last 24 hours. Use a new key for each change, and the same key only to repeat it.',
    );
  }
}

export class InvalidCursor extends GatewayError {
  readonly code = 'INVALID_CURSOR';
  constructor() {
    super(
      'after: this cursor was not made by this list. Cursors belong to one list with one filter; take endCursor from a page of the same query.',
    );
  }
  override facts() {
    return { field: 'after' };
  }
}

/** What kind of object was looked for: the word in sentences, and what programs read. */
const FOUND_KINDS = {
  connector: 'CONNECTOR',
  user: 'USER',
  group: 'GROUP',
  license: 'LICENSE',
  role: 'ROLE',
  'API key': 'API_KEY',
  file: 'SYNC_FILE',
  mapping: 'SYNC_MAPPING',
  plan: 'SYNC_PLAN',
  run: 'SYNC_RUN',
  schedule: 'SYNC_SCHEDULE',
} as const;

/** What kind of object was looked for, as sentences call it. */
export type FoundKind = keyof typeof FOUND_KINDS;

export class NotFound extends GatewayError {
  readonly code = 'NOT_FOUND';
  /** The kind of object, as in the schema. */
  readonly objectKind: (typeof FOUND_KINDS)[FoundKind];
  /** The id or name that the gateway looked for. */
  readonly reference: string;
  constructor(
    kind: FoundKind,
    reference: string,
    sentence = `There is no ${kind} ${JSON.stringify(reference)}, or you may not see it.`,
  ) {
    super(sentence);
    this.objectKind = FOUND_KINDS[kind];
    this.reference = reference;
  }
  override facts() {
    return { kind: this.objectKind, reference: this.reference };
  }
}

export class Ambiguous extends GatewayError {
  readonly code = 'AMBIGUOUS';
  readonly kind: FoundKind;
  /** Webex's ids of them; names, if they are connectors. */
  readonly candidates: readonly string[];
  constructor(kind: FoundKind, sentence: string, candidates: readonly string[]) {
    super(sentence);
    this.kind = kind;
    this.candidates = candidates;
  }
  override facts() {
    return { candidates: this.candidates };
  }
}

export class NameTaken extends GatewayError {
  readonly code = 'NAME_TAKEN';
  readonly kind: 'connector' | 'group' | 'key';
  readonly takenName: string;
  /** The call that Webex refused for it; undefined if nothing was sent. */
  readonly call: UpstreamCall | undefined;
  constructor(kind: NameTaken['kind'], takenName: string, call?: UpstreamCall) {
    super(`A ${kind} is called ${JSON.stringify(takenName)} already. Names are unique; choose another.`);
    this.kind = kind;
    this.takenName = takenName;
    this.call = call;
  }
  override facts() {
    return { takenName: this.takenName };
  }
}

/** The connector was changed since the caller read it. */
export class SettingsConflict extends GatewayError {
  readonly code = 'MODIFIED_MEANWHILE';
  readonly connectorId: string;
  constructor(connectorId: string, version: number) {
    super(
      `The connector was changed meanwhile and now has version ${version}. Nothing was saved. Compare with the current values and try again with that version.`,
    );
    this.connectorId = connectorId;
  }
}

/** The configuration file says how the connector is. */
export class DeclaredConnector extends GatewayError {
  readonly code = 'DECLARED';
  readonly connector: string;
  constructor(connector: string) {
    super(
      `The connector ${JSON.stringify(connector)} is declared in the configuration file. Change it there and restart the gateway.`,
    );
    this.connector = connector;
  }
  override facts() {
    return { connector: this.connector };
  }
}

/** The connector may read only; nothing was sent. */
export class ReadOnlyConnector extends GatewayError {
  readonly code = 'READ_ONLY';
  constructor() {
    super(
      'This connector is read-only: nothing may be changed in Webex through it. Switch that off with updateConnector.',
    );
  }
}
