import { type UpstreamCall, UpstreamInvalid } from '../../errors.ts';

/**
 * Reads what Webex sends, tolerantly. Webex leaves out what does not apply, adds fields without notice
 * and sends some types in two spellings, so a value that is missing or of another type than expected
 * reads as undefined. What an answer cannot do without is checked where it is read.
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
    throw new UpstreamInvalid('Webex answered with something that is not JSON.', call);
  }
  if (!isObject(body))
    throw new UpstreamInvalid('Webex answered with something that is not an object.', call);
  return body;
}

export function readText(object: WireObject, field: string): string | undefined {
  const value = object[field];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function readNumber(object: WireObject, field: string): number | undefined {
  const value = object[field];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
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

/**
 * The records of a list: an answer cannot do without them, and one that is cut or of another kind is not to
 * be taken for a short list. Throws UpstreamInvalid.
 * @param what names them in the message, in the plural
 */
export function readRecords(
  object: WireObject,
  field: string,
  what: string,
  call: UpstreamCall,
): WireObject[] {
  const value = object[field];
  if (Array.isArray(value) && value.every(isObject)) return value;
  throw new UpstreamInvalid(`Webex answered with a list of ${what} that is none.`, call);
}

export function readObjects(object: WireObject, field: string): WireObject[] {
  const value = object[field];
  return Array.isArray(value) ? value.filter(isObject) : [];
}
