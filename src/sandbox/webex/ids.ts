/** The kinds of object that Webex's public ids name. */
export type IdKind =
  | 'PEOPLE'
  | 'ORGANIZATION'
  | 'SCIM_GROUP'
  | 'LICENSE'
  | 'ROLE'
  | 'LOCATION'
  | 'AUTHORIZATION'
  | 'APPLICATION'
  | 'LICENSE_USER_PAGING';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** A public id: Webex's ids are base64 of a `ciscospark://` URI, without padding. */
export function encodeId(kind: IdKind, rest: string): string {
  return Buffer.from(`ciscospark://us/${kind}/${rest}`, 'utf8')
    .toString('base64')
    .replace(/={1,2}$/, '');
}

/** What stands behind the kind in a public id; undefined when the id is malformed or of another kind. */
export function decodeId(kind: IdKind, id: string): string | undefined {
  if (!/^[A-Za-z0-9+/_-]+=*$/.test(id)) return undefined;
  const uri = Buffer.from(id, 'base64').toString('utf8');
  const [, found, rest] = /^ciscospark:\/\/[^/]+\/([A-Z_]+)\/(.+)$/.exec(uri) ?? [];
  return found === kind ? rest : undefined;
}

/** The UUID in a person's public id; undefined if it is not such an id. */
export function personUuid(id: string): string | undefined {
  const rest = decodeId('PEOPLE', id);
  return rest !== undefined && UUID.test(rest) ? rest.toLowerCase() : undefined;
}

/** The group's own UUID: a group's id holds two, its own and its organization's, with a colon between. */
export function groupUuid(id: string): string | undefined {
  const own = decodeId('SCIM_GROUP', id)?.split(':')[0];
  return own !== undefined && UUID.test(own) ? own.toLowerCase() : undefined;
}

export function isUuid(text: string): boolean {
  return UUID.test(text);
}
