/**
 * How long the process builds large answers in one go, in milliseconds. GraphQL completes lists without ever letting
 * the event loop go on; with this, probes and other callers are answered in between.
 */
const SLICE_MS = 10;

/** Who waits for a turn, in the order of coming; all operations of the process wait here together. */
const waiting: (() => void)[] = [];
/** When the present turn of the event loop began to build answers; undefined if it has not. */
let began: number | undefined;

/**
 * Asks whether to go on building an answer.
 * @param always whether to wait for a turn of one's own in any case
 * @returns undefined if there is time left in this turn; else a promise that resolves when it is the caller's turn
 */
export function takeTurn(always = false): Promise<void> | undefined {
  if (began === undefined) {
    began = performance.now();
    setImmediate(nextTurn);
  }
  if (!always && waiting.length === 0 && performance.now() - began < SLICE_MS) return undefined;
  const { promise, resolve } = Promise.withResolvers<void>();
  waiting.push(resolve);
  return promise;
}

/** One goes on each turn: what it does comes after this function, so that nobody else could be stopped in time. */
function nextTurn(): void {
  const next = waiting.shift();
  began = next === undefined ? undefined : performance.now();
  if (next === undefined) return;
  setImmediate(nextTurn);
  next();
}
