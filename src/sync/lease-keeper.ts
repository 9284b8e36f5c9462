/** How often a lease is renewed, in milliseconds. The database ends it after 20 seconds without. */
const RENEW_MS = 5_000;
/** How long after its last renewal a lease is relied on, in milliseconds. */
const RELIED_ON_MS = 15_000;

/** The work belongs to another worker now, or was canceled. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/** The process stops. Another process goes on with the work. */
export class Drained extends Error {
  override readonly name = 'Drained';
}

/** Renews the lease of one piece of work until it ends. */
export class LeaseKeeper {
  readonly epoch: number;
  readonly #renew: () => Promise<boolean>;
  readonly #ends = new AbortController();
  readonly #renewing: NodeJS.Timeout;
  #ending: NodeJS.Timeout;
  #renewedAt: number;

  /**
   * @param takenAt `performance.now()` before the lease was asked for
   * @param renew false: the lease is lost
   */
  constructor(epoch: number, takenAt: number, renew: () => Promise<boolean>) {
    this.epoch = epoch;
    this.#renewedAt = takenAt;
    this.#renew = renew;
    this.#renewing = setInterval(() => this.check(), RENEW_MS);
    this.#renewing.unref();
    this.#ending = this.#endLater();
  }

  /** Aborted with LeaseLost or Drained. */
  get signal(): AbortSignal {
    return this.#ends.signal;
  }

  /** Whether nobody else can have taken the work yet, by the clock of this process. */
  get isHeld(): boolean {
    return !this.signal.aborted && performance.now() - this.#renewedAt < RELIED_ON_MS;
  }

  /** Renews the lease now, or notices that it is lost. Never throws: a database that fails is asked again. */
  async check(): Promise<void> {
    const askedAt = performance.now();
    try {
      if (!(await this.#renew())) return this.#lose();
    } catch {
      return;
    }
    this.#renewedAt = askedAt;
    clearTimeout(this.#ending);
    this.#ending = this.#endLater();
  }

  /** Ends the work, so that another process can go on with it. */
  drain(): void {
    this.#ends.abort(new Drained('The gateway stops'));
  }

  /** Ends renewing. */
  close(): void {
    clearInterval(this.#renewing);
    clearTimeout(this.#ending);
  }

  #endLater(): NodeJS.Timeout {
    const left = RELIED_ON_MS - (performance.now() - this.#renewedAt);
    const timer = setTimeout(() => this.#lose(), Math.max(0, left));
    timer.unref();
    return timer;
  }

  #lose(): void {
    this.#ends.abort(new LeaseLost('The lease is lost'));
  }
}
