import { builder } from './builder.ts';

const OBJECT_KINDS = {
  CONNECTOR: { description: 'A connector: its settings or its connection.' },
  USER: { description: 'A user of a Webex organization.' },
  GROUP: { description: 'A group of a Webex organization.' },
  LICENSE: { description: 'A license of a Webex organization.' },
  ROLE: { description: 'An administrator role of a Webex organization.' },
  ORGANIZATION: { description: 'A Webex organization.' },
  LOCATION: { description: 'A location of a Webex organization.' },
  API_KEY: { description: 'An API key of the gateway.' },
  SYNC_FILE: { description: 'A file that was uploaded for synchronization.' },
  AUDIT_EVENT: { description: 'An event of the audit trail.' },
  SYNC_MAPPING: { description: 'A mapping of records to users.' },
  SYNC_PLAN: { description: 'A plan of a synchronization.' },
  SYNC_RUN: { description: 'A run that applies a plan.' },
  SYNC_SCHEDULE: { description: 'A schedule of plans.' },
} as const satisfies Readonly<Record<string, { description: string }>>;

/** What kind of object an error or an audit event is about. */
export type ObjectKind = keyof typeof OBJECT_KINDS;

/** The kinds in the schema. */
export const ObjectKindEnum = builder.enumType('ObjectKind', {
  description: 'What kind of object something is about. More kinds may be added.',
  values: OBJECT_KINDS,
});
