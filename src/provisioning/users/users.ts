import type { OpenOrganization } from '../../connectors/organizations.ts';
import { canonicalEmail } from '../../datasources/webex/canonical.ts';
import type { Person } from '../../datasources/webex/people/person.ts';
import { EmailTaken } from '../../errors/changes.ts';
import { NotFound } from '../../errors/request.ts';
import type { ChangeRequest, Target } from '../changes/change-request.ts';
import type { Ledger } from '../changes/ledger.ts';
import { knownNames, withNames } from '../changes/names.ts';
import type { Outcome } from '../changes/outcome.ts';
import type { Step } from '../changes/recorded-change.ts';
import { findLicenses, findRoles, type Reference } from '../changes/references.ts';
import { resumed } from '../changes/resume.ts';
import { seatNeeds } from '../changes/seats.ts';
import { settleDeletion } from '../changes/settle-deletion.ts';
import { assertUnmodified } from '../changes/unmodified.ts';
import type { RecordLocks } from '../records/locks.ts';
import { PERSON_ANSWERS } from './answers.ts';
import { createUser, refuseExisting } from './creation.ts';
import { personDifferences, personSnapshot, personStanding } from './fields.ts';
import { readUser, type UserInput } from './input.ts';
import { type LicensesInput, planLicenses, readLicenses, settleLicenses } from './licenses.ts';
import { idsAfter, lookUp, type WantedChanges } from './look-up.ts';
import { assertReviewed, type ReviewedUser } from './reviewed.ts';
import { assertNamed, planPerson } from './rules.ts';
import { settlePerson } from './settle.ts';
import { assertNotTaken, refuseConflict } from './taken-address.ts';

/** Which user to change, and under which condition. */
export interface UserTarget {
  /** Webex's id. */
  readonly id: string;
  /** Refuses the change if the user was changed after this moment. */
  readonly ifUnmodifiedSince?: Date | null | undefined;
  /** Refuses the change if the user is not as reviewed. */
  readonly reviewed?: ReviewedUser | undefined;
}

/** The roles to give to a user and those to take away; all else stays. */
export interface RolesInput {
  readonly add: readonly Reference[];
  readonly remove: readonly Reference[];
}

/**
 * The rules of changing users. One change of a user at a time, among all processes.
 *
 * Everything here throws InvalidInput, NotFound, Ambiguous and NoSeatsLeft before anything is sent;
 * afterwards PartiallyApplied, NotApplied, OutcomeUnknown, or the errors of an upstream if nothing was done.
 * The argument `at` is where the input stands in the caller's request, as `input` or `input.users[3]`.
 */
export class Users {
  readonly #ledger: Ledger;
  readonly #locks: RecordLocks;

  constructor(ledger: Ledger, locks: RecordLocks) {
    this.#ledger = ledger;
    this.#locks = locks;
  }

