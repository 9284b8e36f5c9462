/**
 * Every error the gateway raises. A class has a `code` that never changes and may be matched on, a
 * message that a person can act on, and the facts that a program needs as fields.
 *
 * Raised where the fact is known, translated once, at the edge (schema, routes, server). Anything
 * that is not a GatewayError is a bug: it is masked, logged and counted there.
 */
export abstract class GatewayError extends Error {
  abstract readonly code: string;
  /** Whether the same call may succeed later without anything being changed. */
  readonly retryable: boolean = false;
  /** Seconds to wait before that; undefined if nobody knows. */
  readonly retryAfter: number | undefined = undefined;
  override get name(): string {
    return this.constructor.name;
  }
  /** What a program may read beside code and message. Only what is safe to show a client. */
  facts(): Record<string, string | number | boolean | readonly string[]> {
    return {};
  }
}
