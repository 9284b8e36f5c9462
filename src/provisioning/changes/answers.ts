import { z } from 'zod';
import { PartiallyApplied } from '../../errors/changes.ts';
import { DryRun, NothingChanged, type Outcome } from './outcome.ts';

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
  z.object({ kind: z.literal('unchanged'), message: z.string(), record: z.unknown() }),
  z.object({
    kind: z.literal('partial'),
    applied: z.array(z.string()),
    notApplied: z.array(z.string()),
    record: z.unknown(),
    call: call.optional(),
  }),
]);

type KeptAnswer = z.infer<typeof keptAnswer>;

/** The answer to a change, as it is kept for whoever asks again. */
export function writeAnswer<Record extends object>(
  outcome: Outcome<Record>,
  answers: Answers<Record>,
): string {
  if (outcome instanceof DryRun) throw new Error('A dry run is not kept.');
  const kept: KeptAnswer =
    outcome instanceof NothingChanged
      ? {
          kind: 'unchanged',
          message: outcome.message,
          record: outcome.record && answers.write(outcome.record),
        }
      : { kind: 'applied', record: answers.write(outcome) };
  return JSON.stringify(kept);
}

/** As `writeAnswer`, of a change of which a part was made. */
export function writePartialAnswer(
  { applied, notApplied, record, call }: PartiallyApplied,
  answers: Answers<unknown>,
): string {
  const partial = { applied: [...applied], notApplied: [...notApplied], call };
  const kept: KeptAnswer = {
    kind: 'partial',
    ...partial,
    record: record === null ? null : answers.write(record),
  };
  return JSON.stringify(kept);
}

/** The answer that was given before. Throws PartiallyApplied where that was the answer. */
export function readAnswer<Record extends object>(
  text: string,
  connectorId: string,
  answers: Answers<Record>,
): Outcome<Record> {
  const kept = keptAnswer.parse(JSON.parse(text));
  const record = kept.record === null ? null : answers.read(kept.record);
  if (kept.kind === 'unchanged') return new NothingChanged(connectorId, kept.message, record);
  if (kept.kind === 'partial') {
    throw new PartiallyApplied(connectorId, record, kept.applied, kept.notApplied, kept.call);
  }
  if (record === null) throw new Error('An answer was kept without its record.');
  return record;
}
