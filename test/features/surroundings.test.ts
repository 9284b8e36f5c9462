import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type Socket } from 'node:net';
import { generate } from 'selfsigned';
import { afterEach, describe, expect, it } from 'vitest';
import { configure, updateConnector } from '../configuration.ts';
import { startWorld } from '../world.ts';

const { cert: CERTIFICATE } = await generate([{ name: 'commonName', value: 'proxy.example' }]);

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** A proxy that forwards requests and tunnels, and remembers who signed in. */
async function startProxy(): Promise<{
  port: number;
  passed: string[];
  credentials: (string | undefined)[];
}> {
  const passed: string[] = [];
  const credentials: (string | undefined)[] = [];
  const server = createServer((incoming, outgoing) => {
    passed.push(incoming.url ?? '');
    credentials.push(incoming.headers['proxy-authorization']);
    const onward = request(
      incoming.url ?? '',
      { method: incoming.method, headers: incoming.headers },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    incoming.pipe(onward);
  });
  server.on('connect', (incoming, socket: Socket) => {
    passed.push(incoming.url ?? '');
    credentials.push(incoming.headers['proxy-authorization']);
    const [host = '', port] = (incoming.url ?? '').split(':');
    const onward = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    for (const each of [onward, socket]) each.on('error', () => undefined);
  });
  return { port: await listen(server), passed, credentials };
}

describe('a proxy', () => {
  it('is what everything to Webex goes through, with its user name and password, which nobody is shown', async () => {
    const proxy = await startProxy();
    await using world = await startWorld({
      connector: { proxyUrl: `http://proxy-user:proxy-canary@127.0.0.1:${proxy.port}` },
    });
    const { connector } = await world.ask<{ connector: { settings: object; users: { nodes: object[] } } }>(
      '{ connector { settings { proxyUrl } users(first: 3) { nodes { displayName } } } }',
    );
    expect(connector.users.nodes).toHaveLength(3);
    expect(connector.settings).toEqual({ proxyUrl: `http://127.0.0.1:${proxy.port}` });
    expect(proxy.passed.length).toBeGreaterThan(0);
    expect(new Set(proxy.credentials)).toEqual(
      new Set([`Basic ${Buffer.from('proxy-user:proxy-canary').toString('base64')}`]),
    );
    expect(JSON.stringify([connector, world.log])).not.toContain('proxy-canary');
  });

  it('that is down is a typed failure', async () => {
    await using world = await startWorld();
    const proxy = await startProxy();
    for (const server of servers.splice(0)) server.close();
    await updateConnector(world, {
      clientSecret: world.clientSecret,
      proxyUrl: `http://127.0.0.1:${proxy.port}`,
    });
    const { errors } = await world.query('{ connector { roles { name } } }');
    expect(errors?.[0]?.extensions.code).toBe('UPSTREAM_UNAVAILABLE');
  });
});

describe('another proxy, or other certificates', () => {
  it.each([
    { proxyUrl: 'http://127.0.0.1:9' },
    { caCertificates: CERTIFICATE },
  ])('requires the client secret again, because an attacker could otherwise read it and the tokens on the way: %#', async (detour) => {
    await using world = await startWorld();
    const update = (input: object) =>
      configure(world, 'updateConnector', { id: world.connectorId, ...input });
    const refused = { connector: null, error: { problems: [{ path: 'input.clientSecret' }] } };
    expect(await update(detour)).toMatchObject(refused);
    expect(await update({ ...detour, clientSecret: 'a guess' })).toMatchObject(refused);
    expect((await update({ ...detour, clientSecret: world.clientSecret })).error).toBeNull();
  });

  it.each([
    ['sets a secret of their own first', [{ clientSecret: 'mine' }, { clientSecret: 'mine' }]],
    ['clears the secret with it', [{ clientSecret: null }]],
    ['clears the secret first', [{ clientSecret: null }, { clientSecret: 'mine' }]],
  ])('gets no token of the earlier connection, for a caller who %s', async (_who, steps) => {
    const proxy = await startProxy();
    await using world = await startWorld();
    for (const [index, step] of steps.entries()) {
      const isLast = index === steps.length - 1;
      const detour = isLast ? { proxyUrl: `http://127.0.0.1:${proxy.port}` } : {};
      await updateConnector(world, { ...step, ...detour });
    }
    const { errors } = await world.query('{ connector { roles { name } } }');
    expect(errors?.[0]?.extensions.code).toBe('NOT_CONNECTED');
    expect(proxy.passed).toEqual([]);
  });
});

describe('a certificate of an authority of one’s own', () => {
  it('is trusted when it was given, and not before', async () => {
    await using world = await startWorld({ connect: false });
    const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
    });
    // Webex behind TLS, as a proxy that looks into it would show it.
    const port = await listen(
      createTlsServer({ key, cert }, (incoming, outgoing) => {
        const onward = request(
          `${world.webex.url}${incoming.url}`,
          { method: incoming.method, headers: incoming.headers },
          (answer) => {
            outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
            answer.pipe(outgoing);
          },
        );
        incoming.pipe(onward);
      }),
    );
    const update = (input: object) => updateConnector(world, input);
    await update({ serviceUri: `https://localhost:${port}/v1` });
    expect(await (await world.connect()).text()).toContain('TLS certificate was not accepted');
    await update({ clientSecret: world.clientSecret, caCertificates: cert });
    expect((await world.connect()).status).toBe(200);
    await world.ask('{ connector { roles { name } } }');
  });

  it('has to be one', async () => {
    await using world = await startWorld({ connect: false });
    const { error } = await configure(world, 'updateConnector', {
      id: world.connectorId,
      caCertificates: '-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----',
    });
    expect(error?.problems).toEqual([{ path: 'input.caCertificates' }]);
  });
});

describe('a partner’s connector', () => {
  it('asks for the customer organization, and its details show that', async () => {
    await using world = await startWorld({ connect: false });
    await updateConnector(world, { organizationWebexId: world.webex.org.id });
    await world.connect();
    world.webex.requests.clear();
    const { connector } = await world.ask<{ connector: { details: object } }>(
      '{ connector { users(first: 1) { nodes { id } } groups { nodes { id } } licenses { name } details { organization { webexId } } } }',
    );
    expect(connector.details).toEqual({ organization: { webexId: world.webex.org.id } });
    const lists = world.webex.requests.all.filter(({ route }) =>
      /^GET \/(people|groups|licenses)$/.test(route),
    );
    expect(lists).toHaveLength(3);
    expect(lists.every(({ query }) => query.includes('orgId='))).toBe(true);
  });
});
