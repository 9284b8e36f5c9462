import type { OpenOrganization } from '../../connectors/organizations.ts';
import { canonicalName } from '../../datasources/webex/canonical.ts';
import type { Group } from '../../datasources/webex/records.ts';
import { NameTaken, NotFound } from '../../errors/request.ts';
import { UpstreamNotFound } from '../../errors/upstream.ts';
import type { Attempt, Target } from '../changes/change-request.ts';
import type { Ledger } from '../changes/ledger.ts';
import type { FieldChange, Outcome } from '../changes/outcome.ts';
import { Problems } from '../changes/problems.ts';
import { assertUnmodified, type Step } from '../changes/recorded-change.ts';
import { findPeople, type Reference } from '../changes/references.ts';
import { replyTo, unseen } from '../changes/reply.ts';
import { resumed } from '../changes/resume.ts';
import { settleDeletion } from '../changes/settle-deletion.ts';
import { judge } from '../changes/verdict.ts';
import type { RecordLocks } from '../records/locks.ts';
import { nameOf, textOf } from '../users/input-values.ts';
import { GROUP_ANSWERS } from './answers.ts';
import { createGroup, hasTakenName } from './creation.ts';
import { groupDifferences, groupStanding } from './fields.ts';
import {
  type MemberChange,
  membersField,
  readWholeGroup,
  settleMembers,
  standingOfGroup,
} from './members.ts';

/** A new group. */
export interface GroupInput {
  readonly displayName: string;
  readonly description?: string | null | undefined;
  readonly members: readonly Reference[];
}

/** Which group to change, and under which condition. */
export interface GroupTarget {
  /** Webex's id. */
  readonly id: string;
  /** Refuses the change where somebody has made one after this moment. */
  readonly ifUnmodifiedSince?: Date | null | undefined;
}

/** What to change of a group. Absent: left alone. Null: cleared. */
export interface GroupUpdate extends GroupTarget {
  readonly displayName?: string | null | undefined;
  readonly description?: string | null | undefined;
}

/** People to add to a group and to take out; all others stay. */
export interface MembersInput extends GroupTarget {
  readonly add: readonly Reference[];
  readonly remove: readonly Reference[];
}

const LONGEST_DESCRIPTION = 1_024;

/** The rules of changing groups; as those of users otherwise. Throws NameTaken, too. */
export class Groups {
  readonly #ledger: Ledger;
  readonly #locks: RecordLocks;

  constructor(ledger: Ledger, locks: RecordLocks) {
    this.#ledger = ledger;
    this.#locks = locks;
  }

