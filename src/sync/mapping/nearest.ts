/** Longer words are not compared: this bounds the time. */
const LONGEST = 64;

/**
 * The known word that a misspelt one probably means: at most four of ten letters differ. Undefined if no word is that near.
 * Letter case does not count.
 */
function nearestOf(word: string, known: Iterable<string>): string | undefined {
  if (word.length > LONGEST) return undefined;
  const most = Math.max(1, Math.floor(word.length * 0.4));
  let nearest: string | undefined;
  let least = most + 1;
  for (const each of known) {
    if (Math.abs(each.length - word.length) >= least || each.length > LONGEST * 2) continue;
    const distance = distanceOf(word.toLowerCase(), each.toLowerCase());
    if (distance < least) [least, nearest] = [distance, each];
  }
  return nearest;
}

/** As `nearestOf`, as the end of a sentence: ` Did you mean "emails"?`, or nothing. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const nearest = nearestOf(word, known);
  return nearest === undefined ? '' : ` Did you mean ${JSON.stringify(nearest)}?`;
}

/** Letters to insert, delete or replace to make one word of the other (Levenshtein). */
function distanceOf(one: string, other: string): number {
  let above = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [row, letter] of [...one].entries()) {
    const current = [row + 1];
    for (let column = 0; column < other.length; column += 1) {
      const replaced = (above[column] ?? 0) + (letter === other[column] ? 0 : 1);
      current.push(Math.min(replaced, (above[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1));
    }
    above = current;
  }
  return above.at(-1) ?? 0;
}
