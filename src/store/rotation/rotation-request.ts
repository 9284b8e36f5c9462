import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sayWhy } from '../database-failures.ts';

/** What came of a rotation: lines for people, and whether everything is sealed with the new key. */
export interface Rotation {
  readonly isDone: boolean;
  readonly lines: readonly string[];
}

// A command cannot open the data folder of a gateway that serves. It leaves a file there that says `asked`, and the
// gateway answers in its place: `begun` and a number that grows, at last `done` or `failed` and what there is to say.

type State = 'asked' | 'begun' | 'done' | 'failed';
interface Note {
  readonly state: State;
  readonly lines: readonly string[];
}

const LOOK_MS = 500;
const BEAT_MS = 1_000;
/** How long a gateway may say nothing before it is taken to be gone. */
const SILENCE_MS = 15_000;
const STATES: readonly State[] = ['asked', 'begun', 'done', 'failed'];

function notePath(dataDir: string): string {
  return join(dataDir, 'key-rotation');
}

function readNote(dataDir: string): Note | undefined {
  const path = notePath(dataDir);
  if (!existsSync(path)) return undefined;
  const [first, ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n');
  const state = STATES.find((known) => known === first);
  return state === undefined ? undefined : { state, lines };
}

/** Read as a whole or not at all: renamed into place. */
function writeNote(dataDir: string, state: State, lines: readonly string[]): void {
  const path = notePath(dataDir);
  const unfinished = `${path}.${state === 'asked' ? 'asked' : 'answered'}`;
  writeFileSync(unfinished, `${[state, ...lines].join('\n')}\n`);
  renameSync(unfinished, path);
}

/** Takes back what was asked, or answered, in this data folder. */
export function removeNote(dataDir: string): void {
  rmSync(notePath(dataDir), { force: true });
}

/** Answers what was asked in this data folder, if anything was; the process that asked may have ended. */
export function answerPending(dataDir: string, { isDone, lines }: Rotation): void {
  const state = quietly(() => readNote(dataDir))?.state;
  if (state !== 'asked' && state !== 'begun') return;
  quietly(() => writeNote(dataDir, isDone ? 'done' : 'failed', lines));
}

/** Watches for what is asked in a data folder. */
export interface Attendance {
  /** Breaks off what is under way, which the next start finishes. */
  close(): Promise<void>;
}

/**
 * Rotates whenever a command asks for it in this data folder, and answers there. A request to a process that has
 * ended is done at once.
 * @param rotate what it throws is the answer too
 */
export function attendRotations(
  dataDir: string,
  rotate: (signal: AbortSignal) => Promise<Rotation>,
): Attendance {
  const closing = new AbortController();
  let work: Promise<void> | undefined;
  const answer = async () => {
    let beat = 0;
    const tell = () => writeNote(dataDir, 'begun', [String(beat++)]);
    tell();
    const beats = setInterval(() => quietly(tell), BEAT_MS);
    try {
      answerPending(dataDir, await rotate(closing.signal));
    } catch (error) {
      if (closing.signal.aborted) return;
      answerPending(dataDir, { isDone: false, lines: [sayWhy(error)] });
    } finally {
      clearInterval(beats);
    }
  };
  const look = () => {
    const state = quietly(() => readNote(dataDir))?.state;
    // `begun` by a process that is gone, unless we are at it ourselves.
    if (work !== undefined || (state !== 'asked' && state !== 'begun')) return;
    work = answer()
      .catch(() => undefined)
      .finally(() => {
        work = undefined;
      });
  };
  look();
  const looks = setInterval(look, LOOK_MS);
  looks.unref();
  return {
    async close() {
      clearInterval(looks);
      closing.abort();
      await work;
    },
  };
}

/** A folder that cannot be read or written at the moment keeps nobody from serving. */
function quietly<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/**
 * Asks the gateway that has the data folder to rotate, and resolves with its answer. With undefined when it does not
 * answer; what it has begun then goes on with its next start.
 * Throws the errors of node:fs.
 */
export async function askForRotation(dataDir: string): Promise<Rotation | undefined> {
  const found = readNote(dataDir)?.state;
  if (found !== 'asked' && found !== 'begun') writeNote(dataDir, 'asked', []);
  let heard = '';
  let heardAt = performance.now();
  while (performance.now() - heardAt < SILENCE_MS) {
    const note = readNote(dataDir);
    if (note?.state === 'done' || note?.state === 'failed') {
      removeNote(dataDir);
      return { isDone: note.state === 'done', lines: note.lines };
    }
    const said = JSON.stringify(note);
    if (said !== heard) heardAt = performance.now();
    heard = said;
    await sleep(100);
  }
  if (readNote(dataDir)?.state === 'asked') removeNote(dataDir);
  return undefined;
}
