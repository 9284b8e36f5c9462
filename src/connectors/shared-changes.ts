import { randomUUID } from 'node:crypto';
import type { Store } from '../store/store.ts';
import { describeError } from '../telemetry/error-facts.ts';
import type { Logger } from '../telemetry/logger.ts';

const TOPIC = 'changed';

/**
 * Tells all processes on one database what was changed in Webex, so that none goes on answering with what it
 * has kept from before. A notice that is lost costs no more than that what is kept grows old, as it may.
 */
export class SharedChanges {
  readonly #store: Store;
  readonly #logger: Logger;
  readonly #unsubscribe: () => void;
  /** Tells our own notices from those of others, also of a second gateway in this process. */
  readonly #self = randomUUID();
  /** What has become stale since the last notice went out, by connector: hundreds of changes are told in a few. */
  readonly #untold = new Map<string, Set<string>>();
  #telling: Promise<void> | undefined;

  /** @param onChange is told which catalogues changes of another process have made stale */
  constructor(
    store: Store,
    logger: Logger,
    onChange: (connectorId: string, stale: readonly string[]) => void,
  ) {
    this.#store = store;
    this.#logger = logger;
    this.#unsubscribe = store.notices.subscribe(TOPIC, (payload) => {
      const change = readChange(payload);
      if (change === undefined || change.from === this.#self) return;
      onChange(change.connectorId, change.stale);
    });
  }

  /** Notifies the others. Returns at once. A failure is logged and has no other effect. */
  tell(connectorId: string, stale: readonly string[]): void {
    const names = this.#untold.get(connectorId) ?? new Set();
    this.#untold.set(connectorId, names);
    for (const name of stale) names.add(name);
    this.#telling ??= this.#tellAll();
  }

  /** Hears no more, and resolves when nothing of ours is under way in the store. */
  async close(): Promise<void> {
    this.#unsubscribe();
    await this.#telling;
  }

  async #tellAll(): Promise<void> {
    for (const [connectorId, stale] of this.#untold) {
      this.#untold.delete(connectorId);
      try {
        await this.#store.notices.publish(TOPIC, { connectorId, stale: [...stale], from: this.#self });
      } catch (error) {
        this.#logger.warn(
          { error: describeError(error) },
          'could not announce a change to the other processes',
        );
      }
    }
    this.#telling = undefined;
  }
}

function readChange(payload: unknown) {
  if (typeof payload !== 'object' || payload === null) return undefined;
  if (!('connectorId' in payload && 'from' in payload)) return undefined;
  const { connectorId, from } = payload;
  if (typeof connectorId !== 'string') return undefined;
  // A process of an older version does not say what: then it may be anything.
  const stale = 'stale' in payload && Array.isArray(payload.stale) ? payload.stale.map(String) : ['unknown'];
  return { connectorId, stale, from };
}
