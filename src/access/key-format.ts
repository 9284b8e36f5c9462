import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** What every key begins with, so that scanners for leaked secrets recognise one. */
const PREFIX = 'webexgw_';
const KEY = /^webexgw_([\w-]{43})([\da-f]{8})$/;
/** How much of a key is shown, to tell keys apart. */
const SHOWN = PREFIX.length + 6;

/** Makes a new API key: 256 random bits, and a checksum by which a mistyped one is told without asking. */
export function newKey(): string {
  const secret = randomBytes(32).toString('base64url');
  return `${PREFIX}${secret}${checksumOf(secret)}`;
}

/** Whether a text can be a key of ours; it may be unknown all the same. */
export function isKey(text: string): boolean {
  const [, secret = '', checksum] = KEY.exec(text) ?? [];
  return checksum === checksumOf(secret);
}

/** As a key is stored. It is random through and through, so a fast hash is enough. */
export function hashKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** The first characters of a key, by which people tell keys apart. */
export function shownPart(key: string): string {
  return key.slice(0, SHOWN);
}

function checksumOf(secret: string): string {
  return crc32(secret).toString(16).padStart(8, '0');
}
