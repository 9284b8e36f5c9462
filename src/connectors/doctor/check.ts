import { isForClients, StoreUnavailable } from '../../errors/start.ts';
import { Abandoned } from '../../errors/upstream.ts';
import { describeError } from '../../telemetry/error-facts.ts';
import type { Logger } from '../../telemetry/logger.ts';

/** All checks, in the order in which they are reported. */
export const CHECK_NAMES = [
  'SETTINGS',
  'SERVICE_URI_REACHABLE',
  'TOKEN_ENDPOINT_REACHABLE',
  'CLOCK_SKEW',
  'TOKEN',
  'ADMINISTRATOR',
  'PEOPLE_SCOPES',
  'LICENSE_SCOPES',
  'ROLE_SCOPES',
  'GROUP_SCOPES',
  'ORGANIZATION_SCOPES',
  'IDENTITY_SCOPES',
  'OTHER_SCOPES',
  'POOL',
  'DIRECTORY_SYNC',
] as const;

export type CheckName = (typeof CHECK_NAMES)[number];

export type CheckStatus = 'PASSED' | 'WARNING' | 'FAILED' | 'SKIPPED';

/** The result of one check, and how to fix what is wrong. */
export interface Finding {
  readonly status: CheckStatus;
  readonly message: string;
}

export interface ConnectorCheck extends Finding {
  readonly name: CheckName;
  readonly durationMs: number;
}

/** A check that is done, and what it learned that others go on with. */
export interface Checked<Learned> {
  readonly check: ConnectorCheck;
  readonly learned: Learned | undefined;
}

/** A finding together with what others can go on with. */
export type Observation<Learned> = Finding & { readonly learned?: Learned | undefined };

export const passed = (message: string): Finding => ({ status: 'PASSED', message });
export const warning = (message: string): Finding => ({ status: 'WARNING', message });
export const failed = (message: string): Finding => ({ status: 'FAILED', message });
export const skipped = (message: string): Finding => ({ status: 'SKIPPED', message });

/** Runs the checks of one examination: takes their time, and makes a finding of whatever they throw. */
export class Examination {
  /** Aborted when the client has gone or the time is up. */
  readonly signal: AbortSignal;
  readonly #seconds: number;
  readonly #connector: string;
  readonly #logger: Logger;

  /**
   * @param connector its name, for the log
   * @param seconds the longest that the examination takes
   */
  constructor(connector: string, caller: AbortSignal, seconds: number, logger: Logger) {
    this.signal = AbortSignal.any([caller, AbortSignal.timeout(Math.ceil(seconds * 1_000))]);
    this.#seconds = seconds;
    this.#connector = connector;
    this.#logger = logger;
  }

  /** Never rejects. */
  async check<Learned = never>(
    name: CheckName,
    look: () => Observation<Learned> | Promise<Observation<Learned>>,
  ): Promise<Checked<Learned>> {
    const startedAt = performance.now();
    const done = (observation: Observation<Learned>): Checked<Learned> => {
      const { status, message, learned } = observation;
      const durationMs = Math.round(performance.now() - startedAt);
      return { check: { name, status, message, durationMs }, learned };
    };
    try {
      return done(await this.#inTime(look));
    } catch (error) {
      return done(failed(this.#explain(name, error)));
    }
  }

  /** What has no end of its own, as resolving a name, ends with the examination. */
  async #inTime<T>(look: () => T | Promise<T>): Promise<T> {
    const { promise, reject } = Promise.withResolvers<never>();
    const giveUp = () => reject(new Abandoned());
    if (this.signal.aborted) giveUp();
    this.signal.addEventListener('abort', giveUp, { once: true });
    try {
      return await Promise.race([promise, look()]);
    } finally {
      this.signal.removeEventListener('abort', giveUp);
    }
  }

  #explain(name: CheckName, error: unknown): string {
    if (error instanceof Abandoned) {
      const seconds = Math.round(this.#seconds * 10) / 10;
      return `This was not finished within the ${seconds} seconds that the test had. Webex or the network is slow, or the connector’s connections are all in use: see the other checks, and test again, with more time in the header Webex-Deadline where that was short.`;
    }
    if (isForClients(error)) return error.message;
    const facts = { connector: this.#connector, check: name, error: describeError(error) };
    if (error instanceof StoreUnavailable) {
      this.#logger.error(facts, 'the database does not answer');
      return 'The gateway cannot reach its database just now. Test again later.';
    }
    this.#logger.error(facts, 'a bug: a check of a connector failed');
    return 'The check itself failed, which is a bug of the gateway and says nothing of Webex. The log of the gateway says more.';
  }
}
