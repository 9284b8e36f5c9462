import type { ListReport, Phase, PlanCount, PlanEstimate } from '../../store/sync/documents.ts';
import { builder } from '../base/builder.ts';
import { LicenseRef } from '../base/refs.ts';
import { costs } from '../cost/costs.ts';
import {
  SyncActionEnum,
  SyncKindEnum,
  SyncLimitEnum,
  SyncPhaseNameEnum,
  SyncPlanStateEnum,
  SyncSituationEnum,
  SyncVerdictOutcomeEnum,
  SyncWithheldEnum,
} from './enums.ts';
import type { SyncFailure as Failure, ProgressShape, SeatsShape, VerdictShape } from './plan-shapes.ts';
import { SyncItemRef } from './refs.ts';

/** Examples of one verdict. */
const MOST_EXAMPLES = 10;

export const SyncProgressRef = builder.objectRef<ProgressShape>('SyncProgress').implement({
  description: 'How far the gateway is with making a plan.',
  fields: (t) => ({
    phase: t.expose('phase', { type: SyncPlanStateEnum, description: 'What it is doing.' }),
    sourceRecords: t.exposeInt('sourceRecords', {
      description: 'Number of records read from the source so far.',
    }),
    people: t.exposeInt('people', { description: 'Number of users read from Webex so far.' }),
    groups: t.exposeInt('groups', { description: 'Number of groups read from Webex so far.' }),
    requests: t.exposeInt('requests', { description: 'Number of requests to Webex so far.' }),
    percent: t.float({
      nullable: true,
      description:
        'Share of the records of the source that is read, 0 to 100. Null if the number of records is not known.',
      resolve: ({ sourceRecords, records }) =>
        records === undefined || records === 0 ? null : Math.min(100, (100 * sourceRecords) / records),
    }),
  }),
});

export const SyncListRef = builder.objectRef<ListReport>('SyncList').implement({
  description: 'A list that the plan relies on. If it is not complete, nothing is removed because of it.',
  fields: (t) => ({
    name: t.exposeString('name', {
      description: 'source, people, licenses, roles, groups or members. More may be added.',
    }),
    complete: t.exposeBoolean('complete', { description: 'Whether it was read to its end.' }),
    count: t.exposeInt('count', { description: 'Number of its objects.' }),
    requests: t.exposeInt('requests', { description: 'Number of requests that it took.' }),
    reason: t.string({
      nullable: true,
      description: 'Why it is not complete. Null if it is.',
      resolve: ({ reason }) => reason,
    }),
  }),
});

export const SyncCountRef = builder.objectRef<PlanCount>('SyncCount').implement({
  description: 'How many records, users or groups have the same situation and action.',
  fields: (t) => ({
    kind: t.expose('kind', { type: SyncKindEnum, description: 'Users or groups.' }),
    situation: t.expose('situation', { type: SyncSituationEnum, description: 'What was found.' }),
    action: t.expose('action', { type: SyncActionEnum, description: 'What is to be done.' }),
    withheld: t.expose('withheld', {
      type: SyncWithheldEnum,
      nullable: true,
      description: 'Why the action is not carried out. Null if it is.',
    }),
    count: t.exposeInt('count', { description: 'Number of records, users or groups.' }),
  }),
});

export const SyncVerdictRef = builder.objectRef<VerdictShape>('SyncVerdict').implement({
  description: 'A limit of the policy, compared with the plan.',
  fields: (t) => ({
    limit: t.field({
      type: SyncLimitEnum,
      description: 'Which limit.',
      resolve: ({ verdict }) => verdict.limit,
    }),
    value: t.float({ description: 'What the plan has.', resolve: ({ verdict }) => verdict.value }),
    threshold: t.float({
      description: 'What the limit allows: the lower of its count and its percentage, as a count.',
      resolve: ({ verdict }) => verdict.threshold,
    }),
    setIn: t.string({
      description: 'Where the limit is set: policy, request or default.',
      resolve: ({ verdict }) => verdict.setIn,
    }),
    outcome: t.field({
      type: SyncVerdictOutcomeEnum,
      description: 'How the plan compares with it.',
      resolve: ({ verdict }) => verdict.outcome,
    }),
    message: t.string({
      description: 'The same in words, and what to do about it.',
      resolve: ({ verdict }) => verdict.message,
    }),
    examples: t.field({
      complexity: costs.storedList(MOST_EXAMPLES),
      type: [SyncItemRef],
      fallible: true,
      description: 'The first ten items that count. Empty for a limit that is not about items.',
      resolve: async ({ verdict, examples }) => {
        if (verdict.examples.length === 0) return [];
        const items = await examples();
        return verdict.examples.flatMap((seq) => items.get(seq) ?? []);
      },
    }),
  }),
});

