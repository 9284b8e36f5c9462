import { serviceOf, type UpstreamCall, UpstreamInvalid } from '../../errors/upstream.ts';
import type { Meter } from '../http/meter.ts';

/**
 * Reads JSON tolerantly. Services leave out what does not apply, add fields without notice and send some types in two
 * spellings, so a value that is missing or of another type than expected reads as undefined. What an answer cannot do without is checked where it is read.
 */

export type WireObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is WireObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object in the text of an answer. Throws UpstreamInvalid for a text that holds none. */
export function parseObject(text: string, call: UpstreamCall): WireObject {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new UpstreamInvalid(`${serviceOf(call)} answered with something that is not JSON.`, call);
  }
  if (!isObject(body))
    throw new UpstreamInvalid(`${serviceOf(call)} answered with something that is not an object.`, call);
  return body;
}

export function readText(object: WireObject, field: string): string | undefined {
  const value = object[field];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function readNumber(object: WireObject, field: string): number | undefined {
  const value = object[field];
  if (typeof value === 'string' && /^-?\d{1,15}$/.test(value)) return Number(value);
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** A whole number that GraphQL's Int can hold, also one in a text; undefined if it is unknown, which is never 0. */
export function readCount(object: WireObject, field: string): number | undefined {
  const value = readNumber(object, field);
  return value === undefined || value !== Math.trunc(value) || Math.abs(value) > 2_147_483_647
    ? undefined
    : value;
}

/** Webex spells `invitePending` and `loginEnabled` as booleans and as the strings "true" and "false". */
export function readBoolean(object: WireObject, field: string): boolean | undefined {
  const value = object[field];
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  return undefined;
}

export function readDate(object: WireObject, field: string): Date | undefined {
  const text = readText(object, field);
  if (text === undefined || !hasRealDay(text)) return undefined;
  const milliseconds = Date.parse(text);
  return Number.isNaN(milliseconds) ? undefined : new Date(milliseconds);
}

/** Whether the day exists that an ISO 8601 date begins with: Date.parse takes 30 February for 2 March. */
function hasRealDay(text: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)/.exec(text) ?? [];
  if (day === undefined) return true;
  const daysOfMonth = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  return Number(day) >= 1 && Number(day) <= daysOfMonth;
}

export function readTexts(object: WireObject, field: string): string[] {
  const value = object[field];
  if (!Array.isArray(value)) return [];
  return value.filter((item) => typeof item === 'string' && item !== '');
}

/** A record of which at least the id is known. Everything else may be missing. */
export type IdentifiedRecord = WireObject & { readonly id: string };

/**
 * The records of a list. Records without an id are left out and counted. A list that is null, or left out, is empty
 * only if the answer does not contradict: its total is 0, or, for null, it has no total and tells of no error.
 * Throws UpstreamInvalid if there is no list, or none of its records has an id: an answer that is cut or of another
 * kind must not be taken for a short list.
 * @param field of the body that holds the list
 * @param what names the records in the message, in the plural
 * @param meter counts what is left out
 * @param total the field of the body that says how many records there are in all, if it has one
 */
export function readRecords(
  { body, call }: { readonly body: WireObject; readonly call: UpstreamCall },
  field: string,
  what: string,
  meter: Meter | undefined,
  total?: string,
): readonly IdentifiedRecord[] {
  const list = body[field];
  if (Array.isArray(list)) {
    // As it came, if it can be: there may be tens of thousands, of which a query shows a few.
    if (list.every(isIdentified)) return list;
    const identified = list.filter(isIdentified);
    if (meter !== undefined) meter.recordsLeftOut += list.length - identified.length;
    if (identified.length > 0) return identified;
  } else if (list == null && saysNone(body, list, total)) return [];
  throw new UpstreamInvalid(
    `${serviceOf(call)}'s answer has no list of ${what} where one was expected.`,
    call,
  );
}

/** Whether a value is a record with an id. */
export function isIdentified(value: unknown): value is IdentifiedRecord {
  return isObject(value) && typeof value.id === 'string' && value.id !== '';
}

function saysNone(body: WireObject, list: null | undefined, total: string | undefined): boolean {
  const count = total === undefined ? undefined : readCount(body, total);
  if (count !== undefined) return count === 0;
  return list === null && !['error', 'errors', 'message'].some((name) => name in body);
}

export function readObjects(object: WireObject, field: string): WireObject[] {
  const value = object[field];
  return Array.isArray(value) ? value.filter(isObject) : [];
}
