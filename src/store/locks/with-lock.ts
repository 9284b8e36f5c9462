import { setTimeout as sleep } from 'node:timers/promises';
import { StoreUnavailable } from '../../errors/start.ts';
import type { Database } from '../database.ts';
import { type LiveSession, LockSession } from './lock-session.ts';

/**
 * Lets one piece of work at a time be done under a name, among all processes on one database. The others
 * wait, in the order in which they came; when the process at work dies, its lock is free at once. Work under one
 * name may wait for another.
 * @param signal ends the waiting, with its reason; work that was begun goes on. Two minutes end it in any case
 * Throws StoreUnavailable, and what `work` throws.
 */
export type WithLock = <T>(
  name: string,
  work: (lock: LockHandle) => Promise<T>,
  signal?: AbortSignal,
) => Promise<T>;

/** A lock, for the work that is done under it. */
export interface LockHandle {
  /** Whether nobody else can be at work: false once the session that holds the lock was lost. */
  readonly isHeld: boolean;
}

/** Is told how many pieces of work were under way when their locks were lost. */
export type LossObserver = (held: number) => void;

export interface Locks {
  readonly withLock: WithLock;
  /** Tells of each loss of locks from now on, until the function that comes back is called. */
  onLoss(observer: LossObserver): () => void;
  /** Gives back what is held. */
  close(): Promise<void>;
}

/** How long to wait for a lock by default, in milliseconds. */
const LONGEST_WAIT_MS = 120_000;

/**
 * How work is kept exclusive in this database. An embedded database has one process: a queue in memory does.
 * PostgreSQL keeps locks for as long as the session that took them, and any number of them.
 */
export function createLocks({ server, location }: Database): Locks {
  const inProcess = createQueue();
  const observers = new Set<LossObserver>();
  const onLoss = (observer: LossObserver) => {
    observers.add(observer);
    return () => {
      observers.delete(observer);
    };
  };
  const endOf = (signal: AbortSignal | undefined) => {
    if (signal !== undefined) return signal;
    const end = new StoreUnavailable(`${location} is not available: a lock did not become free in time.`);
    return abortAfter(LONGEST_WAIT_MS, end);
  };
  if (server === undefined) {
    return {
      withLock: (name, work, signal) => inProcess(name, () => work(FOR_GOOD), endOf(signal)),
      onLoss,
      close: () => Promise.resolve(),
    };
  }
  const session = new LockSession(server, location, (held) => {
    for (const observer of observers) observer(held);
  });
  return {
    withLock: (name, work, signal) => {
      const end = endOf(signal);
      return inProcess(name, () => withSessionLock(session, name, work, end), end);
    },
    onLoss,
    close: () => session.close(),
  };
}

/** What is held in memory is not lost. */
const FOR_GOOD: LockHandle = { isHeld: true };

function abortAfter(milliseconds: number, reason: Error): AbortSignal {
  const end = new AbortController();
  setTimeout(() => end.abort(reason), milliseconds).unref();
  return end.signal;
}

/** A queue for each name. Work that gives up waiting leaves it. */
function createQueue(): <T>(name: string, work: () => Promise<T>, signal: AbortSignal) => Promise<T> {
  const last = new Map<string, Promise<void>>();
  return async (name, work, signal) => {
    const before = last.get(name) ?? Promise.resolve();
    const done = Promise.withResolvers<void>();
    const turn = before.then(() => done.promise);
    last.set(name, turn);
    try {
      await unlessAborted(before, signal);
      return await work();
    } finally {
      done.resolve();
      void turn.then(() => {
        if (last.get(name) === turn) last.delete(name);
      });
    }
  };
}

/** Waits for something that does not fail. Throws the signal's reason if that comes first. */
async function unlessAborted(waited: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const end = Promise.withResolvers<void>();
  const giveUp = () => end.reject(signal.reason);
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    await Promise.race([waited, end.promise]);
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

/** How soon a lock that another process holds is tried again, in milliseconds: less and less often. */
const TRY_AGAIN_MS = 20;
const LONGEST_PAUSE_MS = 250;

/** What the work came to is what counts, also when the lock is lost meanwhile. */
async function withSessionLock<T>(
  locks: LockSession,
  name: string,
  work: (lock: LockHandle) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const session = await takeLock(locks, name, signal);
  session.held += 1;
  try {
    return await work({
      get isHeld() {
        return !session.isLost;
      },
    });
  } finally {
    session.held -= 1;
    // Nobody waits for this: if the session is gone so is the lock, and the next query comes behind it.
    void session.locks.unlock(name).catch(() => undefined);
  }
}

/** Waits in the queue of a name until the lock is ours. Throws StoreUnavailable, and the signal's reason. */
async function takeLock(locks: LockSession, name: string, signal: AbortSignal): Promise<LiveSession> {
  const attempt = async (position: number | undefined) => {
    const { session, came } = await locks.within(
      (session) => session.tryLock(name, position),
      async (session, taken) => taken && session.unlock(name),
      signal,
    );
    return { session, isTaken: came };
  };
  const { session, isTaken } = await attempt(undefined);
  if (isTaken) return session;
  return inQueue(locks, name, signal, attempt);
}

async function inQueue(
  locks: LockSession,
  name: string,
  signal: AbortSignal,
  attempt: (position: number) => Promise<{ readonly session: LiveSession; readonly isTaken: boolean }>,
): Promise<LiveSession> {
  const enter = () =>
    locks.within(
      (session) => session.queueUp(name),
      (session, position) => session.leaveQueue(name, position),
      signal,
    );
  let { session, came: position } = await enter();
  const leave = () => void session.locks.leaveQueue(name, position).catch(() => undefined);
  try {
    for (let pause = TRY_AGAIN_MS; ; pause = Math.min(1.3 * pause, LONGEST_PAUSE_MS)) {
      // With its session a position in the queue is gone.
      if (session.isLost) ({ session, came: position } = await enter());
      const tried = await attempt(position);
      if (tried.isTaken) return tried.session;
      await sleep(pause, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  } finally {
    leave();
  }
}
