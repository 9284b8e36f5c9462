/** Values that a spreadsheet would take for a formula begin like this. */
const FORMULA = /^[=+\-@\t\r]/;
const PHONE_NUMBER = /^\+\d[\d ()./-]{0,40}$/;
const NEEDS_QUOTES = /[",\r\n]|^\s|\s$/;

/**
 * One row of CSV with its line break. A value that a spreadsheet would run as a formula gets a `'` in front; phone numbers
 * are left as they are.
 */
export function csvRow(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

function csvCell(value: string): string {
  const safe = FORMULA.test(value) && !PHONE_NUMBER.test(value) ? `'${value}` : value;
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
