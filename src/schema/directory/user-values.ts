import type { PostalAddress, TypedValue } from '../../datasources/webex/records.ts';
import { builder } from '../base/builder.ts';

/** Enum values by the spelling that Webex uses; the mixed case is Webex's. */
const PRESENCES = {
  ACTIVE: { value: 'active', description: 'Active in the last ten minutes.' },
  CALL: { value: 'call', description: 'Is in a call.' },
  DO_NOT_DISTURB: { value: 'DoNotDisturb', description: 'Does not want to be disturbed.' },
  INACTIVE: { value: 'inactive', description: 'Not active for some time.' },
  MEETING: { value: 'meeting', description: 'Is in a meeting.' },
  OUT_OF_OFFICE: { value: 'OutOfOffice', description: 'Is out of office.' },
  PENDING: { value: 'pending', description: 'Has never signed in.' },
  PRESENTING: { value: 'presenting', description: 'Is sharing a screen.' },
  UNKNOWN: {
    value: 'unknown',
    description: 'Webex does not know, or sent a value that this gateway does not know.',
  },
} as const;

const TYPES = {
  PERSON: { value: 'person', description: 'A human being.' },
  BOT: { value: 'bot', description: 'A program that takes part in conversations.' },
  APP_USER: { value: 'appuser', description: 'A guest of an application that embeds Webex.' },
  UNKNOWN: { value: 'unknown', description: 'Webex sent no value, or one that this gateway does not know.' },
} as const;

export type UserPresenceValue = (typeof PRESENCES)[keyof typeof PRESENCES]['value'];
export type UserTypeValue = (typeof TYPES)[keyof typeof TYPES]['value'];

export const UserPresence = builder.enumType('UserPresence', {
  description: 'The presence of a user.',
  values: PRESENCES,
});

export const UserType = builder.enumType('UserType', {
  description: 'The kind of account.',
  values: TYPES,
});

/** The presence that Webex named. Undefined stays undefined, and a name that this gateway does not know is `unknown`. */
export function toPresence(status: string | undefined): UserPresenceValue | undefined {
  if (status === undefined) return undefined;
  return Object.values(PRESENCES).find(({ value }) => value === status)?.value ?? 'unknown';
}

/** The type of account that Webex named; `unknown` if it named none, or one that this gateway does not know. */
export function toUserType(type: string | undefined): UserTypeValue {
  return Object.values(TYPES).find(({ value }) => value === type)?.value ?? 'unknown';
}

export const PhoneNumberRef = builder.objectRef<TypedValue>('PhoneNumber').implement({
  description: 'A phone number of a user.',
  fields: (t) => ({
    type: t.exposeString('type', {
      description:
        'What the number is for, in Webex’s spelling: work, work_extension, mobile, fax, enterprise, alternate1, alternate2.',
    }),
    value: t.exposeString('value', { description: 'The phone number.' }),
    primary: t.exposeBoolean('primary', { description: 'Whether it is the user’s main number.' }),
  }),
});

export const SipAddressRef = builder.objectRef<TypedValue>('SipAddress').implement({
  description: 'A SIP address of a user.',
  fields: (t) => ({
    type: t.exposeString('type', {
      description: 'The kind of address, in Webex’s spelling: personal-room, enterprise or cloud-calling.',
    }),
    value: t.exposeString('value', { description: 'The SIP address.' }),
    primary: t.exposeBoolean('primary', { description: 'Whether it is the user’s main address.' }),
  }),
});

export const AddressRef = builder.objectRef<PostalAddress>('Address').implement({
  description: 'A postal address of a user.',
  fields: (t) => ({
    type: t.exposeString('type', {
      nullable: true,
      description: 'What the address is for, for example work. Null if Webex does not say.',
    }),
    streetAddress: t.exposeString('streetAddress', { nullable: true, description: 'Street and number.' }),
    locality: t.exposeString('locality', { nullable: true, description: 'The city or town.' }),
    region: t.exposeString('region', { nullable: true, description: 'The state or province.' }),
    postalCode: t.exposeString('postalCode', { nullable: true, description: 'The postal code.' }),
    country: t.exposeString('country', { nullable: true, description: 'The country.' }),
  }),
});
