import { type Kysely, sql } from 'kysely';
import type { Tables } from '../tables.ts';
import type { SyncKind } from './words.ts';

/** Where links belong. */
export interface LinkSpace {
  readonly connectorId: string;
  readonly organizationId: string;
  readonly mappingName: string;
}

/** A link to store: this key of the source is this record of Webex. */
export interface NewLink {
  readonly kind: SyncKind;
  readonly sourceKey: string;
  readonly webexId: string;
  /** Canonical. They are added to those that the link has. */
  readonly emails: readonly string[];
  /** The key whose link moves to this one. */
  readonly previousKey: string | null;
  readonly createdByUs: boolean;
}

/** A link to delete, by one of the two. */
export interface OldLink {
  readonly kind: SyncKind;
  readonly sourceKey: string | null;
  readonly webexId: string | null;
}

/**
 * Stores links. A key has one link and a record has one link, so that links which stand against a new one go.
 * A link that is stored is not missing.
 * @param asOf links that were confirmed after this moment stay as they are; null: all may be replaced
 */
export async function putLinks(
  db: Kysely<Tables>,
  space: LinkSpace,
  links: readonly NewLink[],
  asOf: Date | null = null,
): Promise<void> {
  if (links.length === 0) return;
  const rows = JSON.stringify(links);
  const isOlder = sql`(${asOf}::timestamptz is null or link.confirmed_at <= ${asOf}::timestamptz)`;
  await sql`delete from sync_links link using jsonb_to_recordset(${rows}::jsonb) as given
      (kind text, "sourceKey" text, "webexId" text, "previousKey" text)
    where ${inSpace(space)} and link.kind = given.kind and link.source_key <> given."sourceKey"
      and (link.webex_id = given."webexId" or link.source_key = given."previousKey") and ${isOlder}`.execute(
    db,
  );
  await sql`insert into sync_links as link (connector_id, organization_id, mapping_name, kind, source_key, webex_id, emails,
      created_by_us, missing_since, confirmed_at)
    select ${space.connectorId}::uuid, ${space.organizationId}, ${space.mappingName}, given.kind, given."sourceKey",
      given."webexId", array(select jsonb_array_elements_text(given.emails)), given."createdByUs", null, now()
    from jsonb_to_recordset(${rows}::jsonb) as given
      (kind text, "sourceKey" text, "webexId" text, emails jsonb, "createdByUs" boolean)
    where not exists (select from sync_links link where ${inSpace(space)} and link.kind = given.kind
      and link.webex_id = given."webexId" and link.source_key <> given."sourceKey")
    on conflict (connector_id, organization_id, mapping_name, kind, source_key) do update set
      webex_id = excluded.webex_id,
      emails = case when link.webex_id = excluded.webex_id
        then array(select distinct email from unnest(link.emails || excluded.emails) as email) else excluded.emails end,
      created_by_us = excluded.created_by_us or (link.created_by_us and link.webex_id = excluded.webex_id),
      missing_since = null, confirmed_at = now()
      where ${isOlder}`.execute(db);
}

/** Webex's id of the record that a key of a plan's mapping is linked to; undefined if it has no link. */
export async function linkedId(
  db: Kysely<Tables>,
  planId: string,
  kind: SyncKind,
  sourceKey: string,
): Promise<string | undefined> {
  const link = await db
    .selectFrom('sync_plans as plan')
    .innerJoin('sync_links as link', (join) =>
      join
        .onRef('link.connector_id', '=', 'plan.connector_id')
        .onRef('link.organization_id', '=', 'plan.organization_id')
        .onRef('link.mapping_name', '=', 'plan.mapping_name'),
    )
    .select('link.webex_id')
    .where('plan.id', '=', planId)
    .where('link.kind', '=', kind)
    .where('link.source_key', '=', sourceKey)
    .executeTakeFirst();
  return link?.webex_id;
}

/** Deletes links. @param asOf those that were confirmed after this moment stay; null: all go */
export async function dropLinks(
  db: Kysely<Tables>,
  space: LinkSpace,
  links: readonly OldLink[],
  asOf: Date | null = null,
): Promise<void> {
  if (links.length === 0) return;
  await sql`delete from sync_links link using jsonb_to_recordset(${JSON.stringify(links)}::jsonb) as given
      (kind text, "sourceKey" text, "webexId" text)
    where ${inSpace(space)} and link.kind = given.kind
      and (link.source_key = given."sourceKey" or link.webex_id = given."webexId")
      and (${asOf}::timestamptz is null or link.confirmed_at <= ${asOf}::timestamptz)`.execute(db);
}

function inSpace({ connectorId, organizationId, mappingName }: LinkSpace) {
  return sql`link.connector_id = ${connectorId} and link.organization_id = ${organizationId}
    and link.mapping_name = ${mappingName}`;
}
