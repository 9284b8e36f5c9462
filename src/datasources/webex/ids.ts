/**
 * Public Webex ids are unpadded base64 of `ciscospark://<region>/<KIND>/<rest>`; SCIM uses the bare UUID
 * inside. Ids stay opaque everywhere else: this file is the only one that looks into them.
 */

/** What a public id can name, of what can be read by id. Source: ids in Webex's reference. */
export type IdKind = 'PEOPLE' | 'SCIM_GROUP' | 'LICENSE' | 'ROLE' | 'ORGANIZATION';

/** Far more than any id of Webex has, in characters. */
const LONGEST_ID = 512;

/**
 * Whether a text has the shape of a public id of this kind. Anything else Webex is not asked about: some of
 * its operations take other texts too, `me` or a bare UUID, and others do not, so that what an id means
 * would hang on the operation that happens to be the cheapest.
 */
export function isPublicId(text: string, kind: IdKind): boolean {
  if (text.length > LONGEST_ID || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return false;
  const uri = Buffer.from(text, 'base64').toString('utf8');
  return /^ciscospark:\/\/[^/]+\/([A-Z_]+)\/.+$/.exec(uri)?.[1] === kind;
}

/** Whether a public id is spelled as Webex does, who has one spelling for each: base64 of either alphabet without padding. */
export function isSpelledByWebex(publicId: string): boolean {
  const bytes = Buffer.from(publicId, 'base64');
  return unpadded(bytes.toString('base64')) === publicId || bytes.toString('base64url') === publicId;
}

/** A public id as Webex writes it, without the padding that some tools add. */
export function unpadded(publicId: string): string {
  return publicId.slice(0, LONGEST_ID).replace(/={1,2}$/, '');
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * The UUID inside a person's, organization's or group's public id (a group's id names its organization
 * too, behind a colon); undefined if the id holds no UUID.
 */
export function uuidOf(publicId: string): string | undefined {
  const rest = Buffer.from(publicId, 'base64').toString('utf8').split('/').at(-1) ?? '';
  const uuid = rest.split(':')[0] ?? '';
  return UUID.test(uuid) ? uuid.toLowerCase() : undefined;
}

/** Whether two ids of people, of groups or of organizations name the same: region and padding need not be the same. */
export function isSameId(one: string, other: string): boolean {
  return one === other || (uuidOf(one) ?? one) === (uuidOf(other) ?? other);
}

/** The public id of the group with this SCIM UUID, in the region and organization of `organizationId`. */
export function groupIdOf(groupUuid: string, organizationId: string): string | undefined {
  const { region, uuid } = organizationOf(organizationId);
  return region === undefined ? undefined : publicIdOf(`${region}/SCIM_GROUP/${groupUuid}:${uuid}`);
}

/** The public id of the person with this SCIM UUID, in the region of `organizationId`. */
export function personIdOf(personUuid: string, organizationId: string): string | undefined {
  const { region } = organizationOf(organizationId);
  return region === undefined ? undefined : publicIdOf(`${region}/PEOPLE/${personUuid}`);
}

function organizationOf(organizationId: string): { readonly region?: string; readonly uuid?: string } {
  const uri = Buffer.from(organizationId, 'base64').toString('utf8');
  const [, region, uuid] = /^ciscospark:\/\/([^/]+)\/ORGANIZATION\/([^/]+)$/.exec(uri) ?? [];
  return region === undefined || uuid === undefined ? {} : { region, uuid };
}

function publicIdOf(rest: string): string {
  return unpadded(Buffer.from(`ciscospark://${rest}`, 'utf8').toString('base64'));
}

/**
 * The form in which two spellings of a public id are equal: with padding or without, in either alphabet of base64, and
 * from any region, as the UUID behind it names one object in all of them. Other texts stay as they are.
 */
export function canonicalId(id: string): string {
  if (id.length > LONGEST_ID) return id;
  const [, kind, rest] =
    /^ciscospark:\/\/[^/]*\/([A-Z_]+)\/(.+)$/.exec(Buffer.from(id, 'base64').toString('utf8')) ?? [];
  return kind === undefined || rest === undefined ? id : `${kind}/${rest}`;
}
