import type { HttpClient } from '../../datasources/http/client.ts';
import type { TokenSource } from '../../datasources/rest/authorized-client.ts';
import type { CallContext } from '../../datasources/rest/call-context.ts';
import { WebexClient } from '../../datasources/webex/client.ts';
import { getMe } from '../../datasources/webex/people/people.ts';
import type { Person } from '../../datasources/webex/people/person.ts';
import type { Role } from '../../datasources/webex/records.ts';
import { isForClients } from '../../errors/start.ts';
import {
  UpstreamForbidden,
  UpstreamInvalid,
  UpstreamNotFound,
  UpstreamRejected,
} from '../../errors/upstream.ts';
import type { ConnectorRecord } from '../../store/connectors.ts';
import type { GrantRecord } from '../../store/grants.ts';
import { daysLeft, endsSoon } from '../expiry.ts';
import { type Finding, failed, passed, skipped, warning } from './check.ts';

/** A token that Webex has accepted. */
export interface ProvenAccess {
  readonly accessToken: string;
  /** Whose it is; undefined if Webex does not tell without another scope. */
  readonly me: Person | undefined;
}

/**
 * Proves the access token, after renewing it if that is due.
 * Throws ReconnectRequired if Webex no longer takes the grant, and the errors of an upstream.
 */
export async function proveAccess(
  http: HttpClient,
  tokens: TokenSource,
  connector: ConnectorRecord,
  context: CallContext,
): Promise<ProvenAccess> {
  let accessToken = '';
  const observed: TokenSource = {
    obtain: (meter) => tokens.obtain(meter),
    newest: (token) => tokens.newest(token),
    renew: (refused, meter) => tokens.renew(refused, meter),
    get isRenewable() {
      return tokens.isRenewable;
    },
    accepted: (token) => {
      accessToken = token;
      tokens.accepted(token);
    },
  };
  try {
    const me = await getMe(new WebexClient(http, observed, connector), context);
    return { accessToken, me };
  } catch (error) {
    // Refused for the lack of a scope, so the token itself was accepted.
    if (error instanceof UpstreamForbidden) return { accessToken, me: undefined };
    throw error;
  }
}

/** What it means that the token was not proven: most sentences of ours say it, some need to be told more. */
export function explainUnproven(error: unknown, serviceUri: string): unknown {
  const isStranger =
    error instanceof UpstreamNotFound ||
    error instanceof UpstreamRejected ||
    error instanceof UpstreamInvalid;
  if (!isStranger) return error;
  return new UpstreamInvalid(
    `What answers at ${serviceUri} does not answer as Webex does. Is the service URI right? Webex’s own is https://webexapis.com/v1.`,
    error.call,
  );
}

/** How long the connection lasts, once the token is proven. */
export function judgeGrant(grant: GrantRecord, { accessToken }: ProvenAccess, before: GrantRecord): Finding {
  const renewed = accessToken === before.accessToken ? '' : ', which has just been renewed';
  const accepted = `Webex accepts the access token${renewed}.`;
  if (grant.refreshToken === null) {
    const end = grant.accessTokenExpiresAt;
    const when = end === null ? 'with the access token; Webex does not say when' : `on ${dayOf(end)}`;
    return warning(
      `${accepted} There is no refresh token, so the connection ends ${when}. Connect again with the connect mutation.`,
    );
  }
  const left = daysLeft(grant.refreshTokenExpiresAt);
  if (left === null) return passed(`${accepted} Webex does not say how long the connection lasts.`);
  if (endsSoon(grant.refreshTokenExpiresAt)) {
    return warning(
      `${accepted} The refresh token has only ${left} ${left === 1 ? 'day' : 'days'} left, then the connection ends. An administrator should connect again with the connect mutation before that.`,
    );
  }
  return passed(`${accepted} The refresh token has ${left} days left, and each renewal moves that on.`);
}

/** Whether the connected account has the roles that the gateway needs. Webex documents the name of one role only. */
export async function examineAdministrator(
  me: Person | undefined,
  readRoles: () => Promise<readonly Role[]>,
  readOnly: boolean,
): Promise<Finding> {
  if (me === undefined) {
    return skipped(
      'Webex does not show the connected account without the scope spark-admin:people_read. Add it to the integration and to the connector, then connect again.',
    );
  }
  // Without the name, which needs the scope read.
  const who = 'The connected account';
  if (me.roleIds.length === 0) {
    return failed(
      `${who} holds no administrator role, or Webex does not show it without spark-admin:people_read. Webex then refuses nearly everything. Give the account the role Full Administrator in Control Hub, or connect again with an account that has it.`,
    );
  }
  const roles = await unlessUnreadable(readRoles);
  if (roles === undefined) {
    return warning(
      `${who} is an administrator, but its roles could not be read (see ROLE_SCOPES), so it is unknown whether changes are allowed.`,
    );
  }
  const names = new Map(roles.map(({ id, name }) => [id, name]));
  const held = me.roleIds.map((id) => names.get(id) ?? 'a role that Webex does not name');
  if (held.some(isFull)) return passed(`${who} is a full administrator.`);
  const holds = `${who} is not a full administrator. Its roles: ${held.join(', ')}.`;
  if (held.every(isReadOnly)) {
    return readOnly
      ? passed(`${holds} That is enough, because the connector is read-only.`)
      : warning(
          `${holds} Everything can be read, but Webex refuses to create, change or delete users and groups, and to assign licenses and roles. Connect again as a full administrator, or set readOnly for the connector.`,
        );
  }
  return warning(
    `${holds} Webex refuses what these roles do not cover; giving administrator roles to users takes a full administrator. Connect again as one if something is refused.`,
  );
}

async function unlessUnreadable(
  readRoles: () => Promise<readonly Role[]>,
): Promise<readonly Role[] | undefined> {
  try {
    return await readRoles();
  } catch (error) {
    if (isForClients(error)) return undefined;
    throw error;
  }
}

const isFull = (role: string) => /^full admin/i.test(role);
const isReadOnly = (role: string) => /read.?only/i.test(role);
const dayOf = (date: Date) => date.toISOString().slice(0, 10);
