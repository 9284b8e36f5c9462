/** Where secrets are stored: each of these columns holds sealed text or null, never a plain secret or the content of a file. */
export const SEALED_COLUMNS = [
  { table: 'connectors', key: 'id', column: 'client_secret' },
  { table: 'connectors', key: 'id', column: 'proxy_url' },
  { table: 'grants', key: 'connector_id', column: 'access_token' },
  { table: 'grants', key: 'connector_id', column: 'refresh_token' },
  { table: 'authorization_requests', key: 'state_hash', column: 'code_verifier' },
  { table: 'idempotency_keys', key: 'id', column: 'answer' },
  { table: 'sync_file_chunks', key: 'id', column: 'body' },
] as const;

export type SealedColumn = (typeof SEALED_COLUMNS)[number];

/** The place that a sealed value is bound to: table, primary key and column. */
export function placeOf(table: SealedColumn['table'], key: string, column: SealedColumn['column']): string {
  return `${table}/${key}/${column}`;
}
