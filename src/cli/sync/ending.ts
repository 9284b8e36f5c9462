/** What the exit code of the command says to a script. */
export const EXIT = {
  /** Nothing to do, or everything was applied. */
  done: 0,
  /** Anything that no other code is for. */
  failed: 1,
  /** The plan has changes. */
  changes: 2,
  /** The plan exceeds a limit: it needs an approval, or is forbidden. */
  blocked: 3,
  /** The run ended, or paused, with items that were not applied. */
  incomplete: 4,
  /** The file, the mapping or the arguments are wrong. */
  misuse: 5,
  /** The command was interrupted. What runs in the gateway goes on. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends the command with a sentence and an exit code. */
export class Ending extends Error {
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = EXIT.failed) {
    super(message);
    this.exitCode = exitCode;
  }
}
