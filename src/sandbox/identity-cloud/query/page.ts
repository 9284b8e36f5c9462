import { Refusal } from '../../http/errors.ts';
import type { Json, JsonObject } from '../objects/json.ts';
import type { Settings } from '../settings.ts';
import { valueAt } from './evaluate.ts';

/** What a list is asked for, beside its filter. */
export interface PageRequest {
  readonly size: number | undefined;
  /** Where the page begins. */
  readonly start: number;
  readonly wantsTotal: boolean;
  readonly isCountOnly: boolean;
}

/** A record that can be on a page. */
export interface Row {
  /** What it is sorted by. */
  readonly values: JsonObject;
  readonly show: () => JsonObject;
}

/** What belongs to a cookie: it is only good with the same query. */
export interface CookieContext {
  readonly query: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

const ONCE = [
  '_queryFilter',
  '_pageSize',
  '_pagedResultsCookie',
  '_pagedResultsOffset',
  '_sortKeys',
  '_queryId',
];

/** Reads the parameters of a page. Throws 400 Refusals. */
export function readPage(query: URLSearchParams, settings: Settings, context: CookieContext): PageRequest {
  for (const name of ONCE)
    if (query.getAll(name).length > 1)
      throw new Refusal(400, `The parameter '${name}' was specified more than once`);
  const size = readNumber(query, '_pageSize');
  const cookie = query.get('_pagedResultsCookie') ?? '';
  const offset = readNumber(query, '_pagedResultsOffset') ?? 0;
  if (cookie !== '' && offset > 0)
    throw new Refusal(400, 'Cannot use both _pagedResultsCookie and _pagedResultsOffset');
  const isCountOnly =
    query.get('_countOnly') === 'true' || (size === 0 && settings.pageSizeZero === 'countOnly');
  if (size === 0 && settings.pageSizeZero === '400') throw new Refusal(400, 'The page size must be positive');
  const unit = settings.offsetUnit === 'pages' ? (size ?? 1) : 1;
  return {
    size: size === 0 ? undefined : size,
    start: cookie === '' ? offset * unit : readCookie(cookie, settings, context),
    wantsTotal: query.get('_totalPagedResultsPolicy')?.toUpperCase() === 'EXACT',
    isCountOnly,
  };
}

function readNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  if (!/^\d{1,9}$/.test(text))
    throw new Refusal(400, `The value '${text}' for parameter '${name}' is invalid`);
  return Number(text);
}

/** The page in the product's envelope: all six members, always. */
export function pageOf(
  rows: readonly Row[],
  page: PageRequest,
  settings: Settings,
  context: CookieContext,
): JsonObject {
  const most = Math.min(page.size ?? settings.unpagedCeiling, settings.pageSizeCeiling);
  if (page.size === undefined && rows.length > settings.unpagedCeiling)
    throw new Refusal(400, 'The number of results exceeds the limit');
  const end = page.start + most;
  const shown = page.isCountOnly ? [] : rows.slice(page.start, end).map((row) => row.show());
  const isFull = shown.length === most && page.size !== undefined;
  const hasMore = rows.length > end || (settings.emptyLastPage && isFull);
  const { policy, total } = totalOf(rows.length, page, settings);
  return {
    result: shown,
    resultCount: shown.length,
    pagedResultsCookie: hasMore && !page.isCountOnly ? writeCookie(end, context) : null,
    totalPagedResultsPolicy: policy,
    totalPagedResults: total,
    remainingPagedResults: -1,
  };
}

function totalOf(count: number, { wantsTotal, isCountOnly }: PageRequest, settings: Settings) {
  if (!wantsTotal && !isCountOnly) return { policy: 'NONE', total: -1 };
  if (count === 0 && settings.countOfEmptyType === '-1/NONE') return { policy: 'NONE', total: -1 };
  if (settings.exactCount === 'none') return { policy: 'NONE', total: -1 };
  // An estimate of a directory may be off in both directions.
  if (settings.exactCount === 'estimate') return { policy: 'ESTIMATE', total: Math.round(count * 0.93) + 1 };
  return { policy: 'EXACT', total: count };
}

/** Sorts records by `_sortKeys`: `a,-b`; texts without regard to case. */
export function sorted(rows: readonly Row[], keys: readonly string[]): Row[] {
  const readers = keys.map((key) => {
    const pointer = key.replace(/^[-+]/, '').replace(/^\//, '').split('/');
    return { pointer, sign: key.startsWith('-') ? -1 : 1 };
  });
  return rows.toSorted((one, other) => {
    for (const { pointer, sign } of readers) {
      const order = compare(valueAt(one.values, pointer), valueAt(other.values, pointer));
      if (order !== 0) return sign * order;
    }
    return 0;
  });
}

function compare(one: Json | undefined, other: Json | undefined): number {
  if (one == null || other == null) return Number(one == null) - Number(other == null);
  if (typeof one === 'number' && typeof other === 'number') return one - other;
  const [first, second] = [String(one).toLowerCase(), String(other).toLowerCase()];
  return first < second ? -1 : Number(first > second);
}

function writeCookie(position: number, { query, now }: CookieContext): string {
  return Buffer.from(JSON.stringify([position, now, fingerprint(query)])).toString('base64');
}

function readCookie(text: string, { cookieLifetime }: Settings, { query, now }: CookieContext): number {
  const refuse = (): never => {
    throw new Refusal(400, `The value '${text}' for parameter '_pagedResultsCookie' is invalid`);
  };
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(text, 'base64').toString());
  } catch {
    return refuse();
  }
  if (!Array.isArray(parts)) return refuse();
  const [position, at, print] = parts;
  if (typeof position !== 'number' || typeof at !== 'number' || print !== fingerprint(query)) return refuse();
  return now - at > cookieLifetime * 1_000 ? refuse() : position;
}

/** A short number for a text, so that a cookie of another query is noticed. */
function fingerprint(text: string): number {
  let sum = 7;
  for (let at = 0; at < text.length; at += 1) sum = (sum * 31 + text.charCodeAt(at)) % 2_147_483_647;
  return sum;
}
