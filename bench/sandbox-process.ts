import { type Integration, type Settings, startSandbox } from '../src/sandbox/index.ts';
import { answerCommands, readInput } from './commands.ts';

// A local Webex in a process of its own, that tells what it has seen.

export interface SandboxInput {
  readonly users: number;
  readonly settings: Partial<Settings>;
  readonly integrations: readonly Integration[];
}

/** What there is to know of the sandbox once it listens. */
export interface SandboxGreeting {
  readonly url: string;
  readonly token: string;
  readonly organizationUuid: string;
}

/** What the sandbox has seen since it was last told to forget. */
export interface SandboxReport {
  readonly requests: number;
  readonly byStatus: Readonly<Record<string, number>>;
  readonly byRoute: Readonly<Record<string, number>>;
  /** The most connections open at one moment. */
  readonly mostSockets: number;
  readonly mostConcurrent: number;
  /** Milliseconds from the first request's arrival to the last one's end. */
  readonly spanMs: number;
  /** Requests that arrived while an earlier 429 still asked for a pause. */
  readonly duringPause: number;
}

export interface SandboxPerson {
  readonly id: string;
  readonly email: string;
  readonly displayName: string;
  readonly title: string | undefined;
}

/** What was under way already when a 429 went out is nobody's fault, in milliseconds. */
const UNDER_WAY_MS = 100;

const sandbox = await startSandbox(readInput<SandboxInput>());

function report(pauseMs: number): SandboxReport {
  const { all, byRoute, mostSockets, mostConcurrent } = sandbox.requests;
  const byStatus: Record<string, number> = {};
  for (const { status } of all) byStatus[String(status)] = (byStatus[String(status)] ?? 0) + 1;
  const first = all.reduce(
    (earliest, { startedAt }) => Math.min(earliest, startedAt),
    Number.POSITIVE_INFINITY,
  );
  const last = all.reduce((latest, { endedAt = 0 }) => Math.max(latest, endedAt), 0);
  const pauses = all.flatMap(({ status, endedAt }) =>
    status === 429 && endedAt !== undefined ? [endedAt] : [],
  );
  const duringPause = all.filter(({ startedAt }) =>
    pauses.some((at) => startedAt > at + UNDER_WAY_MS && startedAt < at + pauseMs),
  ).length;
  return {
    ...{ requests: all.length, byStatus, byRoute, mostSockets, mostConcurrent, duringPause },
    spanMs: all.length === 0 ? 0 : last - first,
  };
}

answerCommands(
  {
    url: sandbox.url,
    token: sandbox.issueToken(),
    organizationUuid: sandbox.org.uuid,
  } satisfies SandboxGreeting,
  (command, input) => {
    if (command === 'clear') return sandbox.requests.clear();
    if (command === 'report') return report('pauseMs' in input ? Number(input.pauseMs) : 0);
    if (command === 'people')
      return sandbox.people.map(({ id, email, displayName, title }) => ({ id, email, displayName, title }));
    throw new Error(`There is no command ${command}.`);
  },
);
