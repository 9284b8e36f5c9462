import { execFileSync } from 'node:child_process';

const LOOK_MS = 1_000;
/** npm and a shell are between this process and the shell that started it. */
const LEVELS = process.env.npm_lifecycle_event === undefined ? 1 : 3;

/**
 * Resolves when one of the processes that started this one has ended: npm, its shell, or the shell of the person. Signals
 * tell of most of these ends, but not of all: a shell that is killed leaves npm running.
 */
export function parentGone(): Promise<void> {
  const parents = parentsOf(process.pid, LEVELS);
  return new Promise((resolve) => {
    const look = setInterval(() => {
      if (parents.every(isRunning)) return;
      clearInterval(look);
      resolve();
    }, LOOK_MS);
    look.unref();
  });
}

/** The nearest processes above one, without the first of all, which never ends. */
function parentsOf(pid: number, levels: number): number[] {
  if (levels === 0) return [];
  const parent = pid === process.pid ? process.ppid : parentOf(pid);
  return parent === undefined || parent <= 1 ? [] : [parent, ...parentsOf(parent, levels - 1)];
}

/** Undefined if there is no `ps`, as in small containers. */
function parentOf(pid: number): number | undefined {
  try {
    return Number(execFileSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' }));
  } catch {
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // A process of another user cannot be signalled, but exists.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
