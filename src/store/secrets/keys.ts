import type { Kysely } from 'kysely';
import { InvalidConfiguration, SecretKeyMismatch } from '../../errors/start.ts';
import { IN_MEMORY } from '../database.ts';
import type { Tables } from '../tables.ts';
import { isSealed } from './key-check.ts';
import { keyFilePath, makeKeyFile, readKeyFile } from './key-file.ts';
import { generateSecretKey, type SecretKey } from './secrets.ts';

/** Which keys there are to choose from. */
export interface KeyOptions {
  readonly databaseUrl?: string | undefined;
  readonly dataDir: string;
  /** As configured; the first seals, all open. */
  readonly secretKeys: readonly SecretKey[];
}

/** Whether the key that seals is the one in the key file of the data folder. */
export function sealsWithKeyFile({ databaseUrl, dataDir, secretKeys }: KeyOptions): boolean {
  return databaseUrl === undefined && dataDir !== IN_MEMORY && secretKeys.length === 0;
}

/** Throws InvalidConfiguration where PostgreSQL is to be used without a key. */
export function requireKeys({ databaseUrl, secretKeys }: KeyOptions): void {
  if (databaseUrl === undefined || secretKeys.length > 0) return;
  throw new InvalidConfiguration(
    'SECRET_KEYS',
    'must be set together with DATABASE_URL: like id:key, the key being 32 random bytes in base64. Make one with: openssl rand -base64 32. A database that was used before needs the key that was used then.',
  );
}

/**
 * The keys configured; for a data folder also those of its key file, which is made for a new one. The first seals.
 * Throws SecretKeyMismatch if no key opens what is stored, or the key file is damaged, and StoreUnavailable.
 */
export async function keysOf(options: KeyOptions, db: Kysely<Tables>): Promise<readonly SecretKey[]> {
  const { dataDir, secretKeys: configured } = options;
  if (options.databaseUrl !== undefined) return configured;
  if (dataDir === IN_MEMORY) return configured.length > 0 ? configured : [generateSecretKey('memory')];
  const configuredIds = new Set(configured.map((key) => key.id));
  const keys = [...configured, ...readKeyFile(dataDir).filter((key) => !configuredIds.has(key.id))];
  if (keys.length > 0) return keys;
  if (await isSealed(db)) {
    throw new SecretKeyMismatch(
      `The key that opens the data folder ${dataDir} is missing: there is no ${keyFilePath(dataDir)}, and SECRET_KEYS is not set. Put the file back from a backup, or set SECRET_KEYS to the keys used before. Stored values were left as they are.`,
    );
  }
  return [makeKeyFile(dataDir)];
}