  /** Creates a user, with licenses and roles. Throws EmailTaken, too. */
  async create(
    organization: OpenOrganization,
    request: ChangeRequest,
    input: UserInput,
    at: string,
  ): Promise<Outcome<Person>> {
    const given = readUser(input, at, true);
    const email = given.changes.emails?.[0] ?? '';
    const { admin, connector } = organization;
    return this.#ledger.make(request, organization, given, PERSON_ANSWERS, async (step) => {
      const { changes, licenses, names } = await lookUp(organization, null, given, at);
      const plan = planPerson(null, changes, licenses, at);
      const target = { type: 'User', id: null, name: email } as const;
      const name = `new person ${admin.organizationId} ${canonicalEmail(email)}`;
      return this.#locks.alone(name, step, async () => {
        const { earlier } = step;
        if (earlier?.isDone && earlier.targetId !== null) {
          const created = await admin.readPerson(earlier.targetId);
          if (created === null) throw new NotFound('user', earlier.targetId);
          return step.recall(created, personStanding(created, earlier.changes));
        }
        const differences = withNames(personDifferences(null, plan.changes), names);
        const make = async () => {
          if (step.dryRun) {
            const { person } = await admin.findPerson(email);
            if (person !== undefined) throw new EmailTaken(connector.id, email, person.id);
            return step.recordDryRun<Person>(target, differences, plan.seats, null);
          }
          return step.change(target, differences, (notes) =>
            createUser(organization, plan, licenses, notes, step.earlierCreation, (id, work) =>
              this.#locks.changeAtOnce({ type: 'User', id }, step, work),
            ),
          );
        };
        // What an earlier attempt has created holds its seats already.
        const seats = step.seats.during(admin, step.earlierCreation === undefined ? plan.seats : [], make);
        return seats.catch((error: unknown) => refuseExisting(organization, email, error));
      });
    });
  }

  /** Changes what the input holds of a user and nothing else. Throws ModifiedMeanwhile and EmailTaken, too. */
  async update(
    organization: OpenOrganization,
    request: ChangeRequest,
    input: UserInput & UserTarget,
    at: string,
  ): Promise<Outcome<Person>> {
    const given = readUser(input, at, false);
    return this.#change(organization, request, input, given, async (step, before) => {
      return this.#replace(organization, step, before, await lookUp(organization, before, given, at), at);
    });
  }

  /** Gives roles to a user and takes others away. */
  updateRoles(
    organization: OpenOrganization,
    request: ChangeRequest,
    input: RolesInput & UserTarget,
    at: string,
  ): Promise<Outcome<Person>> {
    return this.#change(
      organization,
      request,
      input,
      { add: input.add, remove: input.remove },
      async (step, before) => {
        const find = (references: readonly Reference[]) => findRoles(organization, references);
        const roles = await idsAfter(input, before.roleIds, find, at);
        const wanted = { changes: { roles }, licenses: [], names: knownNames(organization) };
        return this.#replace(organization, step, before, wanted, at);
      },
    );
  }

  /** Gives licenses to a user and takes others away. */
  async updateLicenses(
    organization: OpenOrganization,
    request: ChangeRequest,
    given: LicensesInput & UserTarget,
    at: string,
  ): Promise<Outcome<Person>> {
    const input = readLicenses(given, at);
    return this.#change(organization, request, given, input, async (step, before) => {
      const [added, removed, licenses] = await Promise.all([
        Promise.all(input.add.map(async ({ license }) => (await findLicenses(organization, [license]))[0])),
        findLicenses(organization, input.remove),
        organization.licenses.all(),
      ]);
      const plan = planLicenses(before, input, added, removed, licenses, at);
      const changes = { licenses: plan.wantedLicenses, siteUrls: plan.wantedSites };
      const differences = withNames(personDifferences(before, changes), knownNames(organization));
      const target = targetOf(before);
      if (differences.length === 0) return step.recordNoop(target, before);
      return step.seats.during<Outcome<Person>>(organization.admin, plan.seats, () => {
        if (step.dryRun) return step.recordDryRun(target, differences, plan.seats, before);
        return step.change(target, differences, (notes) => settleLicenses(organization, before, plan, notes));
      });
    });
  }

  /** Deletes a user; a user who is gone already is no error. Resolves with the user as they were. */
  delete(
    organization: OpenOrganization,
    request: ChangeRequest,
    target: UserTarget,
  ): Promise<Outcome<Person>> {
    const { id, ifUnmodifiedSince, reviewed } = target;
    const { admin, connector } = organization;
    const asked = { id, ifUnmodifiedSince: ifUnmodifiedSince ?? undefined };
    return this.#ledger.make(request, organization, asked, PERSON_ANSWERS, (step) =>
      this.#locks.changeAtOnce({ type: 'User', id }, step, async () => {
        const before = await admin.readPerson(id);
        if (before === null) {
          const gone = { type: 'User', id, name: null } as const;
          return step.recordNoop<Person>(gone, null);
        }
        assertUnmodified(connector.id, step, before, ifUnmodifiedSince);
        if (reviewed !== undefined) assertReviewed(connector.id, before, reviewed, true);
        const differences = withNames(personSnapshot(before), knownNames(organization));
        if (step.dryRun) {
          const seats = seatNeeds(before.licenseIds, [], await organization.licenses.all());
          return step.recordDryRun(targetOf(before), differences, seats, before);
        }
        return step.change(targetOf(before), differences, async (notes) => {
          const read = () => admin.readPerson(id);
          await settleDeletion(organization, notes, () => admin.deletePerson(id), read);
          return before;
        });
      }),
    );
  }

  /** Reads a user with nobody else changing them, and has something made of it. */
  #change(
    organization: OpenOrganization,
    request: ChangeRequest,
    { id, ifUnmodifiedSince, reviewed }: UserTarget,
    asked: unknown,
    make: (step: Step, before: Person) => Promise<Outcome<Person>>,
  ): Promise<Outcome<Person>> {
    const { connector, admin } = organization;
    return this.#ledger.make(
      request,
      organization,
      { id, ifUnmodifiedSince: ifUnmodifiedSince ?? undefined, asked },
      PERSON_ANSWERS,
      (step) =>
        this.#locks.change(organization, { type: 'User', id }, step, async () => {
          const before = await admin.readPerson(id);
          if (before === null) throw new NotFound('user', id);
          assertUnmodified(connector.id, step, before, ifUnmodifiedSince);
          const made = await resumed(connector.id, step, before, (changes) =>
            personStanding(before, changes),
          );
          if (made === undefined && reviewed !== undefined)
            assertReviewed(connector.id, before, reviewed, false);
          return made ?? make(step, before);
        }),
    );
  }

  async #replace(
    organization: OpenOrganization,
    step: Step,
    before: Person,
    { changes, licenses, names }: WantedChanges,
    at: string,
  ): Promise<Outcome<Person>> {
    const plan = planPerson(before, changes, licenses, at);
    const differences = withNames(personDifferences(before, plan.changes), names);
    const target = targetOf(before);
    if (differences.length === 0) return step.recordNoop(target, before);
    assertNamed(before, plan.changes, at);
    return step.seats.during<Outcome<Person>>(organization.admin, plan.seats, async () => {
      if (step.dryRun) {
        await assertNotTaken(organization, before, plan.changes);
        return step.recordDryRun(target, differences, plan.seats, before);
      }
      return step.change(target, differences, (notes) =>
        settlePerson(organization, before, plan, notes, () =>
          organization.admin.replacePerson(before, plan.changes, plan.calling),
        ).catch((error: unknown) => refuseConflict(organization, before, plan.changes, error)),
      );
    });
  }
}

function targetOf(person: Person): Target {
  return { type: 'User', id: person.id, name: person.emails[0] ?? null };
}
