import { randomUUID } from 'node:crypto';
import { type Database, openDatabase } from '../src/store/database.ts';
import { migrateToLatest } from '../src/store/migrate.ts';
import type { ComparedPlan } from '../src/store/sync/matches.ts';
import { createStagingRepository, type Staging, type StagingRow } from '../src/store/sync/staging.ts';
import type { DesiredUser, ObservedUser } from '../src/sync/words.ts';
import { freshDatabase } from './databases.ts';

export interface GivenRecord {
  readonly key: string | null;
  readonly previousKey?: string;
  readonly emails: readonly string[];
  readonly alternates?: readonly string[];
  readonly former?: readonly string[];
  readonly qualifies?: boolean;
  readonly state?: StagingRow<'sync_source_rows'>['state'];
  /** Canonical names. */
  readonly groups?: readonly string[];
  readonly desired?: Partial<DesiredUser>;
}

export interface GivenPerson {
  readonly id: string;
  readonly emails: readonly string[];
  readonly type?: string;
  readonly observed?: Partial<ObservedUser>;
}

export interface GivenGroup {
  readonly name: string;
  readonly members: readonly string[];
  readonly complete?: boolean;
}

export interface GivenLink {
  readonly key: string;
  readonly id: string;
  readonly mapping?: string;
  readonly missingSince?: Date;
}

export interface GivenPlan {
  readonly records: readonly GivenRecord[];
  readonly people: readonly GivenPerson[];
  readonly groups?: readonly GivenGroup[];
  readonly links?: readonly GivenLink[];
}

/** A database in which plans are staged as reading and observing would do it. */
export interface StagedWorld {
  readonly database: Database;
  stage(given: GivenPlan): Promise<{ plan: ComparedPlan; staging: Staging }>;
  close(): Promise<void>;
}

/** Opens an empty database with the tables of synchronization. */
export async function openStaged(): Promise<StagedWorld> {
  const fresh = await freshDatabase();
  const database = await openDatabase(fresh.options);
  await migrateToLatest(database.db, database.location);
  const repository = createStagingRepository(database.db, database.kind);
  let plans = 0;
  return {
    database,
    async stage(given) {
      plans += 1;
      const plan = { planNo: plans, connectorId: randomUUID(), organizationId: 'org', mapping: 'staff' };
      const staging = await repository.open(plan.planNo, 1);
      await addConnector(database, plan.connectorId);
      await stageRecords(staging, given.records);
      await staging.insert('sync_target_rows', given.people.map(personRow));
      await stageGroups(staging, given.groups ?? []);
      await addLinks(database, plan, given.links ?? []);
      await staging.analyze();
      return { plan, staging };
    },
    async close() {
      await database.close();
      await fresh[Symbol.asyncDispose]();
    },
  };
}

async function stageRecords(staging: Staging, records: readonly GivenRecord[]): Promise<void> {
  await staging.insert('sync_source_rows', records.map(recordRow));
  const wanted = records.flatMap(({ groups = [] }, index) =>
    groups.map((name_key) => ({ name_key, row_no: index + 1 })),
  );
  await staging.insert('sync_wanted_members', wanted);
}

function recordRow(record: GivenRecord, index: number): StagingRow<'sync_source_rows'> {
  const { key, previousKey = null, emails, state = 'OK', desired, groups } = record;
  const user: DesiredUser = {
    emails: { values: emails, mode: 'FIRST' },
    fields: {},
    licenses: [],
    roles: [],
    ...(groups === undefined ? {} : { groups }),
    ...desired,
  };
  return {
    ...{ row_no: index + 1, at: `line ${index + 2}`, key, previous_key: previousKey, emails: [...emails] },
    alternates: [...(record.alternates ?? [])],
    former: [...(record.former ?? [])],
    ...{ qualifies: record.qualifies ?? true, state, problems: null },
    desired: state === 'OK' ? JSON.parse(JSON.stringify(user)) : null,
  };
}

function personRow(person: GivenPerson): StagingRow<'sync_target_rows'> {
  const [email = null, ...others] = person.emails;
  const observed: ObservedUser = {
    ...{
      emails: person.emails,
      fields: { loginEnabled: true },
      licenses: [],
      roles: [],
      invitePending: false,
    },
    ...person.observed,
  };
  return {
    ...{ webex_id: person.id, email, others, name: `Name of ${person.id}`, type: person.type ?? 'person' },
    observed: JSON.parse(JSON.stringify(observed)),
  };
}

async function stageGroups(staging: Staging, groups: readonly GivenGroup[]): Promise<void> {
  const idOf = ({ name }: GivenGroup) => `group-${name}`;
  await staging.insert(
    'sync_target_groups',
    groups.map((group) => ({
      ...{ webex_id: idOf(group), name: group.name, name_key: group.name.toLowerCase(), description: null },
      complete: group.complete ?? true,
    })),
  );
  const members = groups.flatMap((group) =>
    group.members.map((webex_id) => ({ group_id: idOf(group), webex_id })),
  );
  await staging.insert('sync_held_members', members);
}

async function addConnector({ db }: Database, id: string): Promise<void> {
  await db
    .insertInto('connectors')
    .values({
      ...{ id, name: id, client_id: 'client', client_secret: null, service_uri: 'https://webex.example' },
      ...{ token_endpoint: 'https://webex.example/t', authorization_endpoint: 'https://webex.example/a' },
      ...{
        scopes: [],
        maximum_connections: 10,
        connection_timeout: 5,
        proxy_url: null,
        ca_certificates: null,
      },
      ...{
        client_authentication: 'CLIENT_SECRET_POST',
        organization_id: null,
        read_only: false,
        declared: false,
      },
    })
    .execute();
}

async function addLinks({ db }: Database, plan: ComparedPlan, links: readonly GivenLink[]): Promise<void> {
  if (links.length === 0) return;
  const rows = links.map(({ key, id, mapping = plan.mapping, missingSince }) => ({
    ...{ connector_id: plan.connectorId, organization_id: plan.organizationId, mapping_name: mapping },
    ...{ kind: 'USER' as const, source_key: key, webex_id: id, emails: [], created_by_us: false },
    ...{ missing_since: missingSince ?? null, confirmed_at: new Date() },
  }));
  for (let from = 0; from < rows.length; from += 1_000)
    await db
      .insertInto('sync_links')
      .values(rows.slice(from, from + 1_000))
      .execute();
}
