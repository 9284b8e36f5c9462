import { InvalidConfiguration } from '../errors/start.ts';

/** A number above 0. Throws InvalidConfiguration, which names the variable and the unit. */
export function readNumber(variable: string, text: string, most: number, unit: string): number {
  const value = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || value <= 0 || value > most) {
    throw new InvalidConfiguration(
      variable,
      `must be a number of ${unit} above 0, up to ${most}, not ${JSON.stringify(text)}.`,
    );
  }
  return value;
}

/** A whole number from 1. Throws InvalidConfiguration, which names the variable and the unit. */
export function readCount(variable: string, text: string, unit: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= 1_000_000_000) return value;
  throw new InvalidConfiguration(
    variable,
    `must be a whole number of ${unit} from 1 to 1000000000, not ${JSON.stringify(text)}.`,
  );
}

/** On or off. Throws InvalidConfiguration, which names the variable. */
export function readSwitch(variable: string, text: string): boolean {
  if (['true', 'on', '1'].includes(text.toLowerCase())) return true;
  if (['false', 'off', '0'].includes(text.toLowerCase())) return false;
  throw new InvalidConfiguration(variable, `must be true or false, not ${JSON.stringify(text)}.`);
}

/** A port to listen on. Throws InvalidConfiguration, which names the variable. */
export function readPort(variable: string, text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) {
    throw new InvalidConfiguration(
      variable,
      `must be a port number from 1 to 65535, not ${JSON.stringify(text)}.`,
    );
  }
  return port;
}

/** Where browsers reach the gateway. Throws InvalidConfiguration. */
export function readPublicUrl(text: string): string {
  const url = URL.parse(text);
  if (
    url === null ||
    !['http:', 'https:'].includes(url.protocol) ||
    url.pathname !== '/' ||
    url.search !== '' ||
    url.hash !== ''
  ) {
    throw new InvalidConfiguration(
      'PUBLIC_URL',
      `must be an http or https URL without path or query, like https://webex-gateway.example.com, not ${JSON.stringify(text)}.`,
    );
  }
  return url.origin;
}

/** A list of origins, as browsers write them. Throws InvalidConfiguration, which names the variable. */
export function readOrigins(variable: string, text: string | undefined): string[] {
  return (text ?? '').split(',').flatMap((each) => {
    if (each.trim() === '') return [];
    const url = URL.parse(each.trim());
    if (url === null || !['http:', 'https:'].includes(url.protocol) || url.pathname !== '/') {
      throw new InvalidConfiguration(
        variable,
        `must be origins like https://admin.example.com, with commas between them, not ${JSON.stringify(each.trim())}.`,
      );
    }
    return [url.origin];
  });
}

/** A PostgreSQL URL; undefined if the variable is not set. Throws InvalidConfiguration, which never repeats it. */
export function readDatabaseUrl(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const url = URL.parse(text);
  // The value may hold a password, so it is never repeated in the message.
  if (url === null || !['postgres:', 'postgresql:'].includes(url.protocol)) {
    throw new InvalidConfiguration(
      'DATABASE_URL',
      'must be a PostgreSQL URL like postgres://user:password@host:5432/database. Leave it unset for the embedded database.',
    );
  }
  return text;
}
