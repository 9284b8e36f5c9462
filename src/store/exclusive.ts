import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from './database.ts';
import { LockSession } from './lock-session.ts';

/**
 * Lets one piece of work at a time be done under a name, among all processes on one database. The others
 * wait; when the process at work dies, its place is free at once. Work under one name may wait for another.
 */
export type Exclusively = <T>(name: string, work: (lock: Held) => Promise<T>) => Promise<T>;

/** The place of whoever is at work. */
export interface Held {
  /** Whether nobody else can be at work: false once the session that holds the lock was lost. */
  readonly isHeld: boolean;
}

export interface OwnedExclusively {
  readonly exclusively: Exclusively;
  /** Gives back what is held. */
  close(): Promise<void>;
}

/**
 * How work is kept exclusive in this database. An embedded database has one process: a queue in memory does.
 * PostgreSQL keeps locks for as long as the session that took them, and any number of them.
 */
export function createExclusively({ newClient, location }: Database): OwnedExclusively {
  const inProcess = createQueue();
  if (newClient === undefined) return { exclusively: inProcess, close: () => Promise.resolve() };
  const session = new LockSession(newClient, location);
  return {
    exclusively: (name, work) => inProcess(name, () => withLock(session, name, work)),
    close: () => session.close(),
  };
}

/** What is held in memory is not lost. */
const FOR_GOOD: Held = { isHeld: true };

function createQueue(): Exclusively {
  const last = new Map<string, Promise<unknown>>();
  return async (name, work) => {
    const before = last.get(name) ?? Promise.resolve();
    const turn = before.then(
      () => work(FOR_GOOD),
      () => work(FOR_GOOD),
    );
    last.set(name, turn);
    try {
      return await turn;
    } finally {
      if (last.get(name) === turn) last.delete(name);
    }
  };
}

/** How soon a lock that somebody else holds is tried again, in milliseconds: less and less often. */
const TRY_AGAIN_MS = 20;
const LONGEST_PAUSE_MS = 500;

/** What the work came to is what counts, also when the lock is lost meanwhile. */
async function withLock<T>(session: LockSession, name: string, work: (lock: Held) => Promise<T>): Promise<T> {
  let lock = await session.tryLock(name);
  for (let pause = TRY_AGAIN_MS; lock === undefined; pause = Math.min(1.3 * pause, LONGEST_PAUSE_MS)) {
    await sleep(pause);
    lock = await session.tryLock(name);
  }
  try {
    return await work(lock);
  } finally {
    await lock.release();
  }
}
