import { dirname, resolve } from 'node:path';
import { readTextFile } from '../../config/text-file.ts';
import type { ClientAuthentication } from '../settings.ts';
import type { FileLocation } from './file-location.ts';

// What may stand in the file as one value. Each function takes the location and what stands there, and throws
// InvalidConfiguration. Whether a value of the right type is acceptable is for the settings to say.

/** Environment variables that the file may refer to. */
export type Environment = Readonly<Record<string, string | undefined>>;

const CLIENT_AUTHENTICATIONS: readonly ClientAuthentication[] = ['CLIENT_SECRET_POST', 'CLIENT_SECRET_BASIC'];

/** A map of keys to values, as opposed to a list or a single value. */
export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function readText(location: FileLocation, value: unknown): string {
  if (typeof value === 'string') return value;
  throw location.wrong('must be text; put it in quotes.');
}

export function readTexts(location: FileLocation, value: unknown): string[] {
  if (!Array.isArray(value)) throw location.wrong('must be a list of texts.');
  return value.map((each: unknown, index) => readText(location.at(index), each));
}

export function readNumber(location: FileLocation, value: unknown): number {
  if (typeof value === 'number') return value;
  throw location.wrong('must be a number, without quotes.');
}

export function readSwitch(location: FileLocation, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw location.wrong('must be true or false, without quotes.');
}

export function readClientAuthentication(location: FileLocation, value: unknown): ClientAuthentication {
  const method = CLIENT_AUTHENTICATIONS.find((known) => known === value);
  if (method === undefined) throw location.wrong(`must be ${CLIENT_AUTHENTICATIONS.join(' or ')}.`);
  return method;
}

/** A value that must not stand in the file itself. */
export function readSecret(location: FileLocation, value: unknown, environment: Environment): string {
  if (isMap(value)) return readReference(location, value, environment);
  throw location.wrong(
    'must not stand in the file itself; say where it is, with { env: VARIABLE } or { file: /path/to/it }.',
  );
}

/** A text, here or elsewhere. */
export function readTextOrReference(
  location: FileLocation,
  value: unknown,
  environment: Environment,
): string {
  return isMap(value) ? readReference(location, value, environment) : readText(location, value);
}

/** A proxy's address, which may stand in the file unless it holds a password. */
export function readProxyAddress(location: FileLocation, value: unknown, environment: Environment): string {
  const address = readTextOrReference(location, value, environment);
  // Not parsed: what is no address may hold a password all the same.
  if (!isMap(value) && address.includes('@')) {
    throw location.wrong(
      'holds a user name or a password, which must not stand in the file itself; say where the address is, with { env: VARIABLE } or { file: /path/to/it }.',
    );
  }
  return address;
}

function readReference(
  location: FileLocation,
  reference: Readonly<Record<string, unknown>>,
  environment: Environment,
): string {
  const [[kind, target] = [], ...others] = Object.entries(reference);
  if (others.length === 0 && typeof target === 'string') {
    if (kind === 'env') return readVariable(location.at('env'), target, environment);
    if (kind === 'file') return readReferencedFile(location.at('file'), target);
  }
  throw location.wrong('must be { env: VARIABLE } or { file: /path/to/it }, and nothing else.');
}

function readVariable(location: FileLocation, name: string, environment: Environment): string {
  // What is no name may be the secret itself, entered in the wrong setting.
  if (!/^[A-Za-z_]\w{0,99}$/.test(name)) throw location.wrong('is not the name of an environment variable.');
  const value = environment[name];
  if (value === undefined || value.trim() === '') {
    throw location.wrong(`the environment variable ${name} is not set.`);
  }
  return value;
}

/** Paths are relative to the folder of the connectors file. */
function readReferencedFile(location: FileLocation, name: string): string {
  const path = resolve(dirname(location.file), name);
  const file = readTextFile(path);
  if ('unreadable' in file) throw location.wrong(`${path} ${file.unreadable}.`);
  if (file.text.trim() === '') throw location.wrong(`${path} is empty.`);
  return file.text;
}
