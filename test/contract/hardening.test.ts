import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

const ROOT = resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(resolve(ROOT, file), 'utf8');

const Service = z.object({
  environment: z.record(z.string(), z.unknown()),
  env_file: z.never().optional(),
  user: z.string(),
  read_only: z.literal(true),
  cap_drop: z.tuple([z.literal('ALL')]),
  security_opt: z.tuple([z.literal('no-new-privileges:true')]),
  ulimits: z.object({ core: z.literal(0) }),
});
const Compose = z.object({ services: z.record(z.string(), Service) });
const { services } = Compose.parse(parse(read('compose.yaml'), { merge: true }));

/** The variables in the tables of the configuration page. */
const VARIABLES = [...read('docs/configuration.md').matchAll(/^\| `([A-Z_]+)`/gm)].map(
  ([, name = '']) => name,
);

describe('compose.yaml', () => {
  it('confines every service, and runs none as root', () => {
    expect(Object.entries(services).map(([name, { user }]) => [name, user])).toEqual([
      ['gateway-1', 'node'],
      ['gateway-2', 'node'],
      ['database', 'postgres'],
    ]);
  });

  it('gives the gateways their own variables, and the database no secret but its password', () => {
    const given = Object.keys(services['gateway-1']?.environment ?? {});
    expect(given.toSorted()).toEqual(VARIABLES.filter((name) => name !== 'DATA_DIR').toSorted());
    expect(Object.keys(services.database?.environment ?? {})).toEqual([
      ...['POSTGRES_USER', 'POSTGRES_PASSWORD', 'POSTGRES_DB'],
    ]);
  });
});

/** Tells whether Node's reports hold variables, and whether it waits for SIGUSR1: by what Linux knows of its signals. */
const PROGRAM = `
  const { existsSync, readFileSync } = require('node:fs');
  const status = existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'utf8') : '';
  const caught = /SigCgt:\\s*(\\w+)/.exec(status)?.[1];
  const waits = caught === undefined
    ? !process.execArgv.includes('--disable-sigusr1')
    : ((BigInt('0x' + caught) >> 9n) & 1n) === 1n;
  const told = process.report.getReport().environmentVariables !== undefined;
  process.stdout.write(JSON.stringify({ told, waits }));`;

describe('a gateway that serves', () => {
  const { scripts } = z
    .object({ scripts: z.record(z.string(), z.string()) })
    .parse(JSON.parse(read('package.json')));
  const start = scripts.start?.split(' ') ?? [];
  const command: string[] = z
    .array(z.string())
    .parse(JSON.parse(/^CMD (.+)$/m.exec(read('Dockerfile'))?.[1] ?? ''));

  it('has the same flags of Node.js by npm start and in the image', () => {
    const flagsOf = (words: readonly string[]) =>
      words.filter((word) => word.startsWith('--') && word !== '--require').toSorted();
    expect(flagsOf(command)).toEqual(flagsOf(start));
    expect(flagsOf(start)).toContain('--liftoff-only');
  });

  it.each([
    ['by npm start', start],
    ['in the image', command],
  ])('opens no debugger on SIGUSR1, and reports no variables of the environment: %s', async (_how, words) => {
    const flags = words.filter((word) => word.startsWith('--') && word !== '--require');
    const { stdout } = await promisify(execFile)(process.execPath, [...flags, '-e', PROGRAM]);
    expect(JSON.parse(stdout)).toEqual({ told: false, waits: false });
  });
});

describe('what is installed and run from elsewhere', () => {
  it('runs no scripts of packages, and no package has one that it would need', () => {
    expect(read('.npmrc')).toMatch(/^ignore-scripts=true$/m);
    const { packages } = z
      .object({
        packages: z.record(
          z.string(),
          z.object({ hasInstallScript: z.boolean().optional(), optional: z.boolean().optional() }),
        ),
      })
      .parse(JSON.parse(read('package-lock.json')));
    const needy = Object.entries(packages).filter(
      ([, { hasInstallScript, optional }]) => hasInstallScript === true && optional !== true,
    );
    expect(needy.map(([name]) => name)).toEqual([]);
  });

  it('pins the actions of the workflow by commit', () => {
    const actions = [...read('.github/workflows/ci.yml').matchAll(/uses: (\S+)/g)].map(
      ([, action = '']) => action,
    );
    expect(actions.length).toBeGreaterThan(0);
    for (const action of actions) expect(action).toMatch(/^[\w/-]+@[\da-f]{40}$/);
  });
});
