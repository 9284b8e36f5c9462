import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { linesOf, runSync, type Served, serveWorld } from '../sync-command.ts';
import { csvOf, STAFF, staffOf } from '../sync-plans.ts';
import { startWorld, type World } from '../world.ts';

describe('npm run sync', () => {
  let world: World;
  let served: Served;
  let folder: string;
  let people: string;
  let mapping: string;

  beforeAll(async () => {
    world = await startWorld({
      sandbox: { users: 5 },
      guarded: true,
      sync: { worker: true },
    });
    served = await serveWorld(world);
    folder = await mkdtemp(join(tmpdir(), 'sync-command-'));
    people = join(folder, 'people.csv');
    mapping = join(folder, 'staff.yaml');
    await writeFile(mapping, STAFF);
  });
  afterAll(async () => {
    await served[Symbol.asyncDispose]();
    await world[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  const sync = (...commandArguments: string[]) =>
    runSync(
      {
        GATEWAY_URL: served.url,
        GATEWAY_KEY: world.administrator.authorization?.replace('Bearer ', '') ?? '',
      },
      ...commandArguments,
    );

  it('plans a file and shows each change, applies it, and finds nothing to do afterwards', async () => {
    const records = staffOf(world).map((record, index) =>
      index === 1 ? { ...record, title: 'Pilot' } : record,
    );
    const joiner = {
      id: 'E9',
      mail: 'joan.new@acme.example',
      first: 'Joan',
      last: 'New',
      name: 'Joan New',
      title: 'Pilot',
    };
    await writeFile(people, csvOf([...records, joiner]));

    const planned = await sync('plan', people, '--mapping', mapping);
    expect(planned).toMatchObject({ code: 2, stderr: '' });
    expect(planned.stdout).toContain('6 records, 0 of them unreadable');
    expect(planned.stdout).toMatch(/UPDATE \(1\)\n~ .*\n {4}title: .* → Pilot/);
    expect(planned.stdout).toMatch(/CREATE \(1\)\n\+ joan\.new@acme\.example {2}\(line 7\)/);
    const plan = /npm run sync -- apply (\S+)/.exec(planned.stdout)?.[1] ?? '';

    expect(await sync('apply', plan)).toMatchObject({ code: 5, stderr: expect.stringContaining('--yes') });
    const applied = await sync('apply', plan, '--yes');
    expect(applied.code).toBe(0);
    expect(applied.stdout).toContain('COMPLETED, 2 of 2 items');
    expect(world.webex.person('joan.new@acme.example')?.title).toBe('Pilot');

    const again = await sync('plan', people, '--mapping', mapping, '--json');
    expect(again.code).toBe(0);
    expect(linesOf(again).at(-1)).toMatchObject({
      type: 'summary',
      version: 1,
      state: 'UNCHANGED',
      exitCode: 0,
    });
    expect((await sync('show', plan, '--csv')).stdout).toContain('joan.new@acme.example');
  });

  it('says that a plan beyond a limit is blocked, with the limit and how to go on', async () => {
    await writeFile(people, csvOf(staffOf(world).map((record) => ({ ...record, title: 'Pilot' }))));
    const strict = join(folder, 'strict.yaml');
    await writeFile(strict, `${STAFF}\npolicy: { limits: { UPDATE: { count: 1 } } }`);
    const { code, stdout } = await sync('plan', people, '--mapping', strict);
    expect({ code, stdout }).toMatchObject({ code: 3, stdout: expect.stringContaining('NEEDS_APPROVAL') });
    expect(stdout).toContain('npm run sync -- approve');
  });

  it.each([
    [['plan'], 'plan needs FILE'],
    [['plan', 'nothing.csv', '--mapping', 'staff.yaml'], 'cannot be read'],
    [['plan', 'package.json'], '--mapping is missing'],
    [['plan', 'README.md', '--mapping', 'staff'], 'must end in .csv'],
    [['apply', 'nonsense', '--yes'], 'is not an id of this gateway'],
    [['unknown'], 'There is no command unknown'],
    [['plan', '--colour'], 'Unknown option'],
  ])('explains what is wrong with %j, with exit code 5', async (commandArguments, message) => {
    expect(await sync(...commandArguments)).toMatchObject({
      code: 5,
      stderr: expect.stringContaining(message),
    });
  });

  it('says that a gateway cannot be reached, or refuses the key', async () => {
    await writeFile(people, 'id\n1');
    const away = await runSync({ GATEWAY_URL: 'http://127.0.0.1:1' }, 'plan', people, '--mapping', 'staff');
    expect(away).toMatchObject({ code: 1, stderr: expect.stringContaining('cannot be reached') });
    const refused = await runSync({ GATEWAY_URL: served.url }, 'status', 'x');
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('Authentication required') });
  });
});
