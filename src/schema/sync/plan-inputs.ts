import type { ConnectorRecord } from '../../connectors/connectors.ts';
import { InvalidInput } from '../../errors/request.ts';
import { Problems } from '../../provisioning/changes/problems.ts';
import { emailOf, nameOf, textOf, type ValueReader } from '../../provisioning/users/input-values.ts';
import type { AskedPlan } from '../../sync/plans/asked-plan.ts';
import type { JsonObject } from '../../sync/words.ts';
import { builder } from '../base/builder.ts';
import { chooseConnector, connectorField } from '../base/chosen-connector.ts';
import type { Context } from '../base/context.ts';
import { readOwnId } from '../base/global-ids.ts';
import { SyncActionEnum, SyncExtentEnum, SyncLimitEnum } from './enums.ts';
import { SyncMappingRefInput } from './mapping-ref.ts';
import { runOf } from './visible.ts';

/** Records in one request. */
const MOST_ROWS = 500;
/** Values in one list of a request. */
const MOST_VALUES = 1_000;

const SyncLimitInput = builder.inputType('SyncLimitInput', {
  description:
    'A lower limit. If the plan exceeds count or percent, it needs an approval. Give one of them, or both.',
  fields: (t) => ({
    limit: t.field({ type: SyncLimitEnum, required: true, description: 'Which limit.' }),
    count: t.int({ required: false, description: 'Maximum number of users, groups or seats, from 0.' }),
    percent: t.float({
      required: false,
      description: 'Maximum share of the users in scope, 0 to 100.',
    }),
  }),
});

const SyncNarrowInput = builder.inputType('SyncNarrowInput', {
  description:
    'Makes a plan smaller or stricter than the policy of its mapping, never larger. The source and the organization are read as a whole. Items that do not match are shown as withheld, with NARROWED. Lists have at most 1,000 values.',
  fields: (t) => ({
    emails: t.field({
      type: ['EmailAddress'],
      required: false,
      description: 'Only users with one of these addresses. Default: all.',
    }),
    keys: t.stringList({
      required: false,
      description: 'Only records with one of these keys. Default: all.',
    }),
    domains: t.stringList({
      required: false,
      description: 'Only users whose first address has one of these domains. Default: all.',
    }),
    groups: t.stringList({
      required: false,
      description: 'Only the members of these groups, by name. Default: all.',
    }),
    actions: t.field({
      type: [SyncActionEnum],
      required: false,
      description: 'Only these actions. Default: all.',
    }),
    limits: t.field({ type: [SyncLimitInput], required: false, description: 'Lower limits. Default: none.' }),
  }),
});

export const PlanSyncInput = builder.inputType('PlanSyncInput', {
  description:
    'What to compare with the organization. Give one of file, rows, source and retryOf; without any of them, the source that the mapping names.',
  fields: (t) => ({
    connector: connectorField(t),
    file: t.id({ required: false, description: 'Id of an uploaded file.' }),
    rows: t.field({
      type: ['JSON'],
      required: false,
      description:
        'Records, each as an object, at most 500. Users who are not among them do not count as missing.',
    }),
    source: t.id({
      required: false,
      description: 'A connector to read the records from, by id or name. Needs the scope read for it.',
    }),
    retryOf: t.id({
      required: false,
      description:
        'Id of a run that has ended: plan its items that were not applied again, from the same source. Items that remove access are left out.',
    }),
    mapping: t.field({
      type: SyncMappingRefInput,
      required: false,
      description: 'How records become users. Required, except with retryOf.',
    }),
    narrow: t.field({
      type: SyncNarrowInput,
      required: false,
      description: 'A smaller or stricter plan. Default: as the policy of the mapping says.',
    }),
    extent: t.field({
      type: SyncExtentEnum,
      required: false,
      description: 'Which records to read. Default: ALL for a file and for a source, CHANGES for rows.',
    }),
    note: t.string({
      required: false,
      description: 'A note for the people who review the plan, at most 1,000 characters.',
    }),
  }),
});

/**
 * A plan as a caller asks for it, and the connector that it is for.
 * @param at where the input stands in the caller's request
 * Rejects with InvalidInput, NotFound, Ambiguous, Forbidden.
 */
