import { type UpstreamCall, UpstreamInvalid } from '../../../errors/upstream.ts';
import type { CallContext } from '../../rest/call-context.ts';
import { readTexts } from '../../rest/json.ts';
import type { WebexClient } from '../client.ts';

/** One license to give to a user or to take away. */
export interface LicenseChange {
  readonly id: string;
  readonly operation: 'add' | 'remove';
  /** What a calling license takes: a location, and a number or an extension. */
  readonly properties?: {
    readonly locationId?: string | undefined;
    readonly phoneNumber?: string | undefined;
    readonly extension?: string | undefined;
  };
}

/** The right to attend meetings of a site without hosting any. */
export interface SiteChange {
  readonly siteUrl: string;
  readonly operation: 'add' | 'remove';
}

export interface LicensesOfUser {
  /** All that the user holds afterwards. */
  readonly licenseIds: readonly string[];
  readonly call: UpstreamCall;
}

/**
 * Gives licenses to a user and takes others away; those not named stay. Webex makes the changes that it can
 * and answers 206, a success, where those are not all: what it answers has to be compared with what was
 * asked. Source: its reference of `PATCH /licenses/users`.
 */
export async function changeLicenses(
  client: WebexClient,
  context: CallContext,
  personId: string,
  licenses: readonly LicenseChange[],
  sites: readonly SiteChange[],
): Promise<LicensesOfUser> {
  const body = {
    personId,
    licenses,
    ...(sites.length === 0 ? {} : { siteUrls: sites.map((site) => ({ ...site, accountType: 'attendee' })) }),
  };
  const answer = await client.write('PATCH', '/licenses/users', {}, body, context, ['licenses']);
  if (!Array.isArray(answer.body?.licenses)) {
    throw new UpstreamInvalid('Webex answered to a change of licenses without a list of them.', answer.call);
  }
  return { licenseIds: readTexts(answer.body, 'licenses'), call: answer.call };
}
