import type { CheckName, CheckStatus, ConnectorCheck } from '../../connectors/doctor/check.ts';
import { type Diagnosis, MOST_READS } from '../../connectors/doctor/doctor.ts';
import { builder } from '../base/builder.ts';
import { chooseConnector } from '../base/chosen-connector.ts';
import { ErrorRef } from '../errors/error.ts';
import { failsAs } from '../errors/payloads.ts';
import { type Answered, failed } from './payloads.ts';
import { connectorIdField } from './setting-inputs.ts';

const CHECKS = {
  SETTINGS: { description: 'Whether the settings are complete.' },
  SERVICE_URI_REACHABLE: {
    description:
      'Whether the service URI is reachable: its name resolves, its certificate is trusted, and it answers.',
  },
  TOKEN_ENDPOINT_REACHABLE: {
    description:
      'Whether the token endpoint, which refreshes access tokens, is reachable: its name resolves, its certificate is trusted, and it answers.',
  },
  CLOCK_SKEW: {
    description:
      'How far the clock of the gateway’s machine differs from Webex’s. WARNING above one minute, FAILED above five.',
  },
  TOKEN: {
    description:
      'Whether Webex accepts the access token, and when the refresh token expires. WARNING if that is in less than 14 days.',
  },
  ADMINISTRATOR: {
    description: 'Whether the account that connected has a sufficient administrator role.',
  },
  PEOPLE_SCOPES: { description: 'Whether the scopes allow to read and change users.' },
  LICENSE_SCOPES: { description: 'Whether the scopes allow to read licenses.' },
  ROLE_SCOPES: { description: 'Whether the scopes allow to read administrator roles.' },
  GROUP_SCOPES: { description: 'Whether the scopes allow to read and change groups.' },
  ORGANIZATION_SCOPES: { description: 'Whether the scopes allow to read the organization and its name.' },
  IDENTITY_SCOPES: {
    description:
      'Whether the scopes allow to read users over SCIM, the interface of Webex that finds the groups of a user fast.',
  },
  OTHER_SCOPES: { description: 'Whether Webex granted the other scopes that the connector requests.' },
  POOL: { description: 'Whether the connection pool is large enough, or requests wait for a connection.' },
  DIRECTORY_SYNC: {
    description:
      'Whether Cisco Directory Connector provides the users, so that they cannot be created or deleted here. Webex does not expose this, so the check is skipped and explains the symptoms.',
  },
} satisfies Record<CheckName, { description: string }>;

const STATUSES = {
  PASSED: { description: 'No problem was found.' },
  WARNING: { description: 'It works, but needs attention. The message says what to do.' },
  FAILED: { description: 'It does not work. The message says how to fix it.' },
  SKIPPED: { description: 'It could not be checked, or does not apply. The message says why.' },
} satisfies Record<CheckStatus, { description: string }>;

const ConnectorCheckName = builder.enumType('ConnectorCheckName', {
  description: 'The checks of testConnector.',
  values: CHECKS,
});

const CheckStatusEnum = builder.enumType('CheckStatus', {
  description: 'The result of a check.',
  values: STATUSES,
});

const ConnectorCheckRef = builder.objectRef<ConnectorCheck>('ConnectorCheck').implement({
  description: 'One check of a connector, and its result.',
  fields: (t) => ({
    name: t.expose('name', { type: ConnectorCheckName, description: 'Which check.' }),
    status: t.expose('status', { type: CheckStatusEnum, description: 'Its result.' }),
    message: t.exposeString('message', {
      description: 'What was found and how to fix it, in English. Contains no secrets.',
    }),
    durationMs: t.exposeInt('durationMs', { description: 'Duration in milliseconds.' }),
  }),
});

const ConnectorTestRef = builder.objectRef<Diagnosis>('ConnectorTest').implement({
  description: 'The result of testConnector.',
  fields: (t) => ({
    connector: t.field({
      type: builder.nodeInterfaceRef(),
      description: 'The connector that was tested.',
      resolve: ({ connector }) => ({ ...connector, __typename: 'Connector' }),
    }),
    ok: t.exposeBoolean('ok', { description: 'Whether no check is FAILED.' }),
    checks: t.field({
      type: [ConnectorCheckRef],
      description: 'All checks, always the same in the same order.',
      resolve: ({ checks }) => [...checks],
    }),
    requests: t.exposeInt('requests', { description: 'Number of requests that the test sent to Webex.' }),
  }),
});

interface TestShape extends Answered {
  readonly test?: Diagnosis;
}

const ConnectorTestPayload = builder.objectRef<TestShape>('ConnectorTestPayload').implement({
  description: 'The answer to a test of a connector.',
  fields: (t) => ({
    test: t.field({
      type: ConnectorTestRef,
      nullable: true,
      description: 'What was found out. Null if `error` is set.',
      resolve: ({ test }) => test,
    }),
    error: t.field({
      type: ErrorRef,
      nullable: true,
      description: 'Why there was no test. Null if there was one.',
      resolve: ({ failure }) => failure,
    }),
  }),
});

const TestConnectorInput = builder.inputType('TestConnectorInput', {
  description: 'The connector to test.',
  fields: (t) => ({ id: connectorIdField(t) }),
});

/** The rest is left to answer with: a change is not cut by the deadline, but what is read for its answer is. */
const SHARE_OF_TIME = 0.9;

builder.mutationField('testConnector', (t) =>
  t.field({
    complexity: MOST_READS,
    type: ConnectorTestPayload,
    fallible: true,
    onFailure: failsAs(failed),
    description: `Checks a connector: network, certificates, clock, token, scopes, administrator role and load. It changes nothing in Webex. It ends after one minute at most, and before the deadline of the operation. A check that is not finished by then is FAILED and says so. It sends at most ${MOST_READS} requests to Webex, all of them reads. A refresh of the access token may be added.`,
    args: { input: t.arg({ type: TestConnectorInput, required: true, description: 'Which connector.' }) },
    resolve: async (_root, { input }, context) => {
      const connector = context.connectors.allowed(await chooseConnector(context, input.id, 'input.id'));
      const seconds = SHARE_OF_TIME * context.caller.deadline.secondsLeft;
      const test = await context.doctor.examine(connector, context.caller, seconds);
      // The test may have found that Webex no longer takes the grant.
      context.forget(connector.id);
      return { test };
    },
  }),
);
