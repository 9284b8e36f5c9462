interface Question {
  readonly number: number;
  readonly command: string;
  readonly input: object;
}

/**
 * Answers the commands of the process that started this one, after a greeting, and ends with that process.
 * @param greeting what that process wants to know
 */
export function answerCommands(greeting: object, answer: (command: string, input: object) => unknown): void {
  process.on('disconnect', () => process.exit());
  process.on('message', async (message) => {
    const { number, command, input }: Question = JSON.parse(String(message));
    try {
      process.send?.(JSON.stringify({ number, answer: await answer(command, input) }));
    } catch (error) {
      process.send?.(JSON.stringify({ number, error: error instanceof Error ? error.stack : String(error) }));
    }
  });
  process.send?.(JSON.stringify(greeting));
}

/** The input that this program was started with. */
export function readInput<Input>(): Input {
  const input: Input = JSON.parse(process.argv[2] ?? '{}');
  return input;
}
