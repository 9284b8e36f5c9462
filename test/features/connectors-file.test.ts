import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { isInputObjectType } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { declareConnectors } from '../../src/connectors/declared/declare.ts';
import { schema } from '../../src/schema/index.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { type FreshDatabase, freshDatabase, freshFolder } from '../databases.ts';
import { localDestinations } from '../local-upstream.ts';
import { askPort, freePort, kill, type Running, startProgram } from '../processes.ts';

const SECRET = 'declared-secret-canary';
const ENVIRONMENT = { ACME_CLIENT_SECRET: SECRET, EMPTY: '' };
const ENTRY = '- name: acme\n    clientId: C0123\n    clientSecret: { env: ACME_CLIENT_SECRET }';
const EXAMPLE = resolve(import.meta.dirname, '../../examples/connectors.yaml');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gateway-declared-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes a file beside the others; resolves with its path. */
function write(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function inUtf16(hasMark: boolean) {
  return (text: string) => Buffer.from(`${hasMark ? '\ufeff' : ''}${text}`, 'utf16le');
}

describe('a connectors file that is wrong', () => {
  const running: Running[] = [];
  let database: FreshDatabase;
  let store: Store;

  beforeAll(async () => {
    database = await freshDatabase();
    store = await openStore(database.options);
  });
  afterAll(async () => {
    await Promise.all(running.map((each) => kill(each)));
    await store.close();
    await database[Symbol.asyncDispose]();
  });

  it('ends the start with a sentence and exit code 1, before anything listens', async () => {
    const file = write('wrong.yaml', `connectors:\n  ${ENTRY}\n    maximumConnections: 0\n`);
    const port = await freePort();
    await using database = await freshFolder();
    const server = startProgram('server.ts', {
      DATA_DIR: database.dataDir,
      PORT: port,
      CONNECTORS_FILE: file,
      ...ENVIRONMENT,
    });
    running.push(server);
    const { code, stdout, stderr } = await server.ended;
    expect([code, stdout, stderr]).toEqual([
      1,
      '',
      `CONNECTORS_FILE ${file}, connectors[0].maximumConnections: must be a whole number from 1 to 100, not 0.\n`,
    ]);
  });

  it.each([
    ['UTF-16 with a byte order mark', 'is encoded in UTF-16; save it as UTF-8', inUtf16(true)],
    ['UTF-16 without one', 'is encoded in UTF-16; save it as UTF-8', inUtf16(false)],
    [
      'Latin-1',
      'is not encoded in UTF-8, but perhaps in Latin-1 or Windows-1252; save it as UTF-8',
      (text: string) => Buffer.from(text, 'latin1'),
    ],
  ])('is told that it is in another encoding: %s', async (name, sentence, encode) => {
    const file = write(`${name}.yaml`, encode(`connectors:\n  ${ENTRY.replace('acme', 'Zürich')}`));
    await expect(apply(file)).rejects.toThrow(`CONNECTORS_FILE ${file}: the file ${sentence}.`);
    const secret = write(`${name}.txt`, encode('Geheim\u00fc'));
    const referring = write(
      'refers.yaml',
      `connectors:\n  ${ENTRY.replace('env: ACME_CLIENT_SECRET', `file: ${secret}`)}`,
    );
    await expect(apply(referring)).rejects.toThrow(`connectors[0].clientSecret.file: ${secret} ${sentence}.`);
  });

  it('says which file cannot be read', async () => {
    await expect(apply(join(folder, 'none.yaml'))).rejects.toThrow(
      `CONNECTORS_FILE ${join(folder, 'none.yaml')}: the file cannot be read (ENOENT).`,
    );
  });

  it.each([
    [': must hold the key connectors', ''],
    [', connector: there is no such setting; there are connectors.', 'connectors: []\nconnector: []'],
    [', connectors: must be a list', 'connectors:'],
    [', connectors[0]: must be a connector', 'connectors: [acme]'],
    [': line 5, column', `connectors:\n  ${ENTRY}\n   odd: {`],
    [
      ': line 5, column 5 is not valid YAML or JSON (DUPLICATE_KEY).',
      `connectors:\n  ${ENTRY}\n    name: again`,
    ],
    [': refers to an anchor that it does not define', 'connectors: *others'],
    [
      ', connectors[0].clientid: there is no such setting; clientId is meant.',
      'connectors: [{ clientid: C }]',
    ],
    [
      ', connectors[0].max_connections: there is no such setting; there',
      'connectors: [{ max_connections: 1 }]',
    ],
    [', connectors[0]: holds a key that is no setting.', `connectors: [{ "clientSecret:${SECRET}": 1 }]`],
    [', connectors[0].clientId: is missing.', 'connectors: [{ name: a, clientSecret: { env: A } }]'],
    [', connectors[0].clientSecret: is missing.', 'connectors: [{ name: a, clientId: C }]'],
    [', connectors[1].name: connectors[0] has the same name', `connectors:\n  ${ENTRY}\n  ${ENTRY}`],
    ['.clientSecret: must be { env: VARIABLE } or { file: /path/to/it }', entry('clientSecret: {}')],
    ['.clientSecret: must not stand in the file itself', entry(`clientSecret: ${SECRET}`)],
    [
      '.clientSecret.env: is not the name of an environment variable',
      entry(`clientSecret: { env: "${SECRET}" }`),
    ],
    [
      '.clientSecret.env: the environment variable MISSING is not set.',
      entry('clientSecret: { env: MISSING }'),
    ],
    ['.clientSecret.env: the environment variable EMPTY is not set.', entry('clientSecret: { env: EMPTY }')],
    ['none.txt cannot be read (ENOENT).', entry('clientSecret: { file: none.txt }')],
    ['empty.txt is empty.', entry('clientSecret: { file: empty.txt }')],
    [
      '.clientSecret: must be one line of 1000 characters at most.',
      entry('clientSecret: { file: lines.txt }'),
    ],
    ['.clientId: must be text; put it in quotes.', entry('clientId: 12')],
    ['.readOnly: has no value; leave the line out to have the default.', entry('readOnly:')],
    ['.readOnly: must be true or false, without quotes.', entry('readOnly: "yes"')],
    ['.connectionTimeout: must be a number, without quotes.', entry('connectionTimeout: "30"')],
    ['.connectionTimeout: must be a whole number from 1 to 300, not 301.', entry('connectionTimeout: 301')],
    ['.scopes: must be a list of texts.', entry('scopes: a b')],
    ['.scopes[0]: must be text', entry('scopes: [1]')],
    ['.scopes: "two words" is no scope', entry('scopes: [two words]')],
    ['.serviceUri: must use https', entry('serviceUri: http://example.com')],
    [
      '.tokenEndpoint: https://evil.example is not an allowed origin.',
      entry('tokenEndpoint: https://evil.example/v1/access_token'),
    ],
    [
      '.proxyUrl: is not an allowed proxy. Ask the operator to add it to UPSTREAM_PROXIES.',
      entry('proxyUrl: http://proxy.example.com:3128'),
    ],
    ['.clientAuthentication: must be CLIENT_SECRET_POST or', entry('clientAuthentication: BODY')],
    ['.proxyUrl: holds a user name or a password', entry(`proxyUrl: http://me:${SECRET}@proxy.example.com`)],
    [
      '.proxyUrl: must be the http or https address of a proxy',
      entry('proxyUrl: { env: ACME_CLIENT_SECRET }'),
    ],
    ['.caCertificates: must be one certificate or several', entry('caCertificates: { file: lines.txt }')],
    ['.refreshToken: there is no such setting', entry('refreshToken: { env: ACME_CLIENT_SECRET }')],
  ])('is told “%s”, and no secret', async (sentence, content) => {
    write('empty.txt', '\n');
    write('lines.txt', `${SECRET}\n${SECRET}\n`);
    const file = write('checked.yaml', content);
    const failure = apply(file);
    await expect(failure).rejects.toMatchObject({
      name: 'InvalidConfiguration',
      message: expect.stringContaining(sentence),
    });
    await expect(failure).rejects.toThrow(`CONNECTORS_FILE ${file}`);
    await expect(failure).rejects.not.toThrow(SECRET);
    expect(await store.connectors.list()).toEqual([]);
  });

  /** A file with one connector that is right but for this line. */
  function entry(line: string): string {
    const [key = ''] = line.split(':');
    const right = ENTRY.split('\n').filter((each) => !each.includes(`${key}:`));
    return ['connectors:', `  ${right.join('\n')}`, `    ${line}`].join('\n');
  }

  function apply(file: string): Promise<void> {
    return declareConnectors({
      file,
      environment: ENVIRONMENT,
      destinations: localDestinations(),
      store,
      logger: createLogger('silent'),
    });
  }
});

describe('the example of a connectors file', () => {
  let server: Running | undefined;
  afterAll(async () => {
    if (server !== undefined) await kill(server);
  });

  it('starts a gateway', async () => {
    const port = await freePort();
    await using database = await freshFolder();
    server = startProgram('server.ts', {
      DATA_DIR: database.dataDir,
      PORT: port,
      CONNECTORS_FILE: EXAMPLE,
      ACME_CLIENT_SECRET: SECRET,
      GLOBEX_CLIENT_SECRET: SECRET,
    });
    await server.listening;
    const { data } = await askPort(port, '{ connectors { name declared settings { clientSecretSet } } }');
    expect(data).toEqual({
      connectors: ['acme', 'globex'].map((name) => ({
        name,
        declared: true,
        settings: { clientSecretSet: true },
      })),
    });
    await kill(server, 'SIGTERM');
    expect(server.output.stderr + server.output.stdout).not.toContain(SECRET);
  });

  it('names every setting there is', () => {
    const example = readFileSync(EXAMPLE, 'utf8');
    const input = schema.getType('CreateConnectorInput');
    const settings = isInputObjectType(input) ? Object.keys(input.getFields()) : [];
    expect(settings).toContain('organizationWebexId');
    // The file has its own name for one of them.
    const names = settings.map((name) => (name === 'organizationWebexId' ? 'organizationId' : name));
    for (const name of names) expect(example).toMatch(new RegExp(`\\b${name}:`));
  });
});
