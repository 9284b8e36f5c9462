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
  /** What was changed since the last notice went out, by connector: hundreds of changes are told in a few. */
  readonly #untold = new Map<string, Set<string>>();
  #telling: Promise<void> | undefined;

  /** @param onChange is told of each change of another process; the path as under the service URI */
  constructor(store: Store, logger: Logger, onChange: (connectorId: string, path: string) => void) {
    this.#store = store;
    this.#logger = logger;
    this.#unsubscribe = store.notices.subscribe(TOPIC, (payload) => {
      const change = readChange(payload);
      if (change === undefined || change.from === this.#self) return;
      for (const path of change.paths) onChange(change.connectorId, path);
    });
  }

  /** Tells the others. Returns at once; failing is logged, and harms nobody here. */
  tell(connectorId: string, path: string): void {
    const paths = this.#untold.get(connectorId) ?? new Set();
    this.#untold.set(connectorId, paths);
    // The kind of what was changed is all that counts.
    paths.add(`/${path.split('/')[1]}`);
    this.#telling ??= this.#tellAll();
  }

  /** Hears no more, and resolves when nothing of ours is under way in the store. */
  async close(): Promise<void> {
    this.#unsubscribe();
    await this.#telling;
  }

  async #tellAll(): Promise<void> {
    for (const [connectorId, paths] of this.#untold) {
      this.#untold.delete(connectorId);
      try {
        await this.#store.notices.publish(TOPIC, { connectorId, paths: [...paths], from: this.#self });
      } catch (error) {
        this.#logger.warn({ error: describeError(error) }, 'other processes could not be told of a change');
      }
    }
    this.#telling = undefined;
  }
}

function readChange(payload: unknown) {
  if (typeof payload !== 'object' || payload === null) return undefined;
  if (!('connectorId' in payload && 'paths' in payload && 'from' in payload)) return undefined;
  const { connectorId, paths, from } = payload;
  if (typeof connectorId !== 'string' || !Array.isArray(paths)) return undefined;
  return { connectorId, paths: paths.map(String), from };
}
