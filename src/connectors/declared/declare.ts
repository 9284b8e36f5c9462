import { NameTaken } from '../../errors/request.ts';
import type { ConnectorRecord } from '../../store/connectors.ts';
import type { Store } from '../../store/store.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { Destinations } from '../allowed-origins.ts';
import { type ConnectorSettings, reachOf } from '../settings.ts';
import { readConnectorsFile } from './file.ts';
import type { Environment } from './values.ts';

export interface DeclareOptions {
  /** YAML or JSON. Undefined: nothing is declared. */
  readonly file: string | undefined;
  /** What the file may refer to. */
  readonly environment: Environment;
  /** Where requests may go. */
  readonly destinations: Destinations;
  readonly store: Store;
  readonly logger: Logger;
}

/**
 * Makes the connectors as the file declares them, and releases those that it declares no more: they stay,
 * and can be changed by hand again. Writes only what differs, so it is safe to repeat, also by several
 * processes at once. Nothing is written unless the whole file is right.
 * Throws InvalidConfiguration, StoreUnavailable.
 */
export async function declareConnectors(options: DeclareOptions): Promise<void> {
  const { file, environment, destinations, store, logger } = options;
  const declared = file === undefined ? [] : readConnectorsFile(file, environment, destinations);
  await store.withLock('declare connectors', async () => {
    for (const settings of declared) await declare(settings, store, logger);
    const names = new Set(declared.map(({ name }) => name));
    for (const connector of await store.connectors.list()) {
      if (connector.declared && !names.has(connector.name)) await release(connector, store, logger);
    }
  });
}

async function declare(declared: ConnectorSettings, store: Store, logger: Logger): Promise<void> {
  const { name } = declared;
  for (;;) {
    const current = await store.connectors.getByName(name);
    if (current === null) {
      if (await create(declared, store)) return logger.info({ connector: name }, 'declared a new connector');
      continue;
    }
    // The author of the file has the secrets anyway, so another secret does not end the connection.
    const settings = { ...declared, clientSecretNumber: current.clientSecretNumber };
    const changed = differences(current, settings);
    if (changed.length === 0) return;
    // The connector was changed by hand at this moment: read it again.
    if ((await store.connectors.update(current.id, current.version, settings)) === null) continue;
    if (!current.declared) {
      logger.warn(
        { connector: name },
        'took over a connector: from now on it changes in the connectors file only',
      );
    }
    logger.info({ connector: name, changed }, 'changed a connector as the connectors file declares it');
    const reach = reachOf(settings);
    // A connection that was made again in this moment stays.
    if (reachOf(current) !== reach && (await store.grants.delete(current.id, reach))) {
      logger.warn(
        { connector: name },
        'disconnected: its client, its servers or its organization changed; connect it again',
      );
    }
    return;
  }
}

/** False if the name was taken in this moment. */
async function create(settings: ConnectorSettings, store: Store): Promise<boolean> {
  try {
    await store.connectors.create({ kind: 'WEBEX', ...settings });
    return true;
  } catch (error) {
    if (error instanceof NameTaken) return false;
    throw error;
  }
}

async function release(connector: ConnectorRecord, store: Store, logger: Logger): Promise<void> {
  const { id, name, version } = connector;
  // Nobody but us changes a declared connector, and we hold the lock.
  await store.connectors.update(id, version, { declared: false });
  logger.warn(
    { connector: name },
    'released a connector that is declared no more: it can be changed by hand',
  );
}

/** The names of the settings that are not as wanted. */
function differences(current: ConnectorRecord, wanted: ConnectorSettings): string[] {
  const now = new Map<string, unknown>(Object.entries(current));
  return Object.entries(wanted).flatMap(([setting, value]) =>
    JSON.stringify(now.get(setting)) === JSON.stringify(value) ? [] : [setting],
  );
}
