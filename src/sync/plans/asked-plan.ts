import type { Narrow } from '../../store/sync/documents.ts';
import type { Json } from '../../store/sync/words.ts';

/** A plan as a caller asks for it. */
export interface AskedPlan {
  /** The caller may plan for it. */
  readonly connectorId: string;
  /** As the audit trail names the caller. */
  readonly actor: string;
  /** For a schedule: who has put it. Files of that caller can be planned with. */
  readonly onBehalfOf?: string | undefined;
  /** Whether the caller has the scope admin for the connector. */
  readonly byAdmin: boolean;
  /** The same actor and key within 24 hours are answered with the same plan. */
  readonly idempotencyKey: string | undefined;
  /** Undefined only with `retryOf`. Without a version the newest. */
  readonly mapping:
    | { readonly name: string; readonly version: number | undefined }
    | { readonly text: string }
    | undefined;
  readonly fileId: string | undefined;
  readonly rows: readonly Json[] | undefined;
  /** Id of another connector, which the caller may read. */
  readonly sourceId: string | undefined;
  /** Id of a run of the same connector. */
  readonly retryOf: string | undefined;
  readonly narrow: Narrow | undefined;
  /** Undefined: what is usual for the source. */
  readonly extent: 'ALL' | 'CHANGES' | undefined;
  readonly note: string | undefined;
}
