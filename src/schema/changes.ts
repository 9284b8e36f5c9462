import { createHash } from 'node:crypto';
import type { GraphQLResolveInfo } from 'graphql';
import type { GatewayError } from '../errors.ts';
import type { Attempt, Workplace } from '../provisioning/attempt.ts';
import type { Outcome } from '../provisioning/outcome.ts';
import type { Reference } from '../provisioning/references.ts';
import type { Context } from './context.ts';
import { readWebexId, type WebexType } from './global-ids.ts';

/** One change that a field asks for, or one item of its list. */
export interface Change<Record> {
  /** What the caller has given. */
  readonly input: object;
  /** Which item it is; undefined where the field asks for one change. */
  readonly index?: number;
  /** Where the input stands in the caller's request; `input` unless told. */
  readonly at?: string;
  /** The connector it goes through. Throws InvalidInput. */
  readonly connectorId: () => string;
  /** @param at where the input stands in the caller's request */
  readonly make: (place: Workplace, attempt: Attempt, at: string) => Promise<Outcome<Record>>;
}

/** What all the changes of a field have in common. */
export interface Request<Shown extends GatewayError> {
  readonly context: Context;
  readonly info: GraphQLResolveInfo;
  readonly dryRun: boolean | null | undefined;
  /** The errors that the result has types for; all others end the field. */
  readonly errors: ErrorClasses<Shown>;
  /** What an error is shown as that the result has no type for, where it must not cost others their answer. */
  readonly onOther?: (connectorId: string) => Shown;
}

/** What came of a change, and of which organization. */
export interface Settled<Record, Shown extends GatewayError> {
  readonly connectorId: string;
  readonly outcome: Outcome<Record> | Shown;
}

/**
 * Makes changes side by side, as far as the connector's connections allow; one that fails costs no other. What
 * this request has read of the organizations before is forgotten.
 */
export async function makeChanges<Record, Shown extends GatewayError>(
  request: Request<Shown>,
  changes: readonly Change<Record>[],
): Promise<readonly Settled<Record, Shown>[]> {
  const { context } = request;
  const settled = await Promise.all(changes.map((change) => makeOne(request, change)));
  for (const connectorId of new Set(settled.map((each) => each.connectorId))) context.forget(connectorId);
  return settled;
}

/** As `makeChanges` for one. */
export async function makeChange<Record, Shown extends GatewayError>(
  request: Request<Shown>,
  change: Change<Record>,
): Promise<Settled<Record, Shown>> {
  const settled = await makeOne(request, change);
  request.context.forget(settled.connectorId);
  return settled;
}

async function makeOne<Record, Shown extends GatewayError>(
  request: Request<Shown>,
  change: Change<Record>,
): Promise<Settled<Record, Shown>> {
  const { context, errors } = request;
  let connectorId = '';
  try {
    connectorId = change.connectorId();
    const connector = await context.connector(connectorId);
    const place: Workplace = { connector, webex: await context.webex(connector) };
    const attempt = attemptOf(request, change, connectorId);
    return { connectorId, outcome: await change.make(place, attempt, change.at ?? 'input') };
  } catch (error) {
    if (isShown(error, errors)) return { connectorId, outcome: error };
    if (request.onOther === undefined) throw error;
    return { connectorId, outcome: request.onOther(connectorId) };
  }
}

/** What a key is good for is one item of one field of one request. */
function attemptOf<Record>(
  { context, info, dryRun }: Request<GatewayError>,
  { input, index }: Change<Record>,
  connectorId: string,
): Attempt {
  const { actor, requestId, idempotencyKey } = context.caller;
  const place = index === undefined ? String(info.path.key) : `${info.path.key}[${index}]`;
  // Whether it is said that it is no dry run makes no difference.
  const asked = JSON.stringify([info.fieldName, connectorId, { ...input, dryRun: undefined }]);
  const requestHash = createHash('sha256').update(asked).digest('hex');
  const repeat = idempotencyKey === undefined ? undefined : { key: idempotencyKey, place, requestHash };
  return { operation: info.fieldName, actor, requestId, dryRun: dryRun ?? false, repeat };
}

/** Classes of errors that are members of a mutation's result. */
export type ErrorClasses<Shown extends GatewayError> = readonly (abstract new (
  ...values: never[]
) => Shown)[];

function isShown<Shown extends GatewayError>(error: unknown, classes: ErrorClasses<Shown>): error is Shown {
  return classes.some((ErrorClass) => error instanceof ErrorClass);
}

/** What a text names: by a global id, by Webex's id, or by what people call it. */
export function readReference(text: string, type: WebexType, connectorId: string, field: string): Reference {
  const id = readWebexId(text, type, connectorId, field);
  return id === null ? { name: text } : { id };
}
