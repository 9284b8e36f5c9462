import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto';
import { InvalidConfiguration, SecretKeyMismatch } from '../../errors/start.ts';

/** A key that seals secrets at rest. The id is stored beside every value, so keys can be exchanged. */
export interface SecretKey {
  /** 1 to 64 letters, digits, `-` or `_`. */
  readonly id: string;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

/** Turns secrets into text that is safe to store, and back. */
export interface Sealer {
  /** Id of the key that seals. */
  readonly keyId: string;
  /** Ids of all keys that open, the sealing one first. */
  readonly keyIds: readonly string[];
  /** Seals `plain` for one place, like `connectors/<id>/clientSecret`; it opens nowhere else. */
  seal(plain: string, boundTo: string): string;
  /** Opens what `seal` made for the same place. Throws SecretKeyMismatch. */
  open(sealed: string, boundTo: string): string;
  /** As `seal`, for bytes. */
  sealBytes(plain: Uint8Array, boundTo: string): string;
  /** As `open`, for bytes. Opens what `seal` made, too. */
  openBytes(sealed: string, boundTo: string): Buffer;
}

/** A sealer whose keys can be exchanged while it is in use. */
export interface KeyRing extends Sealer {
  /** Ids of keys that it was to open something with and does not have. */
  readonly missingIds: readonly string[];
  /** From now on the first of these seals, and all of them open. Throws InvalidConfiguration for an empty list. */
  exchange(keys: readonly SecretKey[]): void;
}

/** Ids of missing keys that are remembered; what is damaged may name any. */
const MOST_MISSING = 100;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_ID = /^[\w-]{1,64}$/;
const KEY_TEXT = /^[\w+/-]{43}=?$/;
const ENVELOPE = /^v1\.([\w-]{1,64})\.([\w-]+)$/;

/** Keeps the key out of `inspect()` and JSON. */
class HiddenSecretKey implements SecretKey {
  readonly id: string;
  readonly #key: Uint8Array;
  constructor(id: string, key: Uint8Array) {
    this.id = id;
    this.#key = key;
  }
  get key(): Uint8Array {
    return this.#key;
  }
}

/**
 * Reads keys from `id:base64of32bytes[,id2:…]`. The first seals, all of them open.
 * Throws InvalidConfiguration for SECRET_KEYS; its message never repeats anything of the text.
 */
export function parseSecretKeys(text: string): SecretKey[] {
  const keys = text.split(',').map((entry, index) => parseEntry(entry.trim(), index + 1));
  if (new Set(keys.map((key) => key.id)).size < keys.length) {
    throw new InvalidConfiguration('SECRET_KEYS', 'names the same key id twice. Every key needs its own.');
  }
  return keys;
}

function parseEntry(entry: string, position: number): SecretKey {
  const colon = entry.indexOf(':');
  const id = entry.slice(0, Math.max(colon, 0));
  const encoded = entry.slice(colon + 1);
  if (!KEY_ID.test(id)) {
    throw new InvalidConfiguration(
      'SECRET_KEYS',
      `must be like id:key[,id2:key2]; the id of entry ${position} must be 1 to 64 letters, digits, - or _.`,
    );
  }
  if (!KEY_TEXT.test(encoded)) {
    throw new InvalidConfiguration(
      'SECRET_KEYS',
      `entry ${position} must hold 32 random bytes in base64 after its id. Make one with: openssl rand -base64 32`,
    );
  }
  return new HiddenSecretKey(id, Buffer.from(encoded, 'base64'));
}

/** Makes a new random key with this id. */
export function generateSecretKey(id: string): SecretKey {
  return new HiddenSecretKey(id, randomBytes(KEY_BYTES));
}

/** Writes a key the way `parseSecretKeys` reads it. The result is the secret itself. */
export function formatSecretKey(key: SecretKey): string {
  return `${key.id}:${Buffer.from(key.key).toString('base64')}`;
}

/**
 * Makes a sealer (AES-256-GCM, a fresh nonce each time) of one key or more; the first seals, all open.
 * Throws InvalidConfiguration for an empty list.
 */
export function createSealer(keys: readonly SecretKey[]): KeyRing {
  let current = toKeyObjects(keys);
  const missing = new Set<string>();
  const keyNamed = (id: string, boundTo: string) => {
    const key = current.keyObjects.get(id);
    if (key !== undefined) return key;
    if (missing.size < MOST_MISSING) missing.add(id);
    throw new SecretKeyMismatch(
      `The stored value ${boundTo} is sealed with the key "${id}", which is not among the keys given. Add that key to SECRET_KEYS, or put the key file it came from back. The value was left as it is.`,
    );
  };
  const sealBytes = (plain: Uint8Array, boundTo: string) => {
    const { first } = current;
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', keyNamed(first, boundTo), nonce);
    cipher.setAAD(Buffer.from(boundTo));
    const sealed = [nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()];
    return `v1.${first}.${Buffer.concat(sealed).toString('base64url')}`;
  };
  const openBytes = (sealed: string, boundTo: string) => {
    const [, id, body] = ENVELOPE.exec(sealed) ?? [];
    if (id === undefined || body === undefined) throw damaged(boundTo);
    const bytes = Buffer.from(body, 'base64url');
    if (bytes.length < NONCE_BYTES + TAG_BYTES) throw damaged(boundTo);
    const decipher = createDecipheriv('aes-256-gcm', keyNamed(id, boundTo), bytes.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(boundTo));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    try {
      const opened = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
      return Buffer.concat([opened, decipher.final()]);
    } catch {
      throw new SecretKeyMismatch(
        `The stored value ${boundTo} does not open with the key "${id}". Either SECRET_KEYS gives that id another key than before, or the value was changed or moved: give the right key, or restore a backup. The value was left as it is.`,
      );
    }
  };
  return {
    get keyId() {
      return current.first;
    },
    get keyIds() {
      return [...current.keyObjects.keys()];
    },
    get missingIds() {
      return [...missing].filter((id) => !current.keyObjects.has(id));
    },
    exchange(next) {
      current = toKeyObjects(next);
    },
    seal: (plain, boundTo) => sealBytes(Buffer.from(plain), boundTo),
    open: (sealed, boundTo) => openBytes(sealed, boundTo).toString('utf8'),
    sealBytes,
    openBytes,
  };
}

function toKeyObjects(keys: readonly SecretKey[]) {
  const [first] = keys;
  if (first === undefined) {
    throw new InvalidConfiguration('SECRET_KEYS', 'must hold at least one key, like id:base64of32bytes.');
  }
  return { first: first.id, keyObjects: new Map(keys.map((key) => [key.id, createSecretKey(key.key)])) };
}

function damaged(boundTo: string): SecretKeyMismatch {
  return new SecretKeyMismatch(
    `The stored value ${boundTo} is not a sealed one. It was changed outside the gateway: restore a backup.`,
  );
}
