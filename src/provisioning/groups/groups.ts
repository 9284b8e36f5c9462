import type { OpenOrganization } from '../../connectors/organizations.ts';
import { canonicalName } from '../../datasources/webex/canonical.ts';
import type { Group } from '../../datasources/webex/records.ts';
import { NameTaken, NotFound } from '../../errors/request.ts';
import type { ChangeRequest, Target } from '../changes/change-request.ts';
import type { Ledger } from '../changes/ledger.ts';
import type { FieldChange, Outcome } from '../changes/outcome.ts';
import { Problems } from '../changes/problems.ts';
import type { Step } from '../changes/recorded-change.ts';
import { type FoundPerson, findPeople, type Reference } from '../changes/references.ts';
import { resumed } from '../changes/resume.ts';
import type { Reviewed } from '../changes/reviewed.ts';
import { settleDeletion } from '../changes/settle-deletion.ts';
import { assertUnmodified } from '../changes/unmodified.ts';
import type { RecordLocks } from '../records/locks.ts';
import { clearable, nameOf, textOf } from '../users/input-values.ts';
import { GROUP_ANSWERS } from './answers.ts';
import { createGroup, type GroupInput } from './creation.ts';
import { groupDifferences } from './fields.ts';
import type { MemberChange } from './members.ts';
import { assertKnown, membersField, readWholeGroup, settleMembers, standingOfGroup } from './members.ts';
import { assertGroupReviewed } from './reviewed.ts';
import { settleGroup } from './settle.ts';

