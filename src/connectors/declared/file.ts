import { parseDocument } from 'yaml';
import { readTextFile } from '../../config/text-file.ts';
import { InvalidInput } from '../../errors/request.ts';
import type { Destinations } from '../allowed-origins.ts';
import { type ConnectorInput, type ConnectorSettings, readSettings } from '../settings.ts';
import { FileLocation } from './file-location.ts';
import {
  type Environment,
  isMap,
  readClientAuthentication,
  readNumber,
  readProxyAddress,
  readSecret,
  readSwitch,
  readText,
  readTextOrReference,
  readTexts,
} from './values.ts';

const SETTINGS = [
  'name',
  'clientId',
  'clientSecret',
  'serviceUri',
  'tokenEndpoint',
  'authorizationEndpoint',
  'scopes',
  'maximumConnections',
  'connectionTimeout',
  'proxyUrl',
  'caCertificates',
  'clientAuthentication',
  'organizationId',
  'readOnly',
] as const satisfies readonly (keyof ConnectorInput)[];
type Setting = (typeof SETTINGS)[number];

/** A declared connector cannot be completed by hand, so the secret has to be there, too. */
const REQUIRED: readonly Setting[] = ['name', 'clientId', 'clientSecret'];

/**
 * The connectors that a YAML or JSON file declares, with what it refers to filled in.
 * Throws InvalidConfiguration, which names the file and the path in it, and never a secret.
 */
export function readConnectorsFile(
  file: string,
  environment: Environment,
  destinations: Destinations,
): ConnectorSettings[] {
  const location = new FileLocation(file);
  const content = parse(location);
  if (!isMap(content)) throw location.wrong('must hold the key connectors, with a list of connectors.');
  refuseUnknownKeys(location, content, ['connectors']);
  const { connectors } = content;
  if (!Array.isArray(connectors)) throw location.at('connectors').wrong('must be a list; [] for none.');
  const names = new Map<string, FileLocation>();
  return connectors.map((entry: unknown, index) => {
    const entryLocation = location.at('connectors').at(index);
    const settings = readConnector(entryLocation, entry, environment, destinations);
    const other = names.get(settings.name);
    if (other !== undefined) {
      throw entryLocation.at('name').wrong(`${other.path} has the same name; names are unique.`);
    }
    names.set(settings.name, entryLocation);
    return settings;
  });
}

function parse(location: FileLocation): unknown {
  const file = readTextFile(location.file);
  if ('unreadable' in file) throw location.wrong(`the file ${file.unreadable}.`);
  const document = parseDocument(file.text, { logLevel: 'silent' });
  const [mistake] = document.errors;
  if (mistake !== undefined) {
    // The parser's own message quotes the file, and with it perhaps a secret.
    const { line = 0, col = 0 } = mistake.linePos?.[0] ?? {};
    throw location.wrong(`line ${line}, column ${col} is not valid YAML or JSON (${mistake.code}).`);
  }
  try {
    return document.toJS();
  } catch {
    throw location.wrong('refers to an anchor that it does not define, or to too many.');
  }
}

function readConnector(
  location: FileLocation,
  entry: unknown,
  environment: Environment,
  destinations: Destinations,
): ConnectorSettings {
  if (!isMap(entry)) throw location.wrong('must be a connector: a name, a clientId and so on.');
  refuseUnknownKeys(location, entry, SETTINGS);
  for (const setting of REQUIRED) {
    if (!(setting in entry)) throw location.at(setting).wrong('is missing.');
  }
  const read = <T>(
    setting: Setting,
    reader: (location: FileLocation, value: unknown, environment: Environment) => T,
  ): T | undefined => {
    if (!(setting in entry)) return undefined;
    const value = entry[setting];
    if (value === null) {
      throw location.at(setting).wrong('has no value; leave the line out to have the default.');
    }
    return reader(location.at(setting), value, environment);
  };
  const input: ConnectorInput = {
    name: read('name', readText),
    clientId: read('clientId', readText),
    clientSecret: read('clientSecret', readSecret),
    serviceUri: read('serviceUri', readText),
    tokenEndpoint: read('tokenEndpoint', readText),
    authorizationEndpoint: read('authorizationEndpoint', readText),
    scopes: read('scopes', readTexts),
    maximumConnections: read('maximumConnections', readNumber),
    connectionTimeout: read('connectionTimeout', readNumber),
    proxyUrl: read('proxyUrl', readProxyAddress),
    caCertificates: read('caCertificates', readTextOrReference),
    clientAuthentication: read('clientAuthentication', readClientAuthentication),
    organizationId: read('organizationId', readText),
    readOnly: read('readOnly', readSwitch),
  };
  try {
    return { ...readSettings(input, destinations), declared: true };
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    // The API calls it by another name than the file.
    const setting = error.field.replace(/^input\./, '').replace('organizationWebexId', 'organizationId');
    throw location.at(setting).wrong(error.message.slice(`${error.field}: `.length));
  }
}

function refuseUnknownKeys(location: FileLocation, map: object, known: readonly string[]): void {
  const key = Object.keys(map).find((each) => !known.includes(each));
  if (key === undefined) return;
  // A colon without a space behind it makes a key of a value, so what is no plain word is not repeated.
  if (!/^[A-Za-z][\w-]{0,49}$/.test(key)) throw location.wrong('holds a key that is no setting.');
  const plain = (name: string) => name.replaceAll(/[_-]/g, '').toLowerCase();
  const meant = known.find((name) => plain(name) === plain(key));
  throw location
    .at(key)
    .wrong(
      meant === undefined
        ? `there is no such setting; there are ${known.join(', ')}.`
        : `there is no such setting; ${meant} is meant.`,
    );
}
