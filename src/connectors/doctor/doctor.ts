import type { HttpClient } from '../../datasources/http/client.ts';
import type { Meter } from '../../datasources/http/meter.ts';
import type { CallContext } from '../../datasources/rest/call-context.ts';
import { WebexClient } from '../../datasources/webex/client.ts';
import { NotConnected } from '../../errors/connection.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { ConnectorRecord, Connectors, GrantRecord } from '../connectors.ts';
import type { LiveConnections } from '../live-connections.ts';
import {
  examineAdministrator,
  explainUnproven,
  judgeGrant,
  type ProvenAccess,
  proveAccess,
} from './access.ts';
import {
  CHECK_NAMES,
  type CheckName,
  type ConnectorCheck,
  Examination,
  type Finding,
  type Observation,
  skipped,
} from './check.ts';
import { examineClock, examineEndpoint } from './endpoints.ts';
import { examineDirectorySync, examinePool, examineSettings } from './local-checks.ts';
import { Probes, provenToken } from './probes.ts';
import { examineScopes, PROBED_SCOPE_CHECKS } from './scopes.ts';

/** The longest that an examination takes, in seconds. */
const PATIENCE = 60;

/**
 * The most reads that an examination sends to Webex: one to each endpoint, one of the connected account, which
 * comes twice if the token had to be renewed, and one for each part of Webex that has scopes.
 */
export const MOST_READS = 2 + 2 + PROBED_SCOPE_CHECKS.length;

/** What was found out about a connector. */
export interface Diagnosis {
  readonly connector: ConnectorRecord;
  /** Whether nothing failed. */
  readonly ok: boolean;
  readonly checks: readonly ConnectorCheck[];
  /** Requests sent upstream for it. */
  readonly requests: number;
}

/** What the checks that need a token go on with. */
interface Access extends ProvenAccess {
  readonly grant: GrantRecord;
}

/**
 * Finds out what is wrong with a connector. It changes nothing in Webex, and repeats nothing that fails,
 * so that what it costs has a bound.
 */
export class Doctor {
  readonly #live: LiveConnections;
  readonly #connectors: Connectors;
  readonly #logger: Logger;

  constructor(live: LiveConnections, connectors: Connectors, logger: Logger) {
    this.#live = live;
    this.#connectors = connectors;
    this.#logger = logger;
  }

  /**
   * Examines a connector, as long as `caller` waits; what fails, or takes longer than the time there is, is in
   * the diagnosis, nothing is thrown.
   * @param seconds the time there is; a minute is taken at most
   */
  async examine(
    connector: ConnectorRecord,
    caller: { readonly signal: AbortSignal; readonly meter: Meter },
    seconds: number,
  ): Promise<Diagnosis> {
    const { meter } = caller;
    const before = meter.requests;
    const examination = new Examination(
      connector.name,
      caller.signal,
      Math.min(PATIENCE, seconds),
      this.#logger,
    );
    // Opened once, so that a connector that is deleted meanwhile is not opened again.
    const http = await this.#live.http(connector);
    // Before our own requests are in it.
    const pool = examination.check('POOL', () => examinePool(this.#live.poolStatus(connector)));
    const groups = await Promise.all([
      examination.check('SETTINGS', () => examineSettings(connector)),
      pool,
      examination.check('DIRECTORY_SYNC', examineDirectorySync),
      this.#examineEndpoints(examination, connector, http, meter),
      this.#examineAccess(examination, connector, http, meter),
    ]);
    const checks = groups
      .flatMap((group) => ('check' in group ? [group.check] : group))
      .sort((one, other) => CHECK_NAMES.indexOf(one.name) - CHECK_NAMES.indexOf(other.name));
    const ok = checks.every(({ status }) => status !== 'FAILED');
    return { connector, ok, checks, requests: meter.requests - before };
  }

  async #examineEndpoints(
    examination: Examination,
    connector: ConnectorRecord,
    http: HttpClient,
    meter: Meter,
  ): Promise<ConnectorCheck[]> {
    const context = { signal: examination.signal, meter };
    const [service, tokens] = await Promise.all([
      examination.check('SERVICE_URI_REACHABLE', () =>
        examineEndpoint(http, connector, 'serviceUri', context),
      ),
      examination.check('TOKEN_ENDPOINT_REACHABLE', () =>
        examineEndpoint(http, connector, 'tokenEndpoint', context),
      ),
    ]);
    const clock = await examination.check('CLOCK_SKEW', () =>
      examineClock(service.learned ?? tokens.learned),
    );
    return [service.check, tokens.check, clock.check];
  }

  async #examineAccess(
    examination: Examination,
    connector: ConnectorRecord,
    http: HttpClient,
    meter: Meter,
  ): Promise<ConnectorCheck[]> {
    const context = { signal: examination.signal, meter, retry: 'never' } as const;
    const token = await examination.check('TOKEN', () => this.#examineToken(connector, http, context));
    const access = token.learned;
    const probes = access && this.#probes(connector, http, access, context);
    const look = (name: CheckName, run: (access: Access, probes: Probes) => Promise<Finding>) =>
      examination.check(name, () =>
        access === undefined || probes === undefined
          ? skipped('This needs a token that Webex accepts. Fix what TOKEN says first.')
          : run(access, probes),
      );
    const others = await Promise.all([
      look('ADMINISTRATOR', ({ me }, reads) =>
        examineAdministrator(me, () => reads.roles(), connector.readOnly),
      ),
      ...[...PROBED_SCOPE_CHECKS, 'OTHER_SCOPES' as const].map((name) =>
        look(name, ({ grant }, reads) =>
          examineScopes(name, { asked: connector.scopes, granted: grant.scopes }, reads),
        ),
      ),
    ]);
    return [token, ...others].map(({ check }) => check);
  }

  #probes(connector: ConnectorRecord, http: HttpClient, access: Access, context: CallContext): Probes {
    const client = new WebexClient(http, provenToken(access.accessToken), connector);
    return new Probes(client, context, access.grant.organizationId);
  }

  async #examineToken(
    connector: ConnectorRecord,
    http: HttpClient,
    context: CallContext,
  ): Promise<Observation<Access>> {
    const before = await this.#connectors.grant(connector);
    if (before === null) throw new NotConnected(connector.name);
    const tokens = await this.#live.tokens(connector, before);
    try {
      const proven = await proveAccess(http, tokens, connector, context);
      // A renewal moves the expiry on, and may change the scopes.
      const grant = (await this.#connectors.grant(connector)) ?? before;
      return { ...judgeGrant(grant, proven, before), learned: { ...proven, grant } };
    } catch (error) {
      throw explainUnproven(error, connector.serviceUri);
    }
  }
}
