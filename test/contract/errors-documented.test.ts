import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isInterfaceType, isObjectType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../src/errors/gateway-error.ts';
import { DATA_ERRORS, ERROR_CODES } from '../../src/schema/errors/table.ts';
import { schema } from '../../src/schema/index.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const documented = [...readFileSync(join(ROOT, 'docs/errors.md'), 'utf8').matchAll(/^### ([A-Z_]+)$/gm)].map(
  (match) => match[1],
);

/** Codes that are not ours but GraphQL's own, as the libraries below us spell them. */
const OF_GRAPHQL = [
  'BAD_REQUEST',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
];

function sourcesIn(folder: string): string[] {
  const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
  return files.filter((file) => file.endsWith('.ts'));
}

/** Every code that stands in the source: those of error classes, and those of answers before an operation. */
function raised(): string[] {
  const classes = sourcesIn('src/errors').flatMap((file) => [
    ...readFileSync(join(ROOT, 'src/errors', file), 'utf8').matchAll(
      /readonly code(?:: string)? = '([A-Z_]+)'/g,
    ),
  ]);
  const edge = ['src/routes', 'src/schema'].flatMap((folder) =>
    sourcesIn(folder).flatMap((file) => [
      ...readFileSync(join(ROOT, folder, file), 'utf8').matchAll(
        /(?:code: |refuse\(c, \d+, |code = )'([A-Z]+_?[A-Z_]*)'/g,
      ),
    ]),
  );
  return [...new Set([...classes, ...edge].map((match) => match[1] ?? ''))];
}

/** Errors that end an operation or a start, and are never the data of a mutation. */
const NEVER_DATA = [
  'Abandoned',
  'AmbiguousName',
  'BatchRefused',
  'ColumnMissing',
  'DeadlineExceeded',
  'ErrorsLeftOut',
  'ExpressionTooSlow',
  'FileTooLarge',
  'IdentityProviderUnavailable',
  'InvalidConfiguration',
  'InvalidCursor',
  'MappingFailed',
  'MappingNotStarted',
  'PersistedOnly',
  'PersistedQueryNotFound',
  'PersistedQueryNotInList',
  'ProtectedUser',
  'QueryTooCostly',
  'RequestTooComplex',
  'ResultTooLarge',
  'StoreInUse',
  'StoreTooNew',
  'TooManyChanges',
  'TooManyOperations',
  'TooManyRequests',
  'TooMuchUnderWay',
  'Unauthenticated',
  'UnknownName',
  'UnreadableBody',
  'UnreadableFile',
  'UploadTimeout',
];

type ErrorClass = { readonly name: string; readonly prototype: object };

function isErrorClass(value: unknown): value is ErrorClass {
  return typeof value === 'function' && value.prototype instanceof GatewayError;
}

/** Every class of errors that can be raised. */
async function classes(): Promise<ErrorClass[]> {
  const modules = await Promise.all(
    sourcesIn('src/errors').map((file): Promise<object> => import(join(ROOT, 'src/errors', file))),
  );
  const all = modules.flatMap((module) => Object.values(module)).filter(isErrorClass);
  const isBase = ({ name }: ErrorClass) => ['StartError', 'ChangeError', 'UpstreamError'].includes(name);
  return all.filter((each) => !isBase(each));
}

describe('the table of errors that are data', () => {
  it('holds every class that is not one of those that end an operation', async () => {
    const isKnown = ({ name, prototype }: ErrorClass) =>
      NEVER_DATA.includes(name) ||
      DATA_ERRORS.some((entry) => entry.class.prototype === prototype || prototype instanceof entry.class);
    expect((await classes()).filter((each) => !isKnown(each)).map(({ name }) => name)).toEqual([]);
    const names = (await classes()).map(({ name }) => name);
    expect(NEVER_DATA.filter((name) => !names.includes(name))).toEqual([]);
  });

  it('names the codes of its classes, types that implement Error, and codes that are documented', () => {
    const error = schema.getType('Error');
    const types = isInterfaceType(error) ? schema.getPossibleTypes(error).map(({ name }) => name) : [];
    expect([...new Set(DATA_ERRORS.map(({ type }) => type))].toSorted()).toEqual(types.toSorted());
    expect(types).toHaveLength(10);
    const codes = DATA_ERRORS.map(({ code }) => code);
    expect([...new Set(codes)].toSorted()).toEqual(Object.keys(ERROR_CODES).toSorted());
    expect(codes.filter((code) => !documented.includes(code))).toEqual([]);
    // The code for a secret that does not open has another name for clients than for operators.
    const sources = sourcesIn('src/errors').map((file) =>
      readFileSync(join(ROOT, 'src/errors', file), 'utf8'),
    );
    for (const { class: ErrorClass, code } of DATA_ERRORS) {
      if (code === 'SECRET_UNREADABLE') continue;
      const own = new RegExp(`class ${ErrorClass.name}\\b[^]*?readonly code(?:: string)? = '([A-Z_]+)'`);
      const found = sources.map((text) => own.exec(text)?.[1]).find((each) => each !== undefined);
      expect(found, ErrorClass.name).toBe(code);
    }
  });
});

describe('every mutation', () => {
  it('answers with a payload that has an error, and is null only with a top-level error', () => {
    for (const [name, { type }] of Object.entries(schema.getMutationType()?.getFields() ?? {})) {
      expect(isObjectType(type), `${name} is nullable`).toBe(true);
      const error = isObjectType(type) ? type.getFields().error : undefined;
      expect(String(error?.type), name).toBe('Error');
    }
  });
});

describe('docs/errors.md', () => {
  it('has a section for every code, and for nothing else', () => {
    expect(documented.toSorted()).toEqual([...new Set([...raised(), ...OF_GRAPHQL])].toSorted());
  });
});
