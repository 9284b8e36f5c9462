import type { ExitCode } from './ending.ts';

/** How often a line of progress is printed where there is no terminal, in milliseconds. */
const LINE_EVERY_MS = 10_000;
const BAR_WIDTH = 30;

/** What the command prints: text for people, or JSON lines for programs. */
export class Output {
  readonly isJson: boolean;
  /** What to say when the command is interrupted. */
  afterInterrupt = '';
  readonly #isTerminal: boolean;
  #barLength = 0;
  #lastLine = -LINE_EVERY_MS;

  constructor(isJson: boolean) {
    this.isJson = isJson;
    this.#isTerminal = process.stdout.isTTY === true;
  }

  /** Text for people. */
  print(text: string): void {
    if (this.isJson) return;
    this.#clear();
    process.stdout.write(`${text}\n`);
  }

  /** An object for programs, on a line of its own. */
  emit(type: string, content: object): void {
    if (this.isJson) process.stdout.write(`${JSON.stringify({ type, version: 1, ...content })}\n`);
  }

  /**
   * Shows how far the work is: a bar on a terminal, else one line every ten seconds.
   * @param total undefined if it is not known
   */
  progress(label: string, done: number, total: number | undefined): void {
    if (this.isJson) return;
    if (this.#isTerminal) {
      const text = total === undefined ? `${label} ${done}` : `${bar(done, total)} ${label} ${done}/${total}`;
      process.stdout.write(`\r${text.padEnd(this.#barLength)}`);
      this.#barLength = text.length;
      return;
    }
    const now = performance.now();
    if (now - this.#lastLine < LINE_EVERY_MS) return;
    this.#lastLine = now;
    process.stdout.write(`${label} ${done}${total === undefined ? '' : `/${total}`}\n`);
  }

  /** The last thing that the command says. */
  end(summary: object, exitCode: ExitCode): void {
    this.#clear();
    this.emit('summary', { ...summary, exitCode });
    process.exitCode = exitCode;
  }

  /** Says in a sentence how the command ended. */
  finish({ text, exitCode }: { readonly text: string; readonly exitCode: ExitCode }, summary: object): void {
    this.print(text);
    this.end({ text, ...summary }, exitCode);
  }

  #clear(): void {
    if (this.#barLength === 0) return;
    process.stdout.write(`\r${' '.repeat(this.#barLength)}\r`);
    this.#barLength = 0;
  }
}

function bar(done: number, total: number): string {
  const filled = total === 0 ? BAR_WIDTH : Math.round((BAR_WIDTH * Math.min(done, total)) / total);
  return `[${'#'.repeat(filled)}${' '.repeat(BAR_WIDTH - filled)}]`;
}
