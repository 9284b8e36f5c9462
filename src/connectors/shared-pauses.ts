import { randomUUID } from 'node:crypto';
import type { ConnectorRecord } from '../store/connectors.ts';
import type { Store } from '../store/store.ts';
import { describeError } from '../telemetry/error-facts.ts';
import type { Facts, Logger } from '../telemetry/logger.ts';

const TOPIC = 'throttled';

/**
 * The pauses that Webex has asked for, shared by all processes on one database. A process that gets a 429 stores the pause
 * and then notifies the others. A process that starts to listen reads what is stored, so that none is missed.
 */
export class SharedPauses {
  readonly #store: Store;
  readonly #logger: Logger;
  readonly #onPause: (connectorId: string, milliseconds: number) => void;
  readonly #unsubscribe: () => void;
  /** Tells our own notices from those of others, also of a second gateway in this process. */
  readonly #self = randomUUID();
  /** When the pauses that other gateways have reported end, by a clock of this process that never goes back. */
  readonly #ends = new Map<string, number>();
  readonly #pending = new Set<Promise<void>>();
  /** Resolves when the pauses of before this process are known, or could not be read. */
  readonly known: Promise<void>;

  /** @param onPause called for each pause of another process, in milliseconds from now */
  constructor(store: Store, logger: Logger, onPause: (connectorId: string, milliseconds: number) => void) {
    this.#store = store;
    this.#logger = logger;
    this.#onPause = onPause;
    this.#unsubscribe = store.notices.subscribe(TOPIC, (payload) => this.#hear(payload), {
      onGap: () => this.#read(),
      onFailure: (error) =>
        logger.warn(
          { error: describeError(error) },
          'the connection that receives notices of other processes was lost; reconnecting',
        ),
    });
    this.known = this.#read();
  }

  /** The milliseconds left of the connector's pause, as far as is known; 0 without a pause. */
  left(connectorId: string): number {
    return Math.max(0, (this.#ends.get(connectorId) ?? 0) - performance.now());
  }

  /** Stores a pause of this process and notifies the others. Returns at once. A failure is logged and has no other effect. */
  tell(connector: Pick<ConnectorRecord, 'id' | 'name'>, milliseconds: number): void {
    const { throttles, notices } = this.#store;
    const connectorId = connector.id;
    const work = async () => {
      await throttles.raise(connectorId, milliseconds);
      await notices.publish(TOPIC, { connectorId, ms: milliseconds, from: this.#self });
    };
    void this.#track(work(), (facts) =>
      this.#logger.warn(
        { ...facts, connector: connector.name },
        'could not announce a pause to the other processes',
      ),
    );
  }

  /** Hears no more, and resolves when nothing of ours is under way in the store. */
  async close(): Promise<void> {
    this.#unsubscribe();
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  #hear(payload: unknown): void {
    const pause = readPause(payload);
    if (pause !== undefined && pause.from !== this.#self) this.#note(pause.connectorId, pause.ms);
  }

  #read(): Promise<void> {
    const work = async () => {
      for (const [connectorId, ms] of await this.#store.throttles.remaining()) this.#note(connectorId, ms);
    };
    return this.#track(work(), (facts) =>
      this.#logger.warn(facts, 'the pauses that other processes know of could not be read'),
    );
  }

  #note(connectorId: string, milliseconds: number): void {
    const end = performance.now() + milliseconds;
    this.#ends.set(connectorId, Math.max(end, this.#ends.get(connectorId) ?? 0));
    this.#onPause(connectorId, milliseconds);
  }

  #track(work: Promise<void>, onFailure: (facts: Pick<Facts, 'error'>) => void): Promise<void> {
    const settled = work
      .catch((error: unknown) => onFailure({ error: describeError(error) }))
      .finally(() => this.#pending.delete(settled));
    this.#pending.add(settled);
    return settled;
  }
}

function readPause(payload: unknown): { connectorId: string; ms: number; from: unknown } | undefined {
  if (typeof payload !== 'object' || payload === null) return undefined;
  if (!('connectorId' in payload && 'ms' in payload && 'from' in payload)) return undefined;
  const { connectorId, ms, from } = payload;
  return typeof connectorId === 'string' && typeof ms === 'number' ? { connectorId, ms, from } : undefined;
}
