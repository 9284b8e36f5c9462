import { type Kysely, sql } from 'kysely';
import type { Tables } from '../tables.ts';

/** The mapping of a connector whose links are meant. */
export interface LinkOwner {
  readonly connectorId: string;
  readonly organizationId: string;
  readonly mappingName: string;
}

/** Since when the source no longer has the keys of links: the grace period counts from then. */
export interface MissingLinksRepository {
  /** Notes the time for links whose keys the plan found missing in a source that was read as a whole. */
  mark(owner: LinkOwner, planId: string): Promise<void>;
  /** Forgets the time for links whose keys the source has. Before the staging tables are dropped. */
  clear(owner: LinkOwner, planNo: number): Promise<void>;
}

/** The times in this database. */
export function createMissingLinksRepository(db: Kysely<Tables>): MissingLinksRepository {
  const own = ({ connectorId, organizationId, mappingName }: LinkOwner) => sql`
    link.connector_id = ${connectorId} and link.organization_id = ${organizationId}
    and link.mapping_name = ${mappingName}`;
  return {
    async mark(owner, planId) {
      await sql`
        update sync_links link set missing_since = now()
        where ${own(owner)} and missing_since is null and exists (
          select from sync_items item where item.plan_id = ${planId} and item.situation = 'SOURCE_MISSING'
          and item.withheld is distinct from 'INCOMPLETE'
          and item.kind = link.kind and item.source_key = link.source_key)`.execute(db);
    },
    async clear(owner, planNo) {
      await sql`
        update sync_links link set missing_since = null
        where ${own(owner)} and missing_since is not null and kind = 'USER' and exists (
          select from sync_source_rows row where row.plan_no = ${sql.lit(planNo)}
          and row.key = link.source_key and row.state <> 'DELETED')`.execute(db);
    },
  };
}
