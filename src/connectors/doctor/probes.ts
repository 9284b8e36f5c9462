import type { TokenSource } from '../../datasources/rest/authorized-client.ts';
import type { CallContext } from '../../datasources/rest/call-context.ts';
import { listLicenses } from '../../datasources/webex/catalogues/licenses.ts';
import { listRoles } from '../../datasources/webex/catalogues/roles.ts';
import type { WebexClient } from '../../datasources/webex/client.ts';
import { listGroups } from '../../datasources/webex/groups/groups.ts';
import { uuidOf } from '../../datasources/webex/ids.ts';
import { listPeople } from '../../datasources/webex/people/people.ts';
import { BASIC_PARTS, type Role } from '../../datasources/webex/records.ts';
import type { GatewayError } from '../../errors/gateway-error.ts';
import { InvalidInput } from '../../errors/request.ts';
import { UpstreamRejected } from '../../errors/upstream.ts';

/** The smallest read of each part of Webex: one request each, which changes nothing. */
export class Probes {
  readonly #client: WebexClient;
  readonly #context: CallContext;
  readonly #organizationId: string;
  #roles: Promise<Role[]> | undefined;

  constructor(client: WebexClient, context: CallContext, organizationId: string) {
    this.#client = client;
    this.#context = context;
    this.#organizationId = organizationId;
  }

  people(): Promise<unknown> {
    return listPeople(this.#client, this.#context, {}, BASIC_PARTS, undefined, 1);
  }

  licenses(): Promise<unknown> {
    return listLicenses(this.#client, this.#context);
  }

  /** Read once for all checks. */
  roles(): Promise<Role[]> {
    this.#roles ??= listRoles(this.#client, this.#context);
    return this.#roles;
  }

  groups(): Promise<unknown> {
    return listGroups(this.#client, this.#context, {}, false, undefined, 1);
  }

  organization(): Promise<unknown> {
    const path = `/organizations/${encodeURIComponent(this.#organizationId)}`;
    return this.#client.get(path, {}, this.#context);
  }

  async identities(): Promise<unknown> {
    const uuid = uuidOf(this.#organizationId);
    if (uuid === undefined) {
      throw new InvalidInput(
        'input.organizationId',
        'is no organization’s id of Webex, so its SCIM address is not known. Correct it with updateConnector.',
      );
    }
    return this.#client.getScim(`/${uuid}/v2/Users`, { count: 1 }, this.#context);
  }
}

/**
 * A token that Webex has just accepted, and no other: a probe that is refused finds so, instead of
 * renewing the token or giving the grant up. So each probe costs one request.
 */
export function provenToken(accessToken: string): TokenSource {
  const refused: GatewayError = new UpstreamRejected(
    'Webex refuses here (status 401) the access token that it accepted a moment before. Test again; if that stays so, connect again with the connect mutation.',
    { method: 'GET', path: '/', status: 401 },
  );
  return {
    obtain: () => Promise.resolve(accessToken),
    newest: (token) => token,
    renew: () => Promise.reject(refused),
    isRenewable: true,
    accepted: () => undefined,
  };
}
