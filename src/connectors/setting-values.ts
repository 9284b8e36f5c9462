import { X509Certificate } from 'node:crypto';
import { InvalidInput } from '../errors/request.ts';
import type { Destinations } from './allowed-origins.ts';
import { certificatesIn } from './pem.ts';

// What is acceptable in one setting. Each function takes the setting's name and the value as entered, gives
// the value as it is kept, and throws InvalidInput, which names the field as `input.<name>`.

const LONGEST_NAME = 100;
const LONGEST_LINE = 1_000;
const LONGEST_ADDRESS = 2_000;
/** Characters of all trusted certificates of a connector. */
export const LONGEST_PEM = 500_000;

export function readName(value: string | null): string {
  const name = readLine('name', value);
  if (name.length > LONGEST_NAME) {
    throw new InvalidInput(
      'input.name',
      `must have ${LONGEST_NAME} characters at most; this has ${name.length}.`,
    );
  }
  return name;
}

/** One line of text that is not empty. */
export function readLine(field: string, value: string | null): string {
  const text = value?.trim() ?? '';
  if (text === '') throw new InvalidInput(`input.${field}`, 'must not be empty.');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (text.length > LONGEST_LINE || /[\u0000-\u001f\u007f]/.test(text)) {
    throw new InvalidInput(`input.${field}`, `must be one line of ${LONGEST_LINE} characters at most.`);
  }
  return text;
}

/** An absolute address of Webex; whether tokens may go there is for `allowEndpoint` to say. */
export function readEndpoint(field: string, value: string | URL): string {
  const url = URL.parse(assertShort(field, String(value)));
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new InvalidInput(`input.${field}`, 'must be an absolute https URL, like https://webexapis.com/v1.');
  }
  // An empty query or fragment leaves its `?` or `#` in the address, so the text is checked and not the parsed parts.
  if (url.username !== '' || url.password !== '' || /[?#]/.test(url.href)) {
    throw new InvalidInput(`input.${field}`, 'must not hold a user name, a password, a query or a fragment.');
  }
  return withoutSlashesAtEnd(url.href);
}

/** The address itself. Throws InvalidInput if it is too long, before anything is matched against it. */
function assertShort(field: string, address: string): string {
  if (address.length <= LONGEST_ADDRESS) return address;
  throw new InvalidInput(
    `input.${field}`,
    `must have at most ${LONGEST_ADDRESS} characters; this has ${address.length}.`,
  );
}

function withoutSlashesAtEnd(text: string): string {
  let end = text.length;
  while (text[end - 1] === '/') end -= 1;
  return text.slice(0, end);
}

/** Secrets and tokens go to these addresses, so the operator decides which are allowed. */
export function allowEndpoint(field: string, endpoint: string, destinations: Destinations): void {
  const url = new URL(endpoint);
  if (destinations.upstream(url) !== undefined) return;
  throw new InvalidInput(
    `input.${field}`,
    url.protocol === 'http:'
      ? 'must use https. Plain http is allowed only for servers on the machine of the gateway that UPSTREAM_ORIGINS names.'
      : `${url.origin} is not an allowed origin. Ask the operator to add it to UPSTREAM_ORIGINS.`,
  );
}

/** A proxy may ask for a user name and a password, which stand in its address. */
export function readProxy(value: string | URL): string {
  const url = URL.parse(assertShort('proxyUrl', String(value)));
  if (
    url === null ||
    !['http:', 'https:'].includes(url.protocol) ||
    url.pathname !== '/' ||
    /[?#]/.test(url.href)
  ) {
    throw new InvalidInput(
      'input.proxyUrl',
      'must be the http or https address of a proxy, like http://proxy.example.com:3128.',
    );
  }
  return url.href;
}

/** Everything goes through it. It is not repeated, as it may come from where secrets are. */
export function allowProxy(proxyUrl: string, destinations: Destinations): void {
  if (destinations.proxy(new URL(proxyUrl)) !== undefined) return;
  throw new InvalidInput(
    'input.proxyUrl',
    'is not an allowed proxy. Ask the operator to add it to UPSTREAM_PROXIES.',
  );
}

/** Certificates in PEM, one or several. */
export function readCertificates(value: string): string {
  if (value.length > LONGEST_PEM) {
    throw new InvalidInput(
      'input.caCertificates',
      `must have at most ${LONGEST_PEM} characters; these have ${value.length}.`,
    );
  }
  const found = certificatesIn(value);
  try {
    if (found.length === 0) throw new Error('none');
    for (const pem of found) new X509Certificate(pem);
  } catch {
    throw new InvalidInput('input.caCertificates', 'must be one certificate or several in PEM format.');
  }
  return found.join('\n');
}

/** Webex has some sixty. */
const MOST_SCOPES = 100;

export function readScopes(value: readonly string[]): readonly string[] {
  if (value.length > MOST_SCOPES) {
    throw new InvalidInput('input.scopes', `must name at most ${MOST_SCOPES} scopes, not ${value.length}.`);
  }
  const scopes = [...new Set(value.map((scope) => scope.trim()))];
  if (scopes.length === 0) throw new InvalidInput('input.scopes', 'must name at least one scope.');
  const odd = scopes.find((scope) => !/^[\x21\x23-\x5b\x5d-\x7e]{1,200}$/.test(scope));
  if (odd !== undefined) {
    throw new InvalidInput(
      'input.scopes',
      `${JSON.stringify(odd.slice(0, 50))} is no scope: it is empty or holds characters that OAuth does not allow.`,
    );
  }
  return scopes;
}

export function readRange(field: string, value: number, least: number, most: number): number {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new InvalidInput(
      `input.${field}`,
      `must be a whole number from ${least} to ${most}, not ${value}.`,
    );
  }
  return value;
}
