/** What stands where a secret was. */
const REMOVED = '[removed]';
/** Shorter secrets are not searched for: they would be found in texts by chance. */
const SHORTEST_SECRET = 8;
/** Characters of anything that an upstream says and that is shown or stored. */
const LONGEST_WORDS = 1_000;
/** Runs of letters and digits from this length on may be tokens. */
const LIKE_TOKEN = 40;
/** How Webex's public ids begin: base64 of `ciscospark:/`. They are no secrets, and tell people what is meant. */
const PUBLIC_ID = 'Y2lzY29zcGFyazov';

/** The text without these secrets, however they are spelled: as they are, in a URL, in JSON, in base64. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  let kept = text;
  for (const secret of secrets) {
    if (secret.length < SHORTEST_SECRET) continue;
    for (const spelling of spellingsOf(secret)) {
      if (kept.includes(spelling)) kept = kept.replaceAll(spelling, REMOVED);
    }
  }
  return kept;
}

/**
 * A tracking id of an upstream, by which Cisco finds a request in its logs. Undefined if the header is absent or holds
 * something else.
 */
export function readTrackingId(header: string | undefined): string | undefined {
  // One that held a secret has brackets.
  return header !== undefined && /^[\w.,-]{1,100}$/.test(header) ? header : undefined;
}

/**
 * Words of an upstream as they may be shown and stored: on one line, of bounded length, without invisible
 * characters and without anything that looks like a token.
 */
export function cleanWords(text: string, longest = LONGEST_WORDS): string {
  return text
    .slice(0, 4 * longest)
    .replace(/[\s\p{C}]+/gu, ' ')
    .replace(/\bBearer \S{8,}/gi, `Bearer ${REMOVED}`)
    .replace(/[\w+/=-]+/g, (run) => (looksSecret(run) ? REMOVED : run))
    .trim()
    .slice(0, longest);
}

function looksSecret(run: string): boolean {
  // The header of a JSON Web Token begins so, whatever it holds.
  if (run.startsWith('eyJ') && run.length >= LIKE_TOKEN / 2) return true;
  if (run.length < LIKE_TOKEN || !/\d/.test(run) || run.includes(PUBLIC_ID)) return false;
  // A path has slashes, too, but seldom all three.
  return run.includes('/') ? /[a-z]/.test(run) && /[A-Z]/.test(run) : /[a-z]/i.test(run);
}

function spellingsOf(secret: string): ReadonlySet<string> {
  const inBase64 = [0, 1, 2].map((shift) => base64Core(secret, shift));
  return new Set([
    secret,
    encodeURIComponent(secret),
    new URLSearchParams([['', secret]]).toString().slice(1),
    JSON.stringify(secret).slice(1, -1),
    ...inBase64,
    ...inBase64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
  ]);
}

/** The characters of base64 that a secret takes wherever it begins in what is encoded: `shift` bytes after a group of three. */
function base64Core(secret: string, shift: number): string {
  const bytes = Buffer.concat([Buffer.alloc(shift), Buffer.from(secret)]);
  const first = shift === 0 ? 0 : shift + 1;
  return bytes.toString('base64').slice(first, Math.floor((bytes.length * 8) / 6));
}
