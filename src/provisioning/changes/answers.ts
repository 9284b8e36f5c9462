import { z } from 'zod';
import { type Part, PartiallyApplied } from '../../errors/changes.ts';
import type { GatewayError } from '../../errors/gateway-error.ts';
import {
  type UpstreamCall,
  UpstreamForbidden,
  UpstreamInvalid,
  UpstreamNotFound,
  UpstreamRejected,
  UpstreamUnavailable,
} from '../../errors/upstream.ts';
import type { Outcome } from './outcome.ts';

/** How records of one kind are kept with an answer, as JSON. */
export interface Answers<Record> {
  write(record: unknown): unknown;
  read(kept: unknown): Record;
}

const call = z.object({
  method: z.string(),
  path: z.string(),
  status: z.number().optional(),
  trackingId: z.string().optional(),
  said: z.string().optional(),
});

const keptAnswer = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('applied'), record: z.unknown() }),
  z.object({ kind: z.literal('unchanged'), record: z.unknown() }),
  z.object({
    kind: z.literal('partial'),
    parts: z.array(z.object({ field: z.string(), name: z.string(), isApplied: z.boolean() })),
    record: z.unknown(),
    call: call.optional(),
    failure: z
      .object({ code: z.string(), message: z.string(), scopes: z.array(z.string()).optional() })
      .optional(),
  }),
]);

type KeptAnswer = z.infer<typeof keptAnswer>;
type KeptPart = Extract<KeptAnswer, { readonly kind: 'partial' }>;

/** The answer to a change, as it is kept for requests with the same key. */
export function writeAnswer<Record extends object>(
  { kind, record }: Outcome<Record>,
  answers: Answers<Record>,
): string {
  if (kind === 'DRY_RUN') throw new Error('A dry run is not kept.');
  const kept: KeptAnswer = {
    kind: kind === 'APPLIED' ? 'applied' : 'unchanged',
    record: record === null ? null : answers.write(record),
  };
  return JSON.stringify(kept);
}

/** As `writeAnswer`, of a change of which a part was made. */
export function writePartialAnswer(
  { parts, record, call, failure }: PartiallyApplied,
  answers: Answers<unknown>,
): string {
  const kept: KeptAnswer = {
    kind: 'partial',
    parts: parts.map((part): Part => ({ ...part })),
    record: record === null ? null : answers.write(record),
    call,
    failure: failure && keptFailure(failure),
  };
  return JSON.stringify(kept);
}

/** The answer that was given before. Throws PartiallyApplied if that was the answer. */
export function readAnswer<Record extends object>(
  text: string,
  connectorId: string,
  answers: Answers<Record>,
): Outcome<Record> {
  const kept = keptAnswer.parse(JSON.parse(text));
  const record = kept.record === null ? null : answers.read(kept.record);
  if (kept.kind === 'unchanged') return { kind: 'NOTHING_CHANGED', record };
  if (kept.kind === 'partial') {
    throw new PartiallyApplied(connectorId, record, kept.parts, failureOf(kept), kept.call);
  }
  return { kind: 'APPLIED', record };
}

function keptFailure(failure: GatewayError): NonNullable<KeptPart['failure']> {
  const { code, message } = failure;
  return failure instanceof UpstreamForbidden
    ? { code, message, scopes: [...failure.scopes] }
    : { code, message };
}

/** Webex's errors that are answered again; of any other the code PARTIALLY_APPLIED is. */
const FAILURES: Readonly<Record<string, new (sentence: string, call: UpstreamCall) => GatewayError>> = {
  UPSTREAM_REJECTED: UpstreamRejected,
  UPSTREAM_NOT_FOUND: UpstreamNotFound,
  UPSTREAM_INVALID: UpstreamInvalid,
  UPSTREAM_UNAVAILABLE: UpstreamUnavailable,
};

function failureOf({ failure, call }: KeptPart): GatewayError | undefined {
  if (failure === undefined || call === undefined) return undefined;
  const { code, message, scopes } = failure;
  if (code === 'UPSTREAM_FORBIDDEN') return new UpstreamForbidden(scopes ?? [], call);
  const ErrorClass = FAILURES[code];
  return ErrorClass && new ErrorClass(message, call);
}
