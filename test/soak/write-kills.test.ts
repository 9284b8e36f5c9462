import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  askPort,
  connectPort,
  createConnectorAt,
  freePort,
  INTEGRATION,
  kill,
  newSecretKeys,
  startProgram,
  startSandboxFor,
} from '../processes.ts';
import { ROUNDS, random } from './rounds.ts';

// kill -9 at random moments of keyed creations: before, while and after Webex makes them. Each is then asked
// for again with its key, as a script does that got no answer.

const AT_ONCE = 4;
const CREATE = `mutation ($input: CreateUserInput!) {
  createUser(input: $input) { outcome user { emails } error { code message } }
}`;

interface Created {
  readonly createUser: {
    readonly outcome: string;
    readonly user: { readonly emails: readonly string[] } | null;
    readonly error: object | null;
  };
}

describe(`${ROUNDS} kills -9 during keyed creations`, () => {
  it('leave exactly one user and one audit event for each key, that agree', async () => {
    const port = await freePort();
    const folder = mkdtempSync(join(tmpdir(), 'gateway-soak-'));
    await using webex = await startSandboxFor([port], { latencyMs: 20 });
    const environment = { DATA_DIR: folder, PORT: port, LOG_LEVEL: 'warn', SECRET_KEYS: newSecretKeys() };
    const start = async () => {
      const gateway = startProgram('server.ts', environment);
      await gateway.listening;
      return gateway;
    };
    try {
      let gateway = await start();
      const connectorId = await createConnectorAt(port, webex.url, { name: 'acme', ...INTEGRATION });
      await connectPort(port, connectorId);
      const before = webex.people.length;
      const create = (email: string, key: string) =>
        askPort<Created>(
          port,
          CREATE,
          {
            input: { connector: connectorId, user: { emails: [email], displayName: email, title: 'Keyed' } },
          },
          { 'idempotency-key': key },
        );
      const keys: string[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        const batch = Array.from({ length: AT_ONCE }, (_, index) => ({
          email: `keyed.${round}.${index}@acme.example`,
          key: randomUUID(),
        }));
        const asked = batch.map(async ({ email, key }) => {
          await sleep(random() * 40);
          return create(email, key).catch(() => undefined);
        });
        await sleep(random() * 120);
        await kill(gateway, 'SIGKILL');
        await Promise.all(asked);
        gateway = await start();
        for (const { email, key } of batch) {
          const { data, errors } = await create(email, key);
          expect(data?.createUser, JSON.stringify(errors)).toEqual({
            outcome: 'APPLIED',
            user: { emails: [email] },
            error: null,
          });
          keys.push(key);
        }
      }
      expect(webex.people.length - before).toBe(keys.length);
      const { data } = await askPort<{
        auditEvents: { nodes: { idempotencyKey: string; outcome: string; targetName: string }[] };
      }>(
        port,
        '{ auditEvents(first: 1000, filter: { operation: "createUser" }) { nodes { idempotencyKey outcome targetName } } }',
      );
      const events = data.auditEvents.nodes;
      expect(events.map(({ idempotencyKey }) => idempotencyKey).toSorted()).toEqual(keys.toSorted());
      expect(new Set(events.map(({ outcome }) => outcome))).toEqual(new Set(['APPLIED']));
      await kill(gateway, 'SIGTERM');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('leave no audit event without an outcome after the next start', async () => {
    const port = await freePort();
    const folder = mkdtempSync(join(tmpdir(), 'gateway-soak-'));
    await using webex = await startSandboxFor([port], { latencyMs: 200 });
    const environment = { DATA_DIR: folder, PORT: port, LOG_LEVEL: 'warn', SECRET_KEYS: newSecretKeys() };
    const outcomes = async () => {
      const { data } = await askPort<{ auditEvents: { nodes: { outcome: string }[] } }>(
        port,
        '{ auditEvents(filter: { operation: "createUser" }) { nodes { outcome } } }',
      );
      return data.auditEvents.nodes.map(({ outcome }) => outcome);
    };
    try {
      const gateway = startProgram('server.ts', environment);
      await gateway.listening;
      const connectorId = await createConnectorAt(port, webex.url, { name: 'acme', ...INTEGRATION });
      await connectPort(port, connectorId);
      const input = { connector: connectorId, user: { emails: ['cut@acme.example'], displayName: 'Cut' } };
      const asked = askPort(port, CREATE, { input }).catch(() => undefined);
      await expect.poll(() => webex.requests.count('POST /people'), { interval: 5, timeout: 20_000 }).toBe(1);
      expect(await outcomes()).toEqual(['PENDING']);
      await kill(gateway, 'SIGKILL');
      await asked;
      const next = startProgram('server.ts', environment);
      await next.listening;
      await expect.poll(outcomes, { interval: 20, timeout: 20_000 }).toEqual(['UNKNOWN']);
      await kill(next, 'SIGTERM');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
