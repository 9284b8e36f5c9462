/** What a fact in a log line can be. */
export type FactKind = 'text' | 'number' | 'names' | 'error';

const LONGEST_TEXT = 1_000;
const MOST_NAMES = 100;

/** A value as a log line may hold it; undefined if it is not of its kind. Long texts and lists are cut. */
export function readFact(kind: FactKind, value: unknown): unknown {
  switch (kind) {
    case 'text':
      return readText(value);
    case 'number':
      return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
    case 'names':
      return Array.isArray(value)
        ? value.slice(0, MOST_NAMES).flatMap((each) => readText(each) ?? [])
        : undefined;
    case 'error':
      return readError(value);
  }
}

function readText(value: unknown): string | undefined {
  return typeof value === 'string' ? value.slice(0, LONGEST_TEXT) : undefined;
}

/** Of an error only what is meant for the log, whatever else the object holds. */
function readError(value: unknown): object | undefined {
  if (typeof value !== 'object' || value === null || value instanceof Error) return undefined;
  const parts = new Map<string, unknown>(Object.entries(value));
  const error: Record<string, string> = {};
  for (const part of ['name', 'code', 'message', 'stack']) {
    const text = parts.get(part);
    if (typeof text === 'string') error[part] = text.slice(0, 4 * LONGEST_TEXT);
  }
  return error;
}
