import { timestamp } from '../../clock.ts';
import type { Settings } from '../settings.ts';
import type { PersonRecord } from '../state/records.ts';
import type { World } from '../world.ts';

/** How much of a person an answer shows. */
export interface PersonDetail {
  /** `id` is the poor payload of `?id=`; `own` is what people without administrator rights see. */
  readonly tier: 'admin' | 'own' | 'id';
  readonly calling: boolean;
  readonly presence: boolean;
}

/** A routing prefix that Webex puts before extensions. */
const ROUTING_PREFIX = '8';

/** A person as Webex shows it; what is unset is undefined, hence absent in JSON. */
export function personView(person: PersonRecord, detail: PersonDetail, world: World) {
  const names = {
    id: person.id,
    emails: person.emails,
    userName: person.emails[0],
    displayName: person.displayName,
    nickName: person.nickName,
    firstName: person.firstName,
    lastName: person.lastName,
    avatar: person.avatar,
    orgId: world.tenant.organization.id,
    created: timestamp(person.created),
    type: 'person',
  };
  // Answers to ?id= name the user; plain lists and single people of an administrator do not.
  if (detail.tier === 'id') return names;
  const { userName, ...rest } = names;
  const presence = {
    lastModified: timestamp(person.lastModified),
    timezone: person.timezone,
    ...(detail.presence && {
      status: person.status,
      lastActivity: person.lastActivity === undefined ? undefined : timestamp(person.lastActivity),
    }),
  };
  if (detail.tier === 'own') return { ...rest, ...presence };
  return { ...rest, ...adminView(person, detail.calling, world), ...presence };
}

function adminView(person: PersonRecord, calling: boolean, world: World) {
  const { settings } = world;
  return {
    phoneNumbers: phoneNumbersOf(person, calling),
    ...(calling && { extension: person.extension, locationId: person.locationId }),
    roles: [...person.roles].map((role) => role.id),
    licenses: [...person.licenses].map((license) => license.id),
    department: person.department,
    title: person.title,
    manager: person.manager,
    managerId: person.managerId,
    addresses: filled(person.addresses),
    siteUrls: filled(person.siteUrls),
    sipAddresses: sipAddressesOf(person, world),
    xmppFederationJid: person.emails[0],
    invitePending: flag(person.invitePending, settings),
    loginEnabled: flag(person.loginEnabled, settings),
  };
}

function filled<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list;
}

function flag(value: boolean, settings: Settings): boolean | 'true' | 'false' {
  if (!settings.booleansAsStrings) return value;
  return value ? 'true' : 'false';
}

function phoneNumbersOf(person: PersonRecord, calling: boolean) {
  const { callingNumber, extension } = person;
  return filled([
    ...person.phoneNumbers,
    ...(calling && callingNumber !== undefined ? [{ type: 'work', value: callingNumber }] : []),
    ...(calling && extension !== undefined
      ? [{ type: 'work_extension', value: ROUTING_PREFIX + extension }]
      : []),
  ]);
}

/** Webex fills these some time after a person is created. */
function sipAddressesOf(person: PersonRecord, world: World) {
  if (person.sipAddressesFrom > world.clock.now()) return undefined;
  const local = (person.emails[0] ?? person.uuid).split('@')[0];
  const [company] = world.tenant.organization.domain.split('.');
  return [
    { type: 'personal-room', value: `${local}@${company}.webex.com`, primary: false },
    { type: 'enterprise', value: `${local}@${company}.calls.webex.com`, primary: true },
  ];
}
