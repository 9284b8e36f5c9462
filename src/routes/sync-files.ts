import type { Context, Hono } from 'hono';
import type { CallerRates } from '../access/caller-rates.ts';
import type { Gatekeeper } from '../access/gatekeeper.ts';
import { Forbidden } from '../errors/access.ts';
import { InvalidInput } from '../errors/request.ts';
import { FileTooLarge } from '../errors/source.ts';
import { readOwnId } from '../schema/base/global-ids.ts';
import { shownFile } from '../schema/sync/shown-file.ts';
import type { SyncFiles, Upload } from '../sync/sources/files.ts';
import type { Logger } from '../telemetry/logger.ts';
import { type CallerLimits, limitCallers } from './graphql/caller-limits.ts';
import { MemoryBudget } from './graphql/memory-budget.ts';
import { authenticate, principalOf } from './guards/authentication.ts';
import { refuse } from './guards/refusal.ts';
import type { AppEnvironment } from './request-log.ts';
import { refusal, streamOf } from './sync-answers.ts';
import { readInTime, type UploadTimes } from './upload-clock.ts';

/** Where files are uploaded. */
export const UPLOAD_PATH = '/sync/files';

const TIMES: UploadTimes = { silent: 30_000, total: 30 * 60_000 };
/** What one upload needs: a chunk, what it is compressed to, and a record. */
const UPLOAD_BYTES = 8 * 1024 * 1024;
const BUDGET = { gateway: 16 * UPLOAD_BYTES, caller: 2 * UPLOAD_BYTES, waiting: 0, waitMs: 0 };
const LONGEST_NAME = 200;

const FORMATS: ReadonlyMap<string, Upload['format']> = new Map([
  ['text/csv', 'CSV'],
  ['application/x-ndjson', 'JSON_LINES'],
  ['application/json', 'JSON'],
]);

/** What serves files. */
export interface SyncFileParts {
  readonly files: SyncFiles;
  readonly gatekeeper: Gatekeeper;
  readonly rates: CallerRates;
  readonly limits: CallerLimits;
  readonly logger: Logger;
}

/**
 * Takes files for synchronization at PUT /sync/files?name=… from callers with the scope provision, as CSV, JSON lines or a
 * JSON array, and gives each back at /sync/files/ID to its uploader and to administrators.
 */
export function serveSyncFiles(app: Hono<AppEnvironment>, parts: SyncFileParts): void {
  const { files, gatekeeper, rates, limits, logger } = parts;
  const budget = new MemoryBudget(BUDGET);
  const callers = limitCallers(limits, rates, (c) => principalOf(c).actor);
  app.put(UPLOAD_PATH, authenticate(gatekeeper), callers, async (c) => {
    try {
      const { actor } = principalOf(c);
      if (!principalOf(c).holds('provision')) throw new Forbidden('provision');
      const upload = readUpload(c, actor, files.limits.bytes);
      if (upload instanceof Response) return upload;
      const memory = budget.take(actor, UPLOAD_BYTES);
      try {
        const { file, isNew } = await files.receive(upload);
        return c.json(shownFile(file), isNew ? 201 : 200);
      } finally {
        memory.release();
      }
    } catch (error) {
      return refusal(c, error);
    }
  });
  app.get(`${UPLOAD_PATH}/:id`, authenticate(gatekeeper), callers, async (c) => {
    try {
      const principal = principalOf(c);
      const reader = { actor: principal.actor, isAdmin: principal.holdsEverywhere('admin') };
      const file = await files.get(readOwnId(c.req.param('id'), 'SyncFile', 'id'), reader);
      const content = files.read(file, c.req.raw.signal);
      const type = [...FORMATS].find(([, format]) => format === file.format)?.[0] ?? 'text/plain';
      return c.body(streamOf(content, logger), 200, {
        'Content-Type': type,
        'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`,
        'Cache-Control': 'no-store',
      });
    } catch (error) {
      return refusal(c, error);
    }
  });
}

/** What the request says about its file; an answer if it says something that is not supported. Throws InvalidInput, FileTooLarge. */
function readUpload(c: Context<AppEnvironment>, uploadedBy: string, mostBytes: number): Upload | Response {
  const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
  const format = FORMATS.get(type);
  if (format === undefined) {
    const message = `The Content-Type must be one of ${[...FORMATS.keys()].join(', ')}.`;
    return refuse(c, 415, 'UNSUPPORTED_MEDIA_TYPE', message);
  }
  const encoding = c.req.header('content-encoding')?.trim().toLowerCase() ?? 'identity';
  if (encoding !== 'identity' && encoding !== 'gzip') {
    return refuse(c, 415, 'UNSUPPORTED_MEDIA_TYPE', 'The Content-Encoding must be gzip, or absent.');
  }
  if (Number(c.req.header('content-length') ?? 0) > mostBytes) throw new FileTooLarge('bytes', mostBytes);
  return {
    ...{ name: readName(c.req.query('name')), format, uploadedBy },
    body: c.req.raw.body === null ? noBytes() : readInTime(c.req.raw.body, TIMES),
    isCompressed: encoding === 'gzip',
    digest: readDigest(c.req.header('content-digest')),
  };
}

async function* noBytes(): AsyncGenerator<Uint8Array> {}

/** Throws InvalidInput. */
function readName(text: string | undefined): string {
  const name = text?.trim() ?? '';
  if (name === '' || name.length > LONGEST_NAME || /\p{Cc}/u.test(name) || !name.isWellFormed()) {
    throw new InvalidInput(
      'name',
      `must be the name of the file, 1 to ${LONGEST_NAME} characters: PUT ${UPLOAD_PATH}?name=people.csv.`,
    );
  }
  return name;
}

const DIGEST = /(?:^|,)\s*sha-256=:([A-Za-z0-9+/]{43}=):\s*(?:,|$)/;

/** The SHA-256 of a Content-Digest (RFC 9530). Throws InvalidInput. */
function readDigest(header: string | undefined): Buffer | undefined {
  if (header === undefined) return undefined;
  const [, base64] = DIGEST.exec(header) ?? [];
  if (base64 !== undefined) return Buffer.from(base64, 'base64');
  throw new InvalidInput('Content-Digest', 'must be like sha-256=:BASE64:, or be left out.');
}
