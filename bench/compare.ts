import { cpuMs } from './processes.ts';
import { median } from './question.ts';
import type { Webex } from './sides.ts';

/** What a client did: how long it took, in milliseconds, and its result. */
export interface Outcome {
  readonly ms: number;
  /** Counts of what was answered; the same of everybody who did the same. */
  readonly content: string;
}

/** One of those who do the same work. */
export interface Contender {
  /** Its process, and the sandbox that counts its requests. */
  readonly side: { readonly webex: Webex; readonly pid: number };
  /** Done before each run, and not measured. */
  readonly prepare?: () => Promise<void>;
  /** Runs beforehand that nobody measures, so that what runs for months is measured as it runs then. */
  readonly practice?: number;
  readonly run: () => Promise<Outcome>;
}

export interface Measured {
  readonly ms: number;
  readonly requests: number;
  /** Milliseconds of CPU of all threads of the process, a run on average, as garbage is not collected in each. Undefined if the system does not say. */
  readonly cpuMs: number | undefined;
}

/**
 * Lets contenders do the same work in turns, so that whatever else the machine does hits all alike.
 * Throws when they do not come to the same.
 * @returns for each the median of the times and of the requests to Webex, and the mean of the CPU
 */
export async function compare(
  contenders: readonly Contender[],
  { warmUps, runs }: { readonly warmUps: number; readonly runs: number },
): Promise<Measured[]> {
  const outcomes: Measured[][] = contenders.map(() => []);
  const contents = new Set<string>();
  for (const { practice = 0, run } of contenders) for (let done = 0; done < practice; done += 1) await run();
  for (let run = -warmUps; run < runs; run += 1) {
    for (const [index, contender] of contenders.entries()) {
      // What another one did meanwhile has driven this one out of the processor's caches.
      await contender.run();
      await contender.prepare?.();
      const { webex, pid } = contender.side;
      await webex.clear();
      const before = await cpuMs(pid);
      const { ms, content } = await contender.run();
      const after = await cpuMs(pid);
      const { requests } = await webex.report();
      contents.add(content);
      const spent = before === undefined || after === undefined ? undefined : after - before;
      if (run >= 0) outcomes[index]?.push({ ms, requests, cpuMs: spent });
    }
  }
  if (contents.size > 1) throw new Error(`They do not come to the same: ${[...contents].join(' / ')}`);
  return outcomes.map((each) => ({
    ms: median(each.map(({ ms }) => ms)),
    requests: median(each.map(({ requests }) => requests)),
    cpuMs: mean(each.flatMap((outcome) => outcome.cpuMs ?? [])),
  }));
}

function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Times a piece of work. */
export async function timed(work: () => Promise<string>): Promise<Outcome> {
  const began = performance.now();
  const content = await work();
  return { ms: performance.now() - began, content };
}

/** Lets so many clients take the numbers from 0 up to `count`, each the next one when it is done. */
export async function clients(
  many: number,
  count: number,
  work: (number: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const client = async () => {
    while (next < count) {
      const number = next;
      next += 1;
      await work(number);
    }
  };
  await Promise.all(Array.from({ length: many }, client));
}
