import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashKey, newKey } from '../../src/access/key-format.ts';
import type { Sandbox } from '../../src/sandbox/index.ts';
import {
  connectPort,
  createConnectorAt,
  freePort,
  INTEGRATION,
  kill,
  newSecretKeys,
  type Running,
  startProgram,
  startSandboxFor,
} from '../processes.ts';

const EXAMPLES = join(import.meta.dirname, '../../examples');
const run = promisify(execFile);

const isThere = (program: string, ...more: string[]) =>
  [program, ...more].every((each) => spawnSync(each, ['--version']).status === 0);

const SCRIPTS = [
  { name: 'curl and jq', program: 'bash', file: 'curl/provision.sh', runs: isThere('bash', 'curl', 'jq') },
  { name: 'Python', program: 'python3', file: 'python/provision.py', runs: isThere('python3') },
  { name: 'TypeScript', program: process.execPath, file: 'typescript/provision.ts', runs: true },
];

const KEY = newKey();

let webex: Sandbox;
let gateway: Running;
let port: string;
const folder = mkdtempSync(join(tmpdir(), 'gateway-examples-'));

beforeAll(async () => {
  port = await freePort();
  // Large enough for groups of which one page does not show all members.
  webex = await startSandboxFor([port], {}, 1_500);
  gateway = startProgram('server.ts', {
    DATA_DIR: folder,
    PORT: port,
    LOG_LEVEL: 'warn',
    SECRET_KEYS: newSecretKeys(),
    ACCESS_CONTROL: 'on',
    ADMIN_KEY_HASH: hashKey(KEY),
  });
  await gateway.listening;
  const headers = { authorization: `Bearer ${KEY}` };
  const connectorId = await createConnectorAt(port, webex.url, { name: 'acme', ...INTEGRATION }, headers);
  await connectPort(port, connectorId, headers);
  await createConnectorAt(port, webex.url, { name: 'another', ...INTEGRATION }, headers);
});
afterAll(async () => {
  await kill(gateway);
  await webex.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the example scripts', { timeout: 240_000 }, () => {
  it.each(SCRIPTS)('with $name onboard, move a team, offboard, and complete what is missing', async ({
    program,
    file,
    runs,
  }) => {
    if (!runs) {
      process.stdout.write(`left out: ${program} or what it needs is not on this machine\n`);
      return;
    }
    const provision = async (...values: string[]) => {
      const env = {
        ...process.env,
        GATEWAY: `http://127.0.0.1:${port}`,
        GATEWAY_KEY: KEY,
        CONNECTOR: 'acme',
      };
      const { stdout } = await run(program, [join(EXAMPLES, file), ...values], { env });
      return stdout.trim().split('\n');
    };
    const [group] = webex.groups.filter(({ memberIds }) => memberIds.length > 500);
    expect(group).toBeDefined();
    // Few hold it, so that there is little to move.
    const [license] = ['Webex Webinars 1000', 'Customer Experience - Essential'].flatMap((name) =>
      webex.licenses.filter((each) => each.name === name && (each.totalUnits ?? 0) > each.consumedUnits),
    );
    const name = license?.name ?? '';
    const email = `${file.replace(/\W/g, '.')}@acme.example`;
    const onboard = ['onboard', email, 'New Hire', name, group?.displayName ?? ''];
    expect(await provision(...onboard)).toEqual(['done', 'done']);
    const nothing = expect.stringContaining('nothing to do');
    expect(await provision(...onboard)).toEqual([nothing, nothing]);
    // A user who lacks the license gets it; the member is there already.
    const another = [...onboard.slice(0, 3), 'Advanced Space Meetings', ...onboard.slice(4)];
    expect(await provision(...another)).toEqual(['done', nothing]);
    expect(webex.person(email)?.licenseNames.toSorted()).toEqual(
      ['Advanced Space Meetings', name].toSorted(),
    );
    expect(webex.person(email)?.groupNames).toEqual([group?.displayName]);
    const move = ['move', group?.displayName ?? '', name, 'Basic Messaging'];
    expect(await provision(...move)).toContain('done');
    expect(webex.person(email)?.licenseNames).not.toContain(name);
    expect(await provision('offboard', email)).toEqual(['done']);
    expect(webex.person(email)).toBeUndefined();
    expect(await provision('offboard', email)).toEqual([`nothing to do: there is no ${email}`]);
    // A user who was offboarded may come back.
    expect(await provision(...onboard)).toEqual(['done', 'done']);
    await expect(provision('fly')).rejects.toThrow();
  });
});
