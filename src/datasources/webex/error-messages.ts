import { cleanWords } from '../http/upstream-words.ts';
import { isObject, readObjects, readText, type WireObject } from '../rest/json.ts';

/**
 * What Webex says in the body of a refusal, cleaned; undefined if it says nothing, or in a shape
 * that is not Webex's, as a proxy does. Bodies come in three shapes: `message` with `errors`, `error` with
 * keys, and SCIM's `detail`.
 */
export function whatWebexSaid(text: string): string | undefined {
  const body = parse(text);
  if (body === undefined) return undefined;
  const keyed = readObjects(body, 'error').flatMap((entry) => messagesOf(entry.message));
  const described = readObjects(body, 'errors').flatMap((entry) => readText(entry, 'description') ?? []);
  const message = [readText(body, 'message'), ...described, ...keyed, readText(body, 'detail')];
  const said = [...new Set(message.filter((part) => part !== undefined))].join(' ');
  return cleanWords(said) || undefined;
}

/** One message, or several. */
function messagesOf(message: unknown): string[] {
  const list: unknown[] = Array.isArray(message) ? message : [message];
  return list.filter(isObject).flatMap((each) => readText(each, 'description') ?? []);
}

function parse(text: string): WireObject | undefined {
  try {
    const body: unknown = JSON.parse(text);
    return isObject(body) ? body : undefined;
  } catch {
    return undefined;
  }
}
