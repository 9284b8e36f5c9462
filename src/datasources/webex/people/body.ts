import { readObjects, type WireObject } from '../../rest/json.ts';
import type { PostalAddress } from '../records.ts';

/** What to change of a person. Absent: left alone. Null: cleared. */
export interface PersonChanges {
  /** The first is the one to sign in with. */
  readonly emails?: readonly string[];
  readonly displayName?: string;
  readonly firstName?: string | null;
  readonly lastName?: string | null;
  readonly title?: string | null;
  readonly department?: string | null;
  /** Free text beside `managerId`. */
  readonly manager?: string | null;
  readonly managerId?: string | null;
  readonly avatar?: string | null;
  /** Numbers at work: Webex takes no others. */
  readonly phoneNumbers?: readonly string[] | null;
  readonly extension?: string | null;
  readonly locationId?: string;
  readonly addresses?: readonly PostalAddress[] | null;
  readonly siteUrls?: readonly string[] | null;
  readonly licenses?: readonly string[];
  readonly roles?: readonly string[];
  readonly loginEnabled?: boolean;
}

/**
 * Fields that Webex shows and does not take. Source: its reference of `PUT /people`, and what its clients
 * leave out; loginEnabled is taken, and stays as it is when it is not sent.
 */
const READ_ONLY = new Set([
  ...['id', 'orgId', 'created', 'lastModified', 'timezone', 'lastActivity', 'sipAddresses', 'status'],
  ...['invitePending', 'loginEnabled', 'type', 'nickName', 'userName', 'avatarProvided'],
  ...['xmppFederationJid', 'errors'],
]);

/** The body that creates a person. What is cleared needs not be said. */
export function creationBody(changes: PersonChanges): WireObject {
  return Object.fromEntries(Object.entries(wireOf(changes)).filter(([, value]) => value !== ''));
}

/**
 * The body of `PUT /people/{id}`, which replaces the whole person: everything that Webex has shown of them
 * and takes again, also fields that are new to us, with the changes on top. A text is cleared with an empty
 * one, as leaving it out does not clear it. What Webex has not shown is not sent, and nothing is made up. Pure.
 * @param shown the person as Webex has shown them, calling data included
 */
export function replacementBody(shown: WireObject, changes: PersonChanges): WireObject {
  const kept = Object.entries(shown).filter(([name, value]) => value != null && !READ_ONLY.has(name));
  return { ...Object.fromEntries(kept), ...withoutForeignNumbers(shown), ...wireOf(changes) };
}

/** Webex takes numbers of the type `work` only, and keeps the others whatever is sent. */
function withoutForeignNumbers(shown: WireObject): WireObject {
  if (!Array.isArray(shown.phoneNumbers)) return {};
  return { phoneNumbers: readObjects(shown, 'phoneNumbers').filter(({ type }) => type === 'work') };
}

function wireOf(changes: PersonChanges): WireObject {
  const { phoneNumbers, addresses, siteUrls, ...rest } = changes;
  const texts = Object.entries(rest).map(([name, value]) => [name, value ?? ''] as const);
  return {
    ...Object.fromEntries(texts),
    ...(phoneNumbers === undefined
      ? {}
      : { phoneNumbers: (phoneNumbers ?? []).map((value) => ({ type: 'work', value })) }),
    ...(addresses === undefined ? {} : { addresses: addresses ?? [] }),
    ...(siteUrls === undefined ? {} : { siteUrls: siteUrls ?? [] }),
  };
}