/** Which group to change, and under which condition. */
export interface GroupTarget {
  /** Webex's id. */
  readonly id: string;
  /** Refuses the change if the group was changed after this moment. */
  readonly ifUnmodifiedSince?: Date | null | undefined;
  /** Refuses the change if the group is not as reviewed. Members count one by one. */
  readonly reviewed?: Reviewed | undefined;
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

const descriptionOf = clearable(textOf(1_024));

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
    request: ChangeRequest,
    input: GroupInput,
    at: string,
  ): Promise<Outcome<Group>> {
    const problems = new Problems(at);
    const displayName = problems.value('displayName', input.displayName, nameOf) ?? '';
    const description = problems.value('description', input.description, descriptionOf) ?? undefined;
    problems.throwAny();
    const { admin } = organization;
    const target: Target = { type: 'Group', id: null, name: displayName };
    const asked = { displayName, description, members: input.members.map(plainReference) };
    return this.#ledger.make(request, organization, asked, GROUP_ANSWERS, (step) =>
      this.#locks.alone(`new group ${admin.organizationId} ${canonicalName(displayName)}`, step, async () => {
        const members = await findPeople(admin, input.members);
        const memberIds = members.map(({ id }) => id);
        const additions = members.map(asChange('add'));
        const fields = { displayName, ...(description === undefined ? {} : { description }) };
        const differences = [
          ...groupDifferences(null, fields),
          ...(memberIds.length === 0 ? [] : [membersField(additions)]),
        ];
        if (step.dryRun) {
          const { groups } = await admin.findGroups(displayName);
          if (groups.length > 0) throw new NameTaken('group', displayName);
          await assertKnown(organization, additions, request.report);
          return step.recordDryRun<Group>(target, differences, [], null);
        }
        const { earlier } = step;
        if (earlier?.isDone && earlier.targetId !== null) {
          const created = await admin.readGroup(earlier.targetId);
          if (created === null) throw new NotFound('group', earlier.targetId);
          return step.recall(created, await standingOfGroup(organization, created, earlier.changes));
        }
        return step.change(target, differences, (notes) =>
          createGroup(
            organization,
            { ...fields, memberIds },
            { differences, additions },
            notes,
            step.earlierCreation,
          ),
        );
      }),
    );
  }

  /** Changes the name or the description of a group. */
  async update(
    organization: OpenOrganization,
    request: ChangeRequest,
    input: GroupUpdate,
    at: string,
  ): Promise<Outcome<Group>> {
    const problems = new Problems(at);
    const displayName = problems.value('displayName', input.displayName, nameOf);
    const description = problems.value('description', input.description, descriptionOf);
    if (displayName === null) problems.add('displayName', 'cannot be cleared: a group needs a name.');
    problems.throwAny();
    return this.#change(
      organization,
      request,
      input,
      { displayName, description },
      async (step, before, target) => {
        const wanted = {
          ...(displayName == null ? {} : { displayName }),
          ...(description === undefined ? {} : { description: description ?? '' }),
        };
        const differences = groupDifferences(before, wanted);
        if (differences.length === 0) return step.recordNoop(target, before);
        if (step.dryRun) return step.recordDryRun(target, differences, [], before);
        return step.change(target, differences, (notes) =>
          settleGroup(organization, input.id, wanted, differences, notes),
        );
      },
    );
  }

  /** Adds people to a group and takes others out; those who are there, or gone, already are no error. */
  updateMembers(
    organization: OpenOrganization,
    request: ChangeRequest,
    input: MembersInput,
    at: string,
  ): Promise<Outcome<Group>> {
    const { admin } = organization;
    const asked = { add: input.add.map(plainReference), remove: input.remove.map(plainReference) };
    return this.#change(organization, request, input, asked, async (step, before, target) => {
      const [whole, add, remove] = await Promise.all([
        readWholeGroup(organization, input.id),
        findPeople(admin, input.add),
        findPeople(admin, input.remove),
      ]);
      if (whole === null) throw new NotFound('group', input.id);
      const { memberIds } = whole;
      const problems = new Problems(at);
      const removedIds = new Set(remove.map(({ id }) => id));
      for (const { id, index } of add) {
        if (removedIds.has(id)) problems.add(`add[${index}]`, 'is in `remove` as well; name it once.');
      }
      problems.throwAny();
      const changes: MemberChange[] = [
        ...add.filter(({ id }) => !memberIds.has(id)).map(asChange('add')),
        ...remove.filter(({ id }) => memberIds.has(id)).map(asChange('delete')),
      ];
      if (changes.length === 0) return step.recordNoop(target, before);
      const differences = [membersField(changes)];
      if (step.dryRun) {
        await assertKnown(organization, changes, request.report);
        return step.recordDryRun(target, differences, [], before);
      }
      return step.change(target, differences, (notes) =>
        settleMembers(organization, input.id, changes, notes),
      );
    });
  }

  /** Deletes a group; one that is gone already is no error. Its members stay in the organization. */
  delete(
    organization: OpenOrganization,
    request: ChangeRequest,
    target: GroupTarget,
  ): Promise<Outcome<Group>> {
    const { id, ifUnmodifiedSince, reviewed } = target;
    const asked = { id, ifUnmodifiedSince: ifUnmodifiedSince ?? undefined };
    const { connector, admin } = organization;
    return this.#ledger.make(request, organization, asked, GROUP_ANSWERS, (step) =>
      this.#locks.changeAtOnce({ type: 'Group', id }, step, async () => {
        const whole = await readWholeGroup(organization, id);
        if (whole === null) {
          const gone: Target = { type: 'Group', id, name: null };
          return step.recordNoop<Group>(gone, null);
        }
        const { group, memberIds } = whole;
        assertUnmodified(connector.id, step, group, ifUnmodifiedSince);
        if (reviewed !== undefined) assertGroupReviewed(connector.id, whole, reviewed);
        const about: Target = { type: 'Group', id, name: group.displayName ?? null };
        const differences: FieldChange[] = [
          { field: 'displayName', before: group.displayName ?? null, after: null },
          { field: 'members', before: [...memberIds], after: [] },
        ];
        if (step.dryRun) return step.recordDryRun(about, differences, [], group);
        return step.change(about, differences, async (notes) => {
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
    request: ChangeRequest,
    { id, ifUnmodifiedSince, reviewed }: GroupTarget,
    asked: unknown,
    make: (step: Step, before: Group, target: Target) => Promise<Outcome<Group>>,
  ): Promise<Outcome<Group>> {
    const { connector, admin } = organization;
    const whole = { id, ifUnmodifiedSince: ifUnmodifiedSince ?? undefined, asked };
    return this.#ledger.make(request, organization, whole, GROUP_ANSWERS, (step) =>
      this.#locks.change(organization, { type: 'Group', id }, step, async () => {
        const before = await admin.readGroup(id);
        if (before === null) throw new NotFound('group', id);
        assertUnmodified(connector.id, step, before, ifUnmodifiedSince);
        const made = await resumed(connector.id, step, before, (changes) =>
          standingOfGroup(organization, before, changes),
        );
        if (made === undefined && reviewed !== undefined)
          assertGroupReviewed(connector.id, { group: before, memberIds: undefined }, reviewed);
        return made ?? make(step, before, { type: 'Group', id, name: before.displayName ?? null });
      }),
    );
  }
}

/** What a request asks for, however the caller wrote it. */
function plainReference({ given: _, ...reference }: Reference): Reference {
  return reference;
}

function asChange(operation: MemberChange['operation']): (person: FoundPerson) => MemberChange {
  return ({ id, reference }) => ({
    ...{ id, operation, given: reference.given },
    name: 'name' in reference ? reference.name : undefined,
  });
}
