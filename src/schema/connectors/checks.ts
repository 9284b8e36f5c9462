import type { CheckName, CheckStatus, ConnectorCheck } from '../../connectors/doctor/check.ts';
import { type Diagnosis, MOST_READS } from '../../connectors/doctor/doctor.ts';
import { InvalidInput, NotFound } from '../../errors/request.ts';
import { builder } from '../base/builder.ts';
import { readConnectorId } from '../base/global-ids.ts';
import { ConnectorRef } from '../base/refs.ts';

const CHECKS = {
  SETTINGS: { description: 'Whether everything was entered that connecting takes.' },
  SERVICE_URI_REACHABLE: {
    description:
      'Whether the service URI is reached: its name resolves, its certificate is trusted, and it answers.',
  },
  TOKEN_ENDPOINT_REACHABLE: {
    description: 'The same for the token endpoint, where access tokens are renewed.',
  },
  CLOCK_SKEW: {
    description:
      'How far the clock of the gateway’s machine is from Webex’s. More than a minute is a warning, more than five are a failure.',
  },
  TOKEN: {
    description:
      'Whether Webex accepts the access token, and for how many days the connection lasts. Fewer than fourteen are a warning.',
  },
  ADMINISTRATOR: {
    description: 'Whether the account that connected holds an administrator role that suffices.',
  },
  PEOPLE_SCOPES: { description: 'Whether users may be read and changed.' },
  LICENSE_SCOPES: { description: 'Whether licenses may be read.' },
  ROLE_SCOPES: { description: 'Whether administrator roles may be read.' },
  GROUP_SCOPES: { description: 'Whether groups may be read and changed.' },
  ORGANIZATION_SCOPES: { description: 'Whether the organization may be read, which shows its name.' },
  IDENTITY_SCOPES: {
    description:
      'Whether users may be read over SCIM, another interface of Webex, which finds the groups of a user fast.',
  },
  OTHER_SCOPES: { description: 'Whether Webex granted the other scopes that the connector asks for.' },
  POOL: { description: 'Whether the connections to Webex suffice, or requests wait for one.' },
  DIRECTORY_SYNC: {
    description:
      'Whether users come from a directory by Cisco Directory Connector, and cannot be created or deleted here. Webex does not tell, so this says how one notices.',
  },
} satisfies Record<CheckName, { description: string }>;

const STATUSES = {
  PASSED: { description: 'All is well.' },
  WARNING: { description: 'It works, but something should be looked after.' },
  FAILED: { description: 'It does not work; the message says how to mend it.' },
  SKIPPED: { description: 'It could not be looked at, or does not apply; the message says why.' },
} satisfies Record<CheckStatus, { description: string }>;

const ConnectorCheckName = builder.enumType('ConnectorCheckName', {
  description: 'What a test of a connector looks at.',
  values: CHECKS,
});

const CheckStatusEnum = builder.enumType('CheckStatus', {
  description: 'How a check ended.',
  values: STATUSES,
});

const ConnectorCheckRef = builder.objectRef<ConnectorCheck>('ConnectorCheck').implement({
  description: 'One thing that was looked at.',
  fields: (t) => ({
    name: t.expose('name', { type: ConnectorCheckName, description: 'What was looked at.' }),
    status: t.expose('status', { type: CheckStatusEnum, description: 'How it ended.' }),
    message: t.exposeString('message', {
      description: 'What was found and how to mend it, for a person. Never holds a secret.',
    }),
    durationMs: t.exposeInt('durationMs', { description: 'How long it took, in milliseconds.' }),
  }),
});

const ConnectorTestRef = builder.objectRef<Diagnosis>('ConnectorTest').implement({
  description: 'What a test found out about a connector.',
  fields: (t) => ({
    connector: t.expose('connector', { type: ConnectorRef, description: 'The connector as it is now.' }),
    ok: t.exposeBoolean('ok', { description: 'Whether no check failed. Warnings do not count.' }),
    checks: t.field({
      type: [ConnectorCheckRef],
      description: 'All checks, always the same ones in the same order.',
      resolve: ({ checks }) => [...checks],
    }),
    requests: t.exposeInt('requests', { description: 'How many requests the test sent to Webex.' }),
  }),
});

const TestConnectorInput = builder.inputType('TestConnectorInput', {
  description: 'Which connector to test.',
  fields: (t) => ({ connectorId: t.id({ required: true, description: 'Which connector.' }) }),
});

/** The rest is left to answer with: a change is not cut by the deadline, but what is read for its answer is. */
const SHARE_OF_TIME = 0.9;

builder.mutationField('testConnector', (t) =>
  t.field({
    complexity: MOST_READS,
    type: ConnectorTestRef,
    description: `Finds out what is wrong with a connector: network, certificates, clock, token, scopes, role, load. Changes nothing in Webex. Ends before the operation’s deadline with what was found out by then, after a minute at most; a check that was not finished fails and says so. Costs at most ${MOST_READS} requests, all of them reads; where the access token is due to be renewed, its renewal comes on top, as with any other request.`,
    errors: { types: [InvalidInput, NotFound] },
    args: { input: t.arg({ type: TestConnectorInput, required: true, description: 'Which connector.' }) },
    resolve: async (_root, { input }, context) => {
      const id = readConnectorId(input.connectorId, 'input.connectorId');
      const connector = await context.connectors.get(id);
      const seconds = SHARE_OF_TIME * context.caller.deadline.secondsLeft;
      const diagnosis = await context.doctor.examine(connector, context.caller, seconds);
      // The test may have found that Webex no longer takes the grant.
      context.forget(id);
      return diagnosis;
    },
  }),
);