  /** Creates a group with any number of members: Webex takes 500 of them at first, the others follow. */
  async create(
    organization: OpenOrganization,
    attempt: Attempt,
    input: GroupInput,
    at: string,
  ): Promise<Outcome<Group>> {
    const problems = new Problems(at);
    const displayName = problems.value('displayName', input.displayName, nameOf) ?? '';
    const description =
      problems.value('description', input.description, textOf(LONGEST_DESCRIPTION)) ?? undefined;
    problems.throwAny();
    const { admin } = organization;
    const target: Target = { type: 'Group', id: null, name: displayName };
    return this.#ledger.make(attempt, organization, GROUP_ANSWERS, (step) =>
      this.#locks.alone(`new group ${admin.organizationId} ${canonicalName(displayName)}`, step, async () => {
        const memberIds = await findPeople(admin, input.members);
        const additions = memberIds.map((id): MemberChange => ({ id, operation: 'add' }));
        const fields = { displayName, ...(description === undefined ? {} : { description }) };
        const differences: FieldChange[] = [
          ...groupDifferences(null, fields),
          ...(memberIds.length === 0 ? [] : [membersField(additions)]),
        ];
        if (step.dryRun) {
          const { groups } = await admin.findGroups(displayName);
          if (groups.length > 0) throw new NameTaken('group', displayName);
          return step.rehearse<Group>(target, differences, [], null);
        }
        const { earlier } = step;
        if (earlier?.isDone && earlier.targetId !== null) {
          const created = await admin.readGroup(earlier.targetId);
          if (created === null) throw new NotFound('group', earlier.targetId);
          return step.recall(created, await standingOfGroup(organization, created, earlier.changes));
        }
        return step.change(target, differences, (notes) =>
          createGroup(organization, { ...fields, memberIds }, differences, notes, earlier),
        );
      }),
    );
  }

  /** Changes the name or the description of a group. */
  async update(
    organization: OpenOrganization,
    attempt: Attempt,
    input: GroupUpdate,
    at: string,
  ): Promise<Outcome<Group>> {
    const problems = new Problems(at);
    const displayName = problems.value('displayName', input.displayName, nameOf);
    const description = problems.value('description', input.description, textOf(LONGEST_DESCRIPTION));
    if (displayName === null) problems.add('displayName', 'cannot be cleared: a group needs a name.');
    problems.throwAny();
    const { connector, admin } = organization;
    return this.#change(organization, attempt, input, async (step, before, target) => {
      const wanted = {
        ...(displayName == null ? {} : { displayName }),
        ...(description === undefined ? {} : { description: description ?? '' }),
      };
      const differences = groupDifferences(before, wanted);
      if (differences.length === 0)
        return step.unchanged(target, before, 'The group was so already. Nothing was sent.');
      if (step.dryRun) return step.rehearse(target, differences, [], before);
      return step.change(target, differences, async (notes) => {
        const reply = await replyTo(() => admin.changeGroup(input.id, wanted), notes);
        const { answer, failure, call } = reply;
        if (answer !== undefined && groupStanding(answer.group, differences).missing.length === 0)
          return answer.group;
        const after = await admin.readGroup(input.id).catch(() => undefined);
        if (after === null && failure instanceof UpstreamNotFound) throw new NotFound('group', input.id);
        if (after == null) throw unseen(connector.id, reply);
        const { missing, hasMoved } = groupStanding(after, differences);
        const error = judge({
          connectorId: connector.id,
          record: after,
          asked: differences.map(({ field }) => field),
          missing,
          moved: hasMoved,
          failure,
          call,
        });
        if (error === undefined) return after;
        if (
          failure !== undefined &&
          error === failure &&
          (await hasTakenName(organization, failure, displayName, input.id))
        ) {
          throw new NameTaken('group', displayName ?? '', call);
        }
        throw error;
      });
    });
  }

  /** Adds people to a group and takes others out; those who are there, or gone, already are no error. */
  updateMembers(
    organization: OpenOrganization,
    attempt: Attempt,
    input: MembersInput,
    at: string,
  ): Promise<Outcome<Group>> {
    const { admin } = organization;
    return this.#change(organization, attempt, input, async (step, before, target) => {
      const [whole, add, remove] = await Promise.all([
        readWholeGroup(organization, input.id),
        findPeople(admin, input.add),
        findPeople(admin, input.remove),
      ]);
      if (whole === null) throw new NotFound('group', input.id);
      const { memberIds } = whole;
      const problems = new Problems(at);
      for (const [index, id] of add.entries()) {
        if (remove.includes(id)) problems.add(`add[${index}]`, 'stands under remove as well.');
      }
      problems.throwAny();
      const changes: MemberChange[] = [
        ...add.filter((id) => !memberIds.has(id)).map((id) => ({ id, operation: 'add' as const })),
        ...remove.filter((id) => memberIds.has(id)).map((id) => ({ id, operation: 'delete' as const })),
      ];
      if (changes.length === 0) {
        return step.unchanged(target, before, 'Everybody is there, or gone, already. Nothing was sent.');
      }
      const differences = [membersField(changes)];
      if (step.dryRun) return step.rehearse(target, differences, [], before);
      return step.change(target, differences, (notes) =>
        settleMembers(organization, input.id, changes, notes),
      );
    });
  }

  /** Deletes a group; one that is gone already is no error. Its members stay in the organization. */
  delete(
    organization: OpenOrganization,
    attempt: Attempt,
    { id, ifUnmodifiedSince }: GroupTarget,
  ): Promise<Outcome<Group>> {
    const { connector, admin } = organization;
    return this.#ledger.make(attempt, organization, GROUP_ANSWERS, (step) =>
      this.#locks.changeAtOnce({ type: 'Group', id }, step, async () => {
        const whole = await readWholeGroup(organization, id);
        if (whole === null) {
          const gone: Target = { type: 'Group', id, name: null };
          return step.unchanged<Group>(gone, null, 'There is no such group in the organization.');
        }
        const { group, memberIds } = whole;
        assertUnmodified(connector.id, step, group, ifUnmodifiedSince);
        const target: Target = { type: 'Group', id, name: group.displayName ?? null };
        const differences: FieldChange[] = [
          { field: 'displayName', before: group.displayName ?? null, after: null },
          { field: 'members', before: [...memberIds], after: [] },
        ];
        if (step.dryRun) return step.rehearse(target, differences, [], group);
        return step.change(target, differences, async (notes) => {
          await settleDeletion(
            organization,
            notes,
            () => admin.deleteGroup(id),
            () => admin.readGroup(id),
          );
          return group;
        });
      }),
    );
  }

  #change(
    organization: OpenOrganization,
    attempt: Attempt,
    { id, ifUnmodifiedSince }: GroupTarget,
    make: (step: Step, before: Group, target: Target) => Promise<Outcome<Group>>,
  ): Promise<Outcome<Group>> {
    const { connector, admin } = organization;
    return this.#ledger.make(attempt, organization, GROUP_ANSWERS, (step) =>
      this.#locks.change(organization, { type: 'Group', id }, step, async () => {
        const before = await admin.readGroup(id);
        if (before === null) throw new NotFound('group', id);
        assertUnmodified(connector.id, step, before, ifUnmodifiedSince);
        const made = await resumed(connector.id, step, before, (changes) =>
          standingOfGroup(organization, before, changes),
        );
        return made ?? make(step, before, { type: 'Group', id, name: before.displayName ?? null });
      }),
    );
  }
}
