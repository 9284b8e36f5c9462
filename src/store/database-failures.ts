import { GatewayError } from '../errors/gateway-error.ts';
import { StoreUnavailable } from '../errors/start.ts';

/** SQLSTATEs that say the server, not the query, is the trouble: class or whole code. */
const SERVER_TROUBLE = ['08', '53', '57P', '57014', '58', 'XX', '25006'];
/** Codes of Node.js for a connection that could not be made or did not last. */
const NETWORK_TROUBLE =
  /^(ECONN|ENOTFOUND|EAI_|EHOSTUNREACH|ENETUNREACH|EPIPE|ETIMEDOUT|ENOENT$|EACCES$|ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/;
/** What the pg library and PGlite say without a code. */
const CONNECTION_LOST =
  /^(The store is closed|Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered|Client was closed|The server does not support SSL)/;

/** The SQLSTATE or the code of Node.js that an error carries, if any. */
function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Whether the error is a violation of a unique constraint. */
export function isUniqueViolation(error: unknown): boolean {
  return codeOf(error) === '23505';
}

/** Whether the error says that a row referred to does not exist. */
export function isForeignKeyViolation(error: unknown): boolean {
  return codeOf(error) === '23503';
}

/** Whether the error says that a table does not exist. */
export function isMissingTable(error: unknown): boolean {
  return codeOf(error) === '42P01';
}

/** Whether a statement waited longer for a lock than `lock_timeout` allows. */
export function isLockTimeout(error: unknown): boolean {
  return codeOf(error) === '55P03';
}

/**
 * Turns the failure of a database itself into StoreUnavailable; other errors come back as they are.
 * @param location names the database in the message, like `PostgreSQL at db.example.com:5432/gateway`
 */
export function reportFailure(error: unknown, location: string): unknown {
  return isDatabaseTrouble(error) ? unavailable(error, location) : error;
}

/** Says in a sentence that the database does not do its work, and why. */
export function unavailable(error: unknown, location: string): StoreUnavailable {
  if (error instanceof StoreUnavailable) return error;
  return new StoreUnavailable(`${location} is not available: ${reasonOf(error)}.`, { cause: error });
}

function isDatabaseTrouble(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = codeOf(error);
  if (code === undefined) return error.name === 'RuntimeError' || CONNECTION_LOST.test(error.message);
  return SERVER_TROUBLE.some((start) => code.startsWith(start)) || NETWORK_TROUBLE.test(code);
}

/** What the codes that an operator is likely to meet mean. */
const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was cut',
  ENOTFOUND: 'its host name does not resolve',
  EAI_AGAIN: 'its host name could not be resolved just now',
  ETIMEDOUT: 'it did not answer in time',
  '25006': 'it is read-only',
  '28000': 'it does not let this user in',
  '28P01': 'it does not accept the user name and password',
  '3D000': 'it has no database of this name',
  '42501': 'the user may not do this',
  '53100': 'its disk is full',
  '53300': 'it has no connection left',
  '57014': 'a statement took too long',
  '57P01': 'it was stopped',
  '57P03': 'it is starting or stopping',
  '58030': 'a file could not be read or written',
};

/** Why something failed, in one line for the operator: our own sentence, or what `reasonOf` makes of it. */
export function sayWhy(error: unknown): string {
  if (error instanceof GatewayError) return error.message.replaceAll('\n', ' ');
  return `It failed: ${reasonOf(error)}.`;
}

/** A few words of ours: what a library or the server says may hold values. */
export function reasonOf(error: unknown): string {
  const code = codeOf(error);
  if (code !== undefined && /^\w{1,40}$/.test(code)) {
    const reason = REASONS[code];
    return reason === undefined ? code : `${reason} (${code})`;
  }
  if (!(error instanceof Error)) return 'unknown reason';
  return CONNECTION_LOST.exec(error.message)?.[0] ?? error.name;
}
