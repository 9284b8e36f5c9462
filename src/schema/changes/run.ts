import type { GraphQLResolveInfo } from 'graphql';
import type { OpenOrganization } from '../../connectors/organizations.ts';
import { RecordBusy } from '../../errors/changes.ts';
import type { GatewayError } from '../../errors/gateway-error.ts';
import { NotFound } from '../../errors/request.ts';
import { Refusals } from '../../provisioning/changes/audit-thinning.ts';
import type { ChangeRequest, Target } from '../../provisioning/changes/change-request.ts';
import type { Outcome } from '../../provisioning/changes/outcome.ts';
import { readValue } from '../../provisioning/changes/problems.ts';
import type { Reference } from '../../provisioning/changes/references.ts';
import { Seats } from '../../provisioning/changes/seats.ts';
import { textOf, trimmed } from '../../provisioning/users/input-values.ts';
import { connectorOf } from '../base/chosen-connector.ts';
import type { Context } from '../base/context.ts';
import { readGlobalId, readObjectId, readWebexId, type WebexType } from '../base/global-ids.ts';

/** One change that a field asks for, or one item of its list. */
export interface Change<Record> {
  /** Which item it is; undefined where the field asks for one change. */
  readonly index?: number;
  /** Where the input stands in the caller's request; `input` unless told. */
  readonly at?: string;
  /** What is to be changed. Rejects with InvalidInput, NotFound, Ambiguous. */
  readonly subject: () => Promise<Subject>;
  /** @param at where the input stands in the caller's request */
  readonly make: (
    organization: OpenOrganization,
    request: ChangeRequest,
    at: string,
  ) => Promise<Outcome<Record>>;
}

/** What a change is about, as far as that is known before anything is read. */
export interface Subject {
  readonly connectorId: string;
  readonly target: Target;
}

/**
 * The subject of a change of something that exists.
 * @param given the input's connector, by id or name
 * @param field where the id stands in the caller's request
 * Rejects with InvalidInput, NotFound, and Ambiguous for an id of Webex if there are several connectors.
 */
export async function existing(
  context: Context,
  type: 'User' | 'Group',
  given: string | null | undefined,
  text: string,
  field: string,
): Promise<Subject> {
  const id = readObjectId(text, type, field);
  const connectorId = await connectorOf(context, given, type, id);
  return { connectorId, target: { type, id: id.webexId, name: null } };
}

/** What the audit trail names a new user by, before Webex has them. */
export function newUser(user: {
  readonly emails?: readonly string[] | null | undefined;
  readonly displayName?: string | null | undefined;
}): Target {
  return { type: 'User', id: null, name: user.emails?.[0] ?? user.displayName ?? null };
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
  const shared = { seats: new Seats(true), refusals: new Refusals() };
  const settled = await Promise.all(changes.map((change) => makeOne(request, change, shared)));
  await shared.refusals.tellCounted();
  for (const connectorId of new Set(settled.map((each) => each.connectorId))) context.forget(connectorId);
  return settled;
}

/** As `makeChanges` for one. */
export async function makeChange<Record, Shown extends GatewayError>(
  request: Request<Shown>,
  change: Change<Record>,
): Promise<Settled<Record, Shown>> {
  const settled = await makeOne(request, change, { seats: new Seats(false), refusals: new Refusals() });
  request.context.forget(settled.connectorId);
  return settled;
}

/** What the changes of a list have in common. */
type Shared = Pick<ChangeRequest, 'seats' | 'refusals'>;

async function makeOne<Record, Shown extends GatewayError>(
  request: Request<Shown>,
  change: Change<Record>,
  shared: Shared,
): Promise<Settled<Record, Shown>> {
  const { context, errors } = request;
  let connectorId = '';
  try {
    const subject = await change.subject();
    ({ connectorId } = subject);
    return {
      connectorId,
      outcome: await tryOne(context, change, subject, changeRequestOf(request, change, shared)),
    };
  } catch (error) {
    if (isShown(error, errors)) return { connectorId, outcome: error };
    if (request.onOther === undefined) throw error;
    return { connectorId, outcome: request.onOther(connectorId) };
  }
}

/** Makes a change, or has it written down why not. */
async function tryOne<Record>(
  context: Context,
  { make, at = 'input' }: Change<Record>,
  { connectorId, target }: Subject,
  request: ChangeRequest,
): Promise<Outcome<Record>> {
  const connector = await context.seen(connectorId);
  try {
    context.connectors.allowed(connector);
    return await make(await context.organization(connector), request, at);
  } catch (error) {
    await context.provisioning.noteRefusal(request, connector, target, error);
    throw error;
  }
}

/** After which it is worth another try where others wait in front: most changes take a second or two. */
const WAIT_SECONDS = 5;

/** What a key is good for is one item of one field of one request. */
function changeRequestOf(
  { context, info, dryRun }: Request<GatewayError>,
  { index }: Pick<Change<unknown>, 'index'>,
  shared: Shared,
): ChangeRequest {
  const { principal, requestId, idempotencyKey } = context.caller;
  const place = index === undefined ? String(info.path.key) : `${info.path.key}[${index}]`;
  return {
    operation: info.fieldName,
    actor: principal.actor,
    requestId,
    dryRun: dryRun ?? false,
    patience: context.caller.deadline.patience(() => new RecordBusy('waiting', WAIT_SECONDS)),
    idempotencyKey: idempotencyKey === undefined ? undefined : { key: idempotencyKey, place },
    ...shared,
    isWrittenDown: false,
  };
}

/** Classes of errors that are members of a mutation's result. */
export type ErrorClasses<Shown extends GatewayError> = readonly (abstract new (
  ...values: never[]
) => Shown)[];

function isShown<Shown extends GatewayError>(error: unknown, classes: ErrorClasses<Shown>): error is Shown {
  return classes.some((ErrorClass) => error instanceof ErrorClass);
}

/** UTF-16 code units of an id, an address or a name. */
const LONGEST_REFERENCE = 1_024;

/**
 * What a text names: by a global id, by Webex's id, or by what people call it.
 * Throws InvalidInput for the id of another type, NotFound for the id of something of another connector.
 */
export function readReference(text: string, type: WebexType, connectorId: string, field: string): Reference {
  const given = trimmed(text);
  const id = readWebexId(given, type, connectorId, field);
  if (id !== null) return { id };
  if (readGlobalId(given) !== undefined) throw new NotFound(type.toLowerCase(), given);
  return { name: readValue(field, text, textOf(LONGEST_REFERENCE)) };
}