export async function readPlan(
  context: Context,
  input: typeof PlanSyncInput.$inferInput,
  at: string,
): Promise<{ readonly connector: ConnectorRecord; readonly asked: AskedPlan }> {
  const { principal, idempotencyKey } = context.caller;
  assertOneSource(input, at);
  const connector = context.connectors.allowed(
    await chooseConnector(context, input.connector, `${at}.connector`),
  );
  const problems = new Problems(at);
  const note = problems.value('note', input.note, textOf(1_000));
  const narrow = readNarrow(input.narrow, problems);
  const mapping = readMappingRef(input.mapping, problems, input.retryOf == null);
  problems.throwAny();
  const asked: AskedPlan = {
    connectorId: connector.id,
    actor: principal.actor,
    byAdmin: principal.may('admin', connector),
    ...{ idempotencyKey, mapping, narrow, note: note ?? undefined },
    extent: input.extent ?? undefined,
    fileId: input.file == null ? undefined : readOwnId(input.file, 'SyncFile', `${at}.file`),
    rows: input.rows?.map((row, index) => readRow(row, `${at}.rows[${index}]`)),
    sourceId: await readSource(context, input.source, `${at}.source`),
    retryOf: await readRetry(context, input.retryOf, connector, `${at}.retryOf`),
  };
  return { connector, asked };
}

function readRow(given: unknown, field: string): JsonObject {
  if (isObject(given)) return given;
  throw new InvalidInput(field, 'must be an object: the names of fields with their values.');
}

function isObject(given: unknown): given is JsonObject {
  return typeof given === 'object' && given !== null && !Array.isArray(given);
}

function assertOneSource(input: typeof PlanSyncInput.$inferInput, at: string): void {
  const given = (['file', 'rows', 'source', 'retryOf'] as const).filter((name) => input[name] != null);
  const [first, second] = given;
  if (second !== undefined)
    throw new InvalidInput(`${at}.${second}`, `cannot be used together with ${first}. Give one of them.`);
  if (input.rows != null && input.rows.length > MOST_ROWS)
    throw new InvalidInput(
      `${at}.rows`,
      `must be ${MOST_ROWS} at most, not ${input.rows.length}. Upload more records as a file with PUT /sync/files.`,
    );
}

/** Undefined if none is given, which is a problem if one is required. */
function readMappingRef(
  given: typeof SyncMappingRefInput.$inferInput | null | undefined,
  problems: Problems,
  isRequired: boolean,
): AskedPlan['mapping'] {
  if (given == null) {
    if (isRequired) problems.add('mapping', 'is required.');
    return undefined;
  }
  if (given.text != null) {
    if (given.name != null || given.version != null)
      problems.add('mapping.text', 'cannot be used together with name or version.');
    return { text: given.text };
  }
  const name = problems.value('mapping.name', given.name, nameOf);
  if (given.name == null) problems.add('mapping', 'needs a name, or a text.');
  return name == null ? undefined : { name, version: given.version ?? undefined };
}

type Narrow = NonNullable<AskedPlan['narrow']>;

function readNarrow(
  given: typeof SyncNarrowInput.$inferInput | null | undefined,
  problems: Problems,
): Narrow | undefined {
  if (given == null) return undefined;
  const { actions } = given;
  const list = (name: 'emails' | 'keys' | 'domains' | 'groups', read: ValueReader) =>
    problems.list(`narrow.${name}`, given[name], MOST_VALUES, read) ?? undefined;
  const [emails, keys] = [list('emails', emailOf), list('keys', textOf(1_000))];
  const [domains, groups] = [list('domains', nameOf), list('groups', nameOf)];
  const limits = given.limits?.map(({ limit, count, percent }, index) => {
    if (count == null && percent == null)
      problems.add(`narrow.limits[${index}]`, 'needs a count, or a percent.');
    if (count != null && count < 0) problems.add(`narrow.limits[${index}].count`, 'must be 0 or more.');
    if (percent != null && (percent < 0 || percent > 100))
      problems.add(`narrow.limits[${index}].percent`, 'must be from 0 to 100.');
    return { limit, ...(count == null ? {} : { count }), ...(percent == null ? {} : { percent }) };
  });
  return {
    ...(emails === undefined ? {} : { emails }),
    ...(keys === undefined ? {} : { keys }),
    ...(domains === undefined ? {} : { domains }),
    ...(groups === undefined ? {} : { groups }),
    ...(actions == null ? {} : { actions }),
    ...(limits === undefined ? {} : { limits }),
  };
}

async function readSource(
  context: Context,
  given: string | null | undefined,
  field: string,
): Promise<string | undefined> {
  if (given == null) return undefined;
  const reading = context.within('read');
  return reading.connectors.allowed(await chooseConnector(reading, given, field)).id;
}

async function readRetry(
  context: Context,
  given: string | null | undefined,
  connector: ConnectorRecord,
  field: string,
): Promise<string | undefined> {
  if (given == null) return undefined;
  const run = await runOf(context, given, field);
  if (run.connector_id !== connector.id) throw new InvalidInput(field, 'is a run of another connector.');
  return run.id;
}
