import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const SOURCE = resolve(import.meta.dirname, '../../src');

/** What each room may import beside itself, `errors` and libraries. The same table stands in ARCHITECTURE.md. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  config: [],
  'config.ts': ['config'],
  telemetry: [],
  store: [],
  access: ['store', 'telemetry'],
  'datasources/http': [],
  'datasources/rest': ['datasources/http'],
  'datasources/webex': ['datasources/http', 'datasources/rest'],
  connectors: ['store', 'datasources/http', 'datasources/rest', 'datasources/webex', 'telemetry'],
  'connectors/declared': ['config', 'connectors', 'store', 'telemetry'],
  'connectors/doctor': [
    'connectors',
    'store',
    'datasources/http',
    'datasources/rest',
    'datasources/webex',
    'telemetry',
  ],
  'provisioning/changes': ['store', 'datasources/rest', 'datasources/webex', 'telemetry'],
  'provisioning/users': ['provisioning/changes', 'datasources/webex'],
  'provisioning/groups': ['provisioning/changes', 'provisioning/users', 'datasources/webex'],
  'provisioning/records': [
    'provisioning/changes',
    'provisioning/users',
    'provisioning/groups',
    'store',
    'datasources/webex',
    'telemetry',
  ],
  provisioning: [
    'provisioning/changes',
    'provisioning/users',
    'provisioning/groups',
    'provisioning/records',
    'store',
    'telemetry',
  ],
  'sync/guard': [],
  'sync/sources': ['store', 'telemetry'],
  'sync/mapping': [
    'store',
    'datasources/rest',
    'datasources/webex',
    'provisioning/changes',
    'provisioning/users',
  ],
  'sync/observe': ['store', 'connectors', 'datasources/http', 'datasources/rest', 'datasources/webex'],
  'sync/compare': ['sync/guard', 'store', 'datasources/webex', 'provisioning/changes', 'provisioning/users'],
  'sync/plans': [
    'sync/guard',
    'sync/sources',
    'sync/mapping',
    'sync/observe',
    'sync/compare',
    'store',
    'connectors',
    'datasources/rest',
    'datasources/webex',
    'provisioning/changes',
    'telemetry',
  ],
  'sync/runs': [
    'sync/guard',
    'store',
    'connectors',
    'datasources/http',
    'datasources/rest',
    'datasources/webex',
    'provisioning/changes',
    'provisioning/users',
    'provisioning/groups',
    'telemetry',
  ],
  sync: [
    'sync/guard',
    'sync/sources',
    'sync/mapping',
    'sync/observe',
    'sync/compare',
    'sync/plans',
    'sync/runs',
    'store',
    'connectors',
    'provisioning',
    'provisioning/changes',
    'telemetry',
  ],
  'schema/execution': ['access', 'datasources/rest', 'datasources/webex', 'telemetry'],
  'schema/base': [
    'schema/execution',
    'access',
    'connectors',
    'provisioning/changes',
    'provisioning/users',
    'datasources/rest',
    'datasources/webex',
  ],
  'schema/cost': ['schema/base', 'schema/execution', 'datasources/rest', 'datasources/webex'],
  'schema/directory': [
    'schema/base',
    'schema/cost',
    'schema/execution',
    'provisioning/changes',
    'provisioning/users',
    'datasources/webex',
  ],
  'schema/errors': ['schema/directory', 'schema/base', 'schema/execution', 'telemetry'],
  'schema/changes': [
    'schema/errors',
    'schema/directory',
    'schema/base',
    'schema/cost',
    'provisioning/changes',
    'provisioning/users',
    'datasources/webex',
  ],
  'schema/audit': ['schema/changes', 'schema/base', 'connectors', 'provisioning/changes'],
  'schema/callers': ['schema/audit', 'schema/errors', 'schema/base', 'access'],
  'schema/connectors': [
    'schema/audit',
    'schema/errors',
    'schema/base',
    'schema/cost',
    'schema/execution',
    'connectors',
    'connectors/doctor',
    'datasources/webex',
  ],
  'schema/sync': [
    'schema/audit',
    'schema/changes',
    'schema/errors',
    'schema/directory',
    'schema/base',
    'schema/cost',
    'schema/execution',
    'sync',
    'sync/mapping',
    'sync/plans',
    'sync/runs',
    'sync/sources',
    'store',
    'provisioning/changes',
    'datasources/webex',
    'provisioning/users',
    'datasources/rest',
  ],
  schema: [
    'schema/sync',
    'schema/connectors',
    'schema/callers',
    'schema/audit',
    'schema/changes',
    'schema/errors',
    'schema/directory',
    'schema/base',
    'schema/cost',
    'schema/execution',
    'datasources/webex',
  ],
  routes: [
    'config',
    'access',
    'sync',
    'sync/plans',
    'sync/sources',
    'schema',
    'schema/errors',
    'schema/audit',
    'schema/sync',
    'schema/base',
    'schema/cost',
    'schema/execution',
    'connectors',
    'provisioning/changes',
    'datasources/http',
    'telemetry',
  ],
  'gateway.ts': [
    'access',
    'routes',
    'schema',
    'connectors',
    'connectors/doctor',
    'provisioning',
    'sync',
    'store',
    'telemetry',
  ],
  listening: [],
  'server.ts': [
    'access',
    'gateway.ts',
    'config.ts',
    'connectors',
    'connectors/declared',
    'listening',
    'store',
    'telemetry',
  ],
  sandbox: [],
  cli: ['access', 'sandbox', 'schema', 'store', 'telemetry', 'config.ts'],
};

const LONGEST_FILE = 260;

const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
);
const imports = new Map(files.map((file) => [file, importsOf(file)]));

/** What a file imports when it runs. Statements that import types alone are left out: a type is written once, wherever it is used. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(SOURCE, file), 'utf8').replaceAll(
    /^import (?:type\b|\{(?:\s*type [^,}]+,?)+\s*\} from)[^;]*;/gm,
    '',
  );
  const specifiers = [
    ...text.matchAll(
      /^(?:import|export)\b[^;]*?from '(\.[^']+)'|^import '(\.[^']+)'|import\('(\.[^']+)'\)/gm,
    ),
  ];
  return specifiers.map((match) =>
    relative(SOURCE, resolve(SOURCE, dirname(file), match[1] ?? match[2] ?? match[3] ?? '')),
  );
}

/** The innermost room of a file: a room may stand in another one. */
function roomOf(file: string): string {
  const [room] = Object.keys(MAY_IMPORT)
    .filter((name) => file === name || file.startsWith(`${name}/`))
    .toSorted((one, other) => other.length - one.length);
  if (room === undefined) throw new Error(`${file} stands in no room that ARCHITECTURE.md knows.`);
  return room;
}

