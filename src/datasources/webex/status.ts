/**
 * What the final status of an answer means:
 * - `done`: Webex carried the request out, or accepted it.
 * - `absent`: what the path names does not exist, or no longer exists.
 * - `refused`: the server does not carry the request out, and waiting does not change that.
 * - `throttled`: the server did not begin the request and takes it later.
 * - `failed`: the server began and says that it failed. It may have made a part of a change.
 * - `undecided`: no server answered that knows, for example a proxy that timed out. A change may still be made.
 * - `redirect`: another address is named. Redirects are not followed, because the token would go with them.
 * - `malformed`: not a final status of HTTP, or an answer to a condition that was not sent.
 */
export type Meaning =
  | 'done'
  | 'absent'
  | 'refused'
  | 'throttled'
  | 'failed'
  | 'undecided'
  | 'redirect'
  | 'malformed';

/** Statuses that mean something else than the others of their hundred. Source: RFC 9110, 4918 and 8470. */
const EXCEPTIONS: ReadonlyMap<number, Meaning> = new Map<number, Meaning>([
  // Not modified: no request carries a condition.
  [304, 'malformed'],
  [404, 'absent'],
  [410, 'absent'],
  // Request timeout, and client closed the connection (nginx): proxies answer so while the server is still at work.
  [408, 'undecided'],
  [499, 'undecided'],
  // Locked, too early, too many requests.
  [423, 'throttled'],
  [425, 'throttled'],
  [429, 'throttled'],
  [500, 'failed'],
  // Not implemented, and HTTP version not supported.
  [501, 'refused'],
  [503, 'failed'],
  [505, 'refused'],
  // Errors that a server finds in itself (506 to 510), and a network that wants a sign-in first (511).
  [506, 'failed'],
  [507, 'failed'],
  [508, 'failed'],
  [510, 'failed'],
  [511, 'failed'],
]);

/** By the first digit. The other 5xx, such as 502, 504 and 520 to 599, come from servers in front of Webex. */
const HUNDREDS: Readonly<Record<number, Meaning>> = {
  2: 'done',
  3: 'redirect',
  4: 'refused',
  5: 'undecided',
};

/**
 * What an answer with this status means. Pure. Nothing else compares the statuses of Webex.
 * @param method the method of the request: a POST names no object that could be absent, so its 404 is a refusal
 * @param status the final status, any number
 */
export function meaningOf(method: string, status: number): Meaning {
  const meaning = EXCEPTIONS.get(status) ?? HUNDREDS[Math.floor(status / 100)] ?? 'malformed';
  return meaning === 'absent' && method === 'POST' ? 'refused' : meaning;
}

/** Whether Webex carried the request out, or accepted it. */
export function isDone(method: string, status: number): boolean {
  return meaningOf(method, status) === 'done';
}

/** Whether Webex itself has checked the request and answered, so that an answer other than 401 accepts its token. */
export function isFromWebex(method: string, status: number): boolean {
  return status < 500 && ['done', 'absent', 'refused'].includes(meaningOf(method, status));
}

/**
 * Whether the server may have been asked for too much at once, so that a smaller page may work. Source: Webex's
 * reference, which advises a smaller page after a 504; Cloudflare's 524 says the same.
 */
export function isTooMuch(status: number | undefined): boolean {
  return status === 504 || status === 524;
}

/** Whether the server found the request itself wrong. */
export function isBadRequest(status: number | undefined): boolean {
  return status === 400;
}
