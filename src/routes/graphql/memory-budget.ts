import { TooMuchUnderWay } from '../../errors/limits.ts';
import { givenUp } from '../../errors/upstream.ts';

/** What a budget allows. */
export interface BudgetLimits {
  /** Bytes, of all callers together and of one. */
  readonly gateway: number;
  readonly caller: number;
  /** How many may wait for room, and for how long, in milliseconds. */
  readonly waiting: number;
  readonly waitMs: number;
}

/** A reserved part of a budget, released once. */
export interface Reservation {
  /** Keeps no more than so many bytes, once that is known. */
  shrink(bytes: number): void;
  /** Gives it back. Idempotent. */
  release(): void;
}

/** A request that waits for room. */
interface Waiter {
  readonly caller: string;
  readonly bytes: number;
  readonly admit: () => void;
}

/**
 * Memory that requests under way may need, of one caller and of all. Who finds no room waits in a short queue, in
 * which the first that fits goes first, so that small ones pass large ones.
 */
export class MemoryBudget {
  readonly #limits: BudgetLimits;
  readonly #byCaller = new Map<string, number>();
  readonly #waiting = new Set<Waiter>();
  #used = 0;

  constructor(limits: BudgetLimits) {
    this.#limits = limits;
  }

  /** Bytes that are reserved. */
  get used(): number {
    return this.#used;
  }

  /** Reserves at once. Throws TooMuchUnderWay. */
  take(caller: string, bytes: number): Reservation {
    const shortage = this.#shortage(caller, bytes);
    if (shortage !== undefined) throw new TooMuchUnderWay(shortage, this.#limits[shortage]);
    return this.#reserve(caller, bytes);
  }

  /**
   * Reserves as soon as there is room.
   * Throws TooMuchUnderWay if no memory is free in time, and what ended the operation before.
   * @param bytes no more than one caller may have
   */
  async wait(caller: string, bytes: number, signal: AbortSignal): Promise<Reservation> {
    if (signal.aborted) throw givenUp(signal);
    if (this.#shortage(caller, bytes) === undefined) return this.#reserve(caller, bytes);
    if (this.#waiting.size >= this.#limits.waiting) return this.take(caller, bytes);
    const { promise, resolve, reject } = Promise.withResolvers<Reservation>();
    const waiter = { caller, bytes, admit: () => resolve(this.#reserve(caller, bytes)) };
    this.#waiting.add(waiter);
    const leave = () => reject(givenUp(signal));
    signal.addEventListener('abort', leave);
    const timer = setTimeout(() => {
      const share = this.#shortage(caller, bytes) ?? 'gateway';
      reject(new TooMuchUnderWay(share, this.#limits[share]));
    }, this.#limits.waitMs);
    try {
      const reserved = await promise;
      if (!signal.aborted) return reserved;
      reserved.release();
      throw givenUp(signal);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', leave);
      this.#waiting.delete(waiter);
    }
  }

  /** Whose share would not suffice; undefined if there is room. */
  #shortage(caller: string, bytes: number): TooMuchUnderWay['share'] | undefined {
    if ((this.#byCaller.get(caller) ?? 0) + bytes > this.#limits.caller) return 'caller';
    return this.#used + bytes > this.#limits.gateway ? 'gateway' : undefined;
  }

  #reserve(caller: string, bytes: number): Reservation {
    let held = bytes;
    this.#add(caller, bytes);
    const shrink = (to: number) => {
      if (to >= held) return;
      this.#add(caller, to - held);
      held = to;
      this.#admitWaiting();
    };
    return { shrink, release: () => shrink(0) };
  }

  #add(caller: string, bytes: number): void {
    this.#used += bytes;
    const left = (this.#byCaller.get(caller) ?? 0) + bytes;
    if (left === 0) this.#byCaller.delete(caller);
    else this.#byCaller.set(caller, left);
  }

  #admitWaiting(): void {
    for (const waiter of this.#waiting) {
      if (this.#shortage(waiter.caller, waiter.bytes) !== undefined) continue;
      this.#waiting.delete(waiter);
      waiter.admit();
    }
  }
}

/** How many operations may wait for room, and how long. */
const WAITING = 200;
const WAIT_MS = 5_000;

/** The two budgets that requests for GraphQL share. */
export interface MemoryBudgets {
  /** For the bodies of requests. */
  readonly bodies: MemoryBudget;
  /** For answers, from before they are made until they are sent. */
  readonly results: MemoryBudget;
  /** The most that one answer may need. */
  readonly mostOfResult: number;
}

/**
 * Divides the memory for requests under way: a quarter is for bodies, the rest for answers, and one caller may
 * have half of either. Bodies never wait, so that those who hold one and wait for an answer cannot block each other.
 */
export function divideMemory(bytes: number): MemoryBudgets {
  const bodies = Math.floor(bytes / 4);
  const results = bytes - bodies;
  const halfOf = (gateway: number) => ({ gateway, caller: Math.floor(gateway / 2) });
  return {
    bodies: new MemoryBudget({ ...halfOf(bodies), waiting: 0, waitMs: 0 }),
    results: new MemoryBudget({ ...halfOf(results), waiting: WAITING, waitMs: WAIT_MS }),
    mostOfResult: halfOf(results).caller,
  };
}

/** What sends an answer, as far as we need it: a response of node:http. */
export interface Sender {
  readonly destroyed: boolean;
  once(event: 'close', listener: () => void): unknown;
}

/**
 * Keeps of a reservation what the finished answer takes, until it is sent: a client may read it slowly.
 * @param sender undefined if nothing is sent, as in tests without a port
 */
export function holdUntilSent(reserved: Reservation, bytes: number, sender: Sender | undefined): void {
  const isSending = sender !== undefined && !sender.destroyed;
  reserved.shrink(isSending ? bytes : 0);
  sender?.once('close', () => reserved.release());
}
