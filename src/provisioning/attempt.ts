import type { WebexDatasource } from '../datasources/webex/datasource.ts';

/** One change that somebody asks for. */
export interface Attempt {
  /** The mutation, as updateUser. */
  readonly operation: string;
  /** Who asks. */
  readonly actor: string;
  readonly requestId: string;
  /** Whether everything is to be worked out and nothing sent. */
  readonly dryRun: boolean;
  readonly repeat: Repeat | undefined;
}

/** By what a change that is asked for again is recognised. */
export interface Repeat {
  /** The caller's `Idempotency-Key`. */
  readonly key: string;
  /** Which part of the caller's request this is: `updateUser`, or `updateUsers[3]`. */
  readonly place: string;
  /** SHA-256 of what is asked for. */
  readonly requestHash: string;
}

/** The organization that is changed. */
export interface Workplace {
  readonly connector: { readonly id: string; readonly name: string; readonly readOnly: boolean };
  readonly webex: WebexDatasource;
}