export const SyncSeatsRef = builder.objectRef<SeatsShape>('SyncSeats').implement({
  description: 'The seats of a license before and after the plan.',
  fields: (t) => ({
    license: t.field({
      complexity: costs.license,
      type: LicenseRef,
      nullable: true,
      description: 'The license. Null if the organization does not have it any more.',
      resolve: async ({ seats, connectorId }, _arguments, context) => {
        const webex = await context.webex(await context.connector(connectorId));
        const [license] = await webex.licenses.some([seats.licenseId]);
        return license === undefined ? null : { webex, license };
      },
    }),
    licenseName: t.string({
      description: 'The name of the license when the plan was made.',
      resolve: ({ seats }) => seats.licenseName,
    }),
    total: t.int({
      nullable: true,
      description: 'Number of seats that the organization has. Null if there is no limit.',
      resolve: ({ seats }) => seats.total,
    }),
    consumed: t.int({
      description: 'Number of seats in use before the plan.',
      resolve: ({ seats }) => seats.consumed,
    }),
    freed: t.int({
      description: 'Number of seats that the plan frees.',
      resolve: ({ seats }) => seats.freed,
    }),
    taken: t.int({
      description: 'Number of seats that the plan takes.',
      resolve: ({ seats }) => seats.taken,
    }),
    after: t.int({
      nullable: true,
      description: 'Number of free seats after the plan. Null if there is no limit.',
      resolve: ({ seats }) => seats.after,
    }),
    lacking: t.int({
      description: 'Number of users for whom no seat is left. Their items do not get the license.',
      resolve: ({ seats }) => seats.lacking,
    }),
  }),
});

export const SyncEstimateRef = builder.objectRef<PlanEstimate>('SyncEstimate').implement({
  description: 'What applying a plan will take.',
  fields: (t) => ({
    requests: t.exposeInt('requests', { description: 'Number of requests to Webex.' }),
    seconds: t.exposeInt('seconds', {
      description: 'Seconds, if Webex answers as fast as it did while the plan was made.',
    }),
  }),
});

export const SyncExportsRef = builder.objectRef<{ readonly address: string }>('SyncExports').implement({
  description:
    'Addresses of the whole plan as a file. Send the same Authorization header as for GraphQL, with the scope read.',
  fields: (t) => ({
    jsonLines: t.field({
      type: 'URL',
      description: 'All items as JSON, one per line.',
      resolve: ({ address }) => `${address}.jsonl`,
    }),
    csv: t.field({
      type: 'URL',
      description: 'All items as CSV, for a spreadsheet.',
      resolve: ({ address }) => `${address}.csv`,
    }),
    markdown: t.field({
      type: 'URL',
      description: 'The plan as a text to read, in Markdown.',
      resolve: ({ address }) => `${address}.md`,
    }),
  }),
});

export const SyncFailureRef = builder.objectRef<Failure>('SyncFailure').implement({
  description: 'Why a plan could not be made.',
  fields: (t) => ({
    code: t.exposeString('code', {
      description: 'What went wrong, for programs: a code of docs/errors.md. More may be added.',
    }),
    message: t.exposeString('message', {
      description: 'What went wrong and what to do about it, for people.',
    }),
  }),
});

export const SyncPhaseRef = builder.objectRef<Phase>('SyncPhase').implement({
  description: 'A part of the work on a plan or a run, and what it took.',
  fields: (t) => ({
    name: t.expose('name', { type: SyncPhaseNameEnum, description: 'Which part.' }),
    wave: t.int({
      nullable: true,
      description: 'Number of the wave. Null for other parts.',
      resolve: ({ wave }) => wave,
    }),
    startedAt: t.field({
      type: 'DateTime',
      description: 'When it began.',
      resolve: ({ startedAt }) => new Date(startedAt),
    }),
    endedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it ended. Null if it has not.',
      resolve: ({ endedAt }) => (endedAt === null ? null : new Date(endedAt)),
    }),
    seconds: t.exposeFloat('seconds', { description: 'Seconds that it took, without pauses.' }),
    requests: t.exposeInt('requests', { description: 'Number of requests to Webex.' }),
    cpuSeconds: t.exposeFloat('cpuSeconds', {
      description: 'Seconds of processor time of the gateway.',
    }),
  }),
});
