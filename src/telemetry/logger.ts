import { pino } from 'pino';

/** What the rooms log with. Handed in; nothing reaches for a global logger. */
export interface Logger {
  debug(facts: object, sentence: string): void;
  info(facts: object, sentence: string): void;
  warn(facts: object, sentence: string): void;
  error(facts: object, sentence: string): void;
}

/**
 * A logger that writes one JSON object a line.
 * @param level the least severe level that is written
 * @param write where lines go; standard output unless told
 */
export function createLogger(level: string, write?: (line: string) => void): Logger {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  return write === undefined ? pino(options) : pino(options, { write });
}

/** The parts of an unknown thrown value that are safe and useful in a log line. */
export function describeError(error: unknown): { name: string; message: string; stack?: string | undefined } {
  if (error instanceof Error) return { name: error.name, message: error.message, stack: error.stack };
  return { name: 'NotAnError', message: typeof error };
}
