import { encodeGlobalID } from '@pothos/plugin-relay';
import { type IdKind, isPublicId, isSpelledByWebex, unpadded } from '../../datasources/webex/ids.ts';
import { type FoundKind, InvalidInput } from '../../errors/request.ts';

/** How many objects may be asked for by id at once. */
export const MOST_IDS = 1_000;

/** What a global id names: a type, and an object of the gateway, or of a connector's organization. */
export interface GlobalId {
  readonly type: string;
  /** The id of the connector. For an object that the gateway keeps itself, its own id. */
  readonly connectorId: string;
  /** The id Webex uses. Empty for an object that the gateway keeps itself. */
  readonly webexId: string;
}

/** The types whose objects the gateway keeps itself. Their global ids name a type and one id. */
type OwnType = 'Connector' | 'ApiKey' | 'AuditEvent' | 'SyncFile' | 'SyncPlan' | 'SyncRun' | 'SyncSchedule';

/** The global id of an object that the gateway keeps itself. */
export function globalIdOf(type: OwnType, id: string): string {
  return encodeGlobalID(type, id);
}

/** The global id of an object of Webex, in the organization of a connector. */
export function webexGlobalId(
  type: WebexType | 'Organization',
  connectorId: string,
  webexId: string,
): string {
  return encodeGlobalID(type, localId(connectorId, webexId));
}

const BARE_ID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

/**
 * The id of an API key, from its global id or from the bare id that `npm run key` prints.
 * Throws InvalidInput for anything else.
 */
export function readApiKeyId(text: string, field: string): string {
  if (BARE_ID.test(text)) return text;
  const id = parseGlobalId(text);
  if (id?.type !== 'ApiKey') throw new InvalidInput(field, `must be the id of an ApiKey${isNot(id)}.`);
  return id.connectorId;
}

/** Whether a text can be the id of an object that the gateway keeps itself. */
export function isOwnId(text: string): boolean {
  return BARE_ID.test(text);
}

/** The id of an object of `type` that the gateway keeps itself, behind its global id. Throws InvalidInput. */
export function readOwnId(text: string, type: OwnType, field: string): string {
  const id = parseGlobalId(text);
  if (id?.type !== type || !isOwnId(id.connectorId)) {
    throw new InvalidInput(field, `must be the id of a ${type}${isNot(id?.type === type ? undefined : id)}.`);
  }
  return id.connectorId;
}

/** The part of a global id that Pothos puts behind the type. */
export function localId(connectorId: string, webexId: string): string {
  return `${connectorId}:${webexId}`;
}

/** Undefined for a text that is no global id. */
export function parseGlobalId(text: string): GlobalId | undefined {
  // Not by Pothos, which throws for each of the ids that are Webex's own.
  const [type = '', connectorId, ...rest] = Buffer.from(text, 'base64').toString('utf8').split(':');
  if (type === '' || connectorId === undefined) return undefined;
  const webexId = rest.join(':');
  // Decoding is lenient; what does not encode to the same text was not made here.
  return encodeGlobalID(type, [connectorId, ...rest].join(':')) === text
    ? { type, connectorId, webexId }
    : undefined;
}

/** What a global id names; undefined for ids of Webex, which may look like one by chance, and for names. */
export function readGlobalId(text: string): GlobalId | undefined {
  const id = parseGlobalId(text);
  return id !== undefined && id.connectorId !== '' && /^[A-Z]\w*$/.test(id.type) ? id : undefined;
}

/** The id of a connector behind its global id. Throws InvalidInput for anything else. */
export function readConnectorId(text: string, field: string): string {
  const id = readGlobalId(text);
  if (id?.type !== 'Connector') throw new InvalidInput(field, `must be the id of a Connector${isNot(id)}.`);
  return id.connectorId;
}

/** What Webex's own ids call the objects behind our types. */
const KINDS = { User: 'PEOPLE', Group: 'SCIM_GROUP', License: 'LICENSE', Role: 'ROLE' } as const satisfies {
  readonly [type: string]: IdKind;
};

/** The types whose objects Webex finds by id. */
export type WebexType = keyof typeof KINDS;

/** What errors call objects of a type. */
export const NOUNS = {
  User: 'user',
  Group: 'group',
  License: 'license',
  Role: 'role',
} as const satisfies Readonly<Record<WebexType, FoundKind>>;

/** Whether Webex can have an object of `type` with this id; if not, it need not be asked. */
export function isWebexId(webexId: string, type: WebexType): boolean {
  return isPublicId(webexId, KINDS[type]);
}

/**
 * The Webex id behind a global id of `type`, or the text itself if it is a Webex id already, as
 * scripts hold them; null for an object of another connector, which does not exist in this one, and for
 * what cannot be the id of such an object.
 * Throws InvalidInput for the global id of another type.
 */
export function readWebexId(
  text: string,
  type: WebexType,
  connectorId: string,
  field: string,
): string | null {
  const id = readGlobalId(text);
  if (id === undefined) return isWebexId(text, type) ? unpadded(text) : null;
  if (id.type !== type) throw new InvalidInput(field, `must be the id of a ${type}${isNot(id)}.`);
  return id.connectorId === connectorId && isWebexId(id.webexId, type) ? id.webexId : null;
}

function isNot(id: GlobalId | undefined): string {
  return id === undefined ? '; this is not an id of the gateway' : `, not of a ${id.type}`;
}

/** An object that a mutation is about. */
export interface ObjectId {
  /** Undefined for an id of Webex, which names no connector. */
  readonly connectorId: string | undefined;
  /** As Webex spells it: locks and the audit trail go by it. */
  readonly webexId: string;
}

/**
 * The object of `type` that a global id names, or an id of Webex.
 * @param field where it stands in the caller's request
 * Throws InvalidInput for the id of another type and for anything else.
 */
export function readObjectId(text: string, type: WebexType, field: string): ObjectId {
  const id = readGlobalId(text);
  const webexId = id === undefined ? unpadded(text) : id.webexId;
  const isRight = (id === undefined || id.type === type) && isWebexId(webexId, type);
  if (!isRight || !isSpelledByWebex(webexId)) {
    const found = id?.type === type ? '' : isNot(id);
    throw new InvalidInput(field, `must be the id of a ${type}${found}. Take it from the field id.`);
  }
  return { connectorId: id?.connectorId, webexId };
}
