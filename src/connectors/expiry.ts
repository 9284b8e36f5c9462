const DAY_MS = 86_400_000;
const SOON_DAYS = 14;

/** Whole days until a refresh token expires, 0 when it has; null if Webex does not say when. */
export function daysLeft(expiresAt: Date | null): number | null {
  return expiresAt === null ? null : Math.max(0, Math.floor((expiresAt.getTime() - Date.now()) / DAY_MS));
}

/** Whether a refresh token has less than fourteen days left. Each renewal of the access token extends it. */
export function endsSoon(expiresAt: Date | null): boolean {
  const left = daysLeft(expiresAt);
  return left !== null && isSoon(left);
}

/** Whether so many days are few enough to warn of. */
export function isSoon(days: number): boolean {
  return days < SOON_DAYS;
}
