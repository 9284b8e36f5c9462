import { isPublicId } from '../../datasources/webex/ids.ts';
import { InvalidInput } from '../../errors/request.ts';
import { builder } from '../base/builder.ts';
import { readGlobalId } from '../base/global-ids.ts';
import { connectorIdField } from './setting-inputs.ts';

const EXPECTED_ORGANIZATION =
  'Organization that must be connected, by id or Webex id. Any other is refused: AUTHORIZATION_FAILED with the reason OTHER_ORGANIZATION. Default: the organization that the connector is connected to, if any. Name another one here to move the connector to it.';

export const ConnectInput = builder.inputType('ConnectInput', {
  description: 'The connector to connect.',
  fields: (t) => ({
    id: connectorIdField(t),
    returnTo: t.field({
      type: 'URL',
      required: false,
      description:
        'Where the browser goes in the end. The outcome is in the query: status=connected&connector=NAME, or status=failed&error=REASON, with the error that Webex returned in webexError. RETURN_ORIGINS must allow its origin. Default: a page of the gateway.',
    }),
    expectOrganization: t.id({ required: false, description: EXPECTED_ORGANIZATION }),
  }),
});

export const ConnectWithRefreshTokenInput = builder.inputType('ConnectWithRefreshTokenInput', {
  description: 'A connector, and a refresh token that you have already.',
  fields: (t) => ({
    id: connectorIdField(t),
    refreshToken: t.string({
      required: true,
      description:
        'The refresh token, issued to the client of the connector. The gateway takes it over: do not use it elsewhere.',
    }),
    expectOrganization: t.id({ required: false, description: EXPECTED_ORGANIZATION }),
  }),
});

export const DisconnectInput = builder.inputType('DisconnectInput', {
  description: 'The connector to disconnect.',
  fields: (t) => ({ id: connectorIdField(t) }),
});

export const CompleteConnectInput = builder.inputType('CompleteConnectInput', {
  description: 'What Webex sent to the redirect URI.',
  fields: (t) => ({
    code: t.string({
      required: true,
      description: 'Parameter `code` of the redirect URI. Valid once, for a few minutes.',
    }),
    state: t.string({ required: true, description: 'Parameter `state` of the redirect URI.' }),
    iss: t.string({
      required: false,
      description:
        'Parameter `iss` of the redirect URI (RFC 9207), if it has one. If it names another authorization server than that of the connector, the code is not used.',
    }),
    expectOrganization: t.id({
      required: false,
      description: `${EXPECTED_ORGANIZATION} Replaces the one given to connect.`,
    }),
  }),
});

/** Webex's id of an organization, whichever of its two ids is given. Undefined if none is given. Throws InvalidInput. */
export function readOrganizationId(text: string | null | undefined): string | undefined {
  if (text == null) return undefined;
  const id = readGlobalId(text);
  const webexId = id?.type === 'Organization' ? id.webexId : text;
  if (isPublicId(webexId, 'ORGANIZATION')) return webexId;
  throw new InvalidInput(
    'input.expectOrganization',
    'must be the id of an organization: its field id or webexId. A UUID alone is not enough.',
  );
}