describe('the architecture', () => {
  it('lets imports go one way only', () => {
    const forbidden = [...imports].flatMap(([file, targets]) =>
      targets
        .filter((target) => {
          const [from, to] = [roomOf(file), roomOf(target)];
          if (from === to) return false;
          // Errors are every room's, but for the sandbox, which is a product of its own.
          if (to === 'errors' && from !== 'sandbox') return false;
          return !(MAY_IMPORT[from] ?? []).includes(to);
        })
        .map((target) => `${file} imports ${target}`),
    );
    expect(forbidden).toEqual([]);
  });

  it('is what the table of rooms in ARCHITECTURE.md says', () => {
    const page = readFileSync(join(SOURCE, '../ARCHITECTURE.md'), 'utf8');
    const rows = [...page.matchAll(/^\| `src\/([\w./]+)` \| .* \| ([^|]+) \|$/gm)].map(
      ([, room = '', allowed = '']) => [room, [...allowed.matchAll(/`([^`]+)`/g)].map(([, name]) => name)],
    );
    expect(Object.fromEntries(rows)).toEqual(MAY_IMPORT);
  });

  it.each([
    ['files', imports],
    ['rooms', new Map(Object.entries(MAY_IMPORT))],
  ])('has no circles of %s', (_what, arrows: ReadonlyMap<string, readonly string[]>) => {
    const circles: string[] = [];
    const done = new Set<string>();
    const visit = (from: string, path: readonly string[]) => {
      if (path.includes(from)) circles.push([...path.slice(path.indexOf(from)), from].join(' -> '));
      if (path.includes(from) || done.has(from)) return;
      for (const target of arrows.get(from) ?? []) visit(target, [...path, from]);
      done.add(from);
    };
    for (const from of arrows.keys()) visit(from, []);
    expect(circles).toEqual([]);
  });

  it('keeps sandbox and gateway strangers to each other', () => {
    const acquainted = [...imports].filter(([file, targets]) => {
      const inSandbox = roomOf(file) === 'sandbox';
      return targets.some((target) => (roomOf(target) === 'sandbox') !== inSandbox && roomOf(file) !== 'cli');
    });
    expect(acquainted.map(([file]) => file)).toEqual([]);
  });

  it('keeps what all systems of the sandbox share free of any one of them', () => {
    const shared = files.filter(
      (file) => file.startsWith('sandbox/') && !/^sandbox\/(webex\/|index\.ts$)/.test(file),
    );
    expect(shared.length).toBeGreaterThan(5);
    expect(
      shared.filter((file) => imports.get(file)?.some((target) => target.startsWith('sandbox/webex/'))),
    ).toEqual([]);
  });

  it('keeps what a request remembers of Webex out of provisioning', () => {
    // Not even as a type: what is changed is read fresh.
    const remembering = files.filter(
      (file) =>
        file.startsWith('provisioning/') &&
        readFileSync(join(SOURCE, file), 'utf8').includes('webex/datasource.ts'),
    );
    expect(remembering).toEqual([]);
  });

  it('reads the environment in one place', () => {
    const readers = files.filter((file) => readFileSync(join(SOURCE, file), 'utf8').includes('process.env'));
    expect(readers.filter((file) => !['server.ts'].includes(file) && !file.startsWith('cli/'))).toEqual([]);
  });

  it('says in one place what a status of Webex means', () => {
    // The token endpoint speaks another protocol.
    const own = new Set(
      ['status.ts', 'oauth/oauth.ts', 'oauth/token-refusal.ts'].map((name) => `datasources/webex/${name}`),
    );
    const rooms = /^(?:datasources\/(?:rest|webex)|provisioning)\//;
    const naming = files.filter((file) => {
      if (!rooms.test(file) || own.has(file)) return false;
      const code = readFileSync(join(SOURCE, file), 'utf8').replaceAll(/^\s*(?:\/?\*|\/\/).*$/gm, '');
      return /\bstatus\b[^;\n]*[<>]|\b(?:400|404|410|502|504)\b/.test(code);
    });
    expect(naming).toEqual([]);
  });

  it('keeps every file short enough to read at once', () => {
    const long = files.filter(
      (file) => readFileSync(join(SOURCE, file), 'utf8').split('\n').length > LONGEST_FILE,
    );
    expect(long).toEqual([]);
  });

  it('has no rooms for what has no place', () => {
    expect(files.filter((file) => /(^|\/)(utils?|helpers?|common|misc)(\/|\.ts$)/.test(file))).toEqual([]);
  });
});
