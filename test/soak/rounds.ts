/** How many rounds each soak test makes; `npm run soak` makes fifty, CI a few. */
export const ROUNDS = Number(process.env.SOAK_ROUNDS ?? 50);

/** What all chance of a run comes from. */
export const SEED = Number(process.env.SOAK_SEED ?? Date.now() % 1_000_000);
process.stdout.write(`SOAK_SEED=${SEED} SOAK_ROUNDS=${ROUNDS}\n`);

let state = SEED;

/** A number from 0 to 1, the same ones for the same SOAK_SEED. */
export function random(): number {
  // Mulberry32, by Tommy Ettinger: small, and random enough for moments in time.
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
}
