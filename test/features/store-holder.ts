/**
 * A process that holds the data folder given to it, for the tests that need a second one: it says
 * `ready`, then with `write` creates connectors for ever and names each one that is acknowledged.
 */
import { openStore } from '../../src/store/store.ts';

const [dataDir = '', task] = process.argv.slice(2);
const store = await openStore({ dataDir, secretKeys: [] });
process.stdout.write('ready\n');

const run = Date.now();
for (let number = 0; task === 'write'; number++) {
  const name = `${run}-${number}`;
  await store.connectors.create({
    name,
    clientId: 'client',
    clientSecret: `secret of ${name}`,
    serviceUri: 'https://webexapis.com/v1',
    tokenEndpoint: 'https://webexapis.com/v1/access_token',
    authorizationEndpoint: 'https://webexapis.com/v1/authorize',
    scopes: [],
    maximumConnections: 10,
    connectionTimeout: 30,
  });
  process.stdout.write(`${name}\n`);
}
// Without anything to write it waits for its end.
setInterval(() => undefined, 60_000);
