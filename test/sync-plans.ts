import { eventsOf, openStream, type Plan, type Run, synchronize } from './sync-api.ts';
import type { World } from './world.ts';

/** A mapping of files or rows with the columns id, mail, first, last, name and title. */
export const STAFF = `version: 1
name: staff
source: { kind: FILE, key: id }
user: { emails: mail, firstName: first, lastName: last, displayName: name, title: title }`;

/** A record for STAFF. */
export interface StaffRecord {
  readonly id: string;
  readonly mail: string;
  readonly first: string;
  readonly last: string;
  readonly name: string;
  readonly title: string;
}

/** The people of the sandbox as their source would have them. */
export function staffOf({ webex }: World): StaffRecord[] {
  return webex.people.map((person, index) => ({
    id: `E${index + 1}`,
    mail: person.email,
    first: person.firstName ?? '',
    last: person.lastName ?? '',
    name: person.displayName,
    title: person.title ?? '',
  }));
}

/** Records as a CSV file. No value of the sandbox holds a quote. */
export function csvOf(records: readonly StaffRecord[]): string {
  const rows = records.map((record) => [
    ...[record.id, record.mail, record.first, record.last, record.name, record.title],
  ]);
  return [['id', 'mail', 'first', 'last', 'name', 'title'], ...rows]
    .map((row) => row.map((value) => `"${value}"`).join(','))
    .join('\n');
}

/** Uploads a CSV file. Returns its id. */
export async function upload(world: World, content: string): Promise<string> {
  const response = await world.gateway.fetch(
    new Request('http://gateway.test/sync/files?name=staff.csv', {
      ...{ method: 'PUT', body: content, duplex: 'half' },
      headers: { 'content-type': 'text/csv', ...world.administrator },
    }),
  );
  const answer: { readonly id: string } = JSON.parse(await response.text());
  if (response.status >= 300) throw new Error(JSON.stringify(answer));
  return answer.id;
}

const WATCH = `subscription ($id: ID!) { syncPlan(id: $id) {
  id state digest hasChanges error { code message }
  lists { name complete count requests reason }
  counts { kind situation action withheld count }
  verdicts { limit value threshold outcome message examples { seq } }
  estimate { requests seconds }
} }`;

/** A plan as it is once it is made. */
export interface MadePlan extends Plan {
  readonly hasChanges: boolean;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly lists: readonly {
    readonly name: string;
    readonly complete: boolean;
    readonly count: number;
    readonly requests: number;
  }[];
  readonly counts: readonly {
    readonly situation: string;
    readonly action: string;
    readonly withheld: string | null;
    readonly count: number;
  }[];
  readonly verdicts: readonly {
    readonly limit: string;
    readonly outcome: string;
    readonly message: string;
    readonly examples: readonly { readonly seq: number }[];
  }[];
  readonly estimate: { readonly requests: number; readonly seconds: number };
}

/** Asks for a plan. Throws if it is refused. */
export async function askForPlan(world: World, input: object): Promise<Plan> {
  const asked = { connector: world.connectorId, mapping: { text: STAFF }, ...input };
  const { plan, error } = await synchronize(world, 'planSync', asked);
  if (plan == null) throw new Error(error?.message);
  return plan;
}

/** Follows a plan until it is made or has failed. */
export async function untilMade(world: World, id: string): Promise<MadePlan> {
  let last: MadePlan | undefined;
  const events = eventsOf<{ readonly syncPlan: MadePlan }>(await openStream(world, WATCH, { id }));
  for await (const { data, errors } of events) {
    if (data == null) throw new Error(JSON.stringify(errors));
    last = data.syncPlan;
  }
  if (last === undefined) throw new Error('The subscription ended without an event');
  return last;
}

/** A plan of these records, as a file. */
export async function planOf(
  world: World,
  records: readonly StaffRecord[],
  input: object = {},
): Promise<MadePlan> {
  const { id } = await askForPlan(world, { file: await upload(world, csvOf(records)), ...input });
  return untilMade(world, id);
}

const WATCH_RUN = 'subscription ($id: ID!) { syncRun(id: $id) { id state settled total reason message } }';

/** Applies a plan, and follows its run until it has ended or is paused. */
export async function applied(world: World, { id, digest }: Plan): Promise<Run> {
  const { run, error } = await synchronize(world, 'applySync', { id, digest });
  if (run == null) throw new Error(error?.message);
  let last: Run = run;
  const events = eventsOf<{ readonly syncRun: Run }>(await openStream(world, WATCH_RUN, { id: run.id }));
  for await (const { data, errors } of events) {
    if (data == null) throw new Error(JSON.stringify(errors));
    last = data.syncRun;
    if (last.state === 'PAUSED') break;
  }
  return last;
}

/** An item of a plan, as callers see it. */
export interface Item {
  readonly seq: number;
  readonly situation: string;
  readonly action: string;
  readonly withheld: string | null;
  readonly name: string;
  readonly at: string | null;
  readonly sourceKey: string | null;
  readonly outcome: string | null;
  readonly changes: readonly { readonly field: string; readonly before: unknown; readonly after: unknown }[];
}

/** The first thousand items of a plan. */
export async function itemsOf(world: World, id: string): Promise<readonly Item[]> {
  const { node } = await world.ask<{ node: { items: { nodes: readonly Item[] } } }>(
    `query ($id: ID!) { node(id: $id) { ... on SyncPlan { items(first: 1000) { nodes {
      seq wave situation action withheld reason name at sourceKey outcome changes { field before after } error { code message }
    } } } } }`,
    { id },
  );
  return node.items.nodes;
}
