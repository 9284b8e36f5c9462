import { describe, expect, it } from 'vitest';
import { HttpClient } from '../../src/datasources/http/client.ts';
import { WebexConnection } from '../../src/datasources/webex/connection.ts';
import { WEBEX } from '../../src/datasources/webex/traits.ts';
import { NotConnected } from '../../src/errors/connection.ts';
import { findPeople } from '../../src/provisioning/changes/references.ts';
import { startSandbox } from '../../src/sandbox/index.ts';
import { localDestinations } from '../local-upstream.ts';

const TOKEN = 'test-token';
const CONNECTIONS = 2;
/** What one GraphQL request may have at the pool: four calls for each connection. */
const MOST = 4 * CONNECTIONS;

const TOKENS = {
  obtain: async () => TOKEN,
  newest: () => TOKEN,
  renew: async () => TOKEN,
  accepted: () => undefined,
  isRenewable: true,
};

/** One organization as one GraphQL request sees it, and the most calls that were at its pool at one moment. */
async function openOrganization() {
  const resources = new AsyncDisposableStack();
  // Few members come along with each group, and few with each further request.
  const settings = { membersCeiling: 4 };
  const webex = resources.use(await startSandbox({ users: 100, token: TOKEN, settings }));
  const http = new HttpClient(
    { maximumConnections: CONNECTIONS, connectionTimeout: 5 },
    localDestinations(),
    WEBEX,
  );
  resources.defer(() => http.destroy(new NotConnected('test')));
  const access = { serviceUri: webex.serviceUri, organizationId: null, readOnly: false };
  const connection = new WebexConnection(http, TOKENS, access, 30_000, () => undefined);
  const { webex: datasource, admin } = connection.open(
    { connectorId: 'c', organizationId: webex.org.id, scopes: [], personId: null, cursorKey: 'k' },
    { lane: 'background' },
  );
  let most = 0;
  webex.fail({
    route: '*',
    fault: { kind: 'latency', ms: 0 },
    where: () => {
      const { running, queued } = http.status();
      most = Math.max(most, running + queued);
      return false;
    },
  });
  return {
    webex,
    datasource,
    admin,
    mostUnderWay: () => most,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

describe('a GraphQL request in the background', () => {
  it('reads the index of all groups with at most four calls for each connection under way', async () => {
    await using it = await openOrganization();
    const { id, groupNames } = it.webex.people[0] ?? { id: '', groupNames: [] };
    const groups = await it.datasource.memberships.ofPerson(id, true);
    expect(groups.map(({ displayName }) => displayName).sort()).toEqual([...groupNames].sort());
    expect(it.webex.requests.count('GET /groups/:id/members')).toBeGreaterThan(4 * MOST);
    expect(it.mostUnderWay()).toBeLessThanOrEqual(MOST);
  });

  it('reads many people one by one with at most four calls for each connection under way', async () => {
    await using it = await openOrganization();
    const ids = it.webex.people.map(({ id }) => id);
    const needs = { basic: true, admin: true, presence: true, calling: true };
    expect((await it.datasource.people.loadMany(ids, needs)).size).toBe(ids.length);
    expect(it.webex.requests.count('GET /people/:id')).toBe(ids.length);
    expect(it.mostUnderWay()).toBeLessThanOrEqual(MOST);
  });

  it('looks for many people by address with at most four calls for each connection under way', async () => {
    await using it = await openOrganization();
    const { people } = it.webex;
    const found = await findPeople(
      it.admin,
      people.map(({ email }) => ({ name: email })),
    );
    expect(found.map(({ id }) => id)).toEqual(people.map(({ id }) => id));
    expect(it.mostUnderWay()).toBeLessThanOrEqual(MOST);
  });
});
