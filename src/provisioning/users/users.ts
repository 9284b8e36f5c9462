import type { OpenOrganization } from '../../connectors/organizations.ts';
import { canonicalEmail } from '../../datasources/webex/canonical.ts';
import type { PersonChanges } from '../../datasources/webex/people/body.ts';
import type { Person } from '../../datasources/webex/people/person.ts';
import type { License } from '../../datasources/webex/records.ts';
import { EmailTaken } from '../../errors/changes.ts';
import { NotFound } from '../../errors/request.ts';
import type { Attempt, Target } from '../changes/change-request.ts';
import type { Ledger } from '../changes/ledger.ts';
import type { Outcome } from '../changes/outcome.ts';
import { Problems } from '../changes/problems.ts';
import { assertUnmodified, type Step } from '../changes/recorded-change.ts';
import { findLicenses, findPerson, findRoles, type Reference } from '../changes/references.ts';
import { resumed } from '../changes/resume.ts';
import { seatNeeds } from '../changes/seats.ts';
import { settleDeletion } from '../changes/settle-deletion.ts';
import type { RecordLocks } from '../records/locks.ts';
import { PERSON_ANSWERS } from './answers.ts';
import { createUser, refuseExisting } from './creation.ts';
import { personDifferences, personSnapshot, personStanding } from './fields.ts';
import { readUser, type UserInput } from './input.ts';
import { type LicensesInput, planLicenses, readLicenses, settleLicenses } from './licenses.ts';
import { assertNamed, planPerson } from './rules.ts';
import { settlePerson } from './settle.ts';

/** Which user to change, and under which condition. */
export interface UserTarget {
  /** Webex's id. */
  readonly id: string;
  /** Refuses the change where somebody has made one after this moment. */
  readonly ifUnmodifiedSince?: Date | null | undefined;
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
 * afterwards PartiallyApplied, NotApplied, OutcomeUnknown, or the errors of an upstream where nothing was done.
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
    attempt: Attempt,
    input: UserInput,
    at: string,
  ): Promise<Outcome<Person>> {
    const given = readUser(input, at, true);
    const email = given.emails?.[0] ?? '';
    const { admin, connector } = organization;
    return this.#ledger.make(attempt, organization, PERSON_ANSWERS, async (step) => {
      const { changes, licenses } = await lookUp(organization, given, input);
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
        const differences = personDifferences(null, plan.changes);
        const make = async () => {
          if (step.dryRun) {
            const { person } = await admin.findPerson(email);
            if (person !== undefined) throw new EmailTaken(connector.id, email, person.id);
            return step.rehearse<Person>(target, differences, plan.seats, null);
          }
          return step.change(target, differences, (notes) =>
            createUser(organization, plan, licenses, notes, earlier, (id, work) =>
              this.#locks.changeAtOnce({ type: 'User', id }, step, work),
            ),
          );
        };
        // What an earlier attempt has created holds its seats already.
        const seats = step.seats.during(admin, earlier === undefined ? plan.seats : [], make);
        return seats.catch((error: unknown) => refuseExisting(organization, email, error));
      });
    });
  }

  /** Changes what the input holds of a user and nothing else. Throws ModifiedMeanwhile, too. */
  async update(
    organization: OpenOrganization,
    attempt: Attempt,
    input: UserInput & UserTarget,
    at: string,
  ): Promise<Outcome<Person>> {
    const given = readUser(input, at, false);
    return this.#change(organization, attempt, input, async (step, before) => {
      const { changes, licenses } = await lookUp(organization, given, input);
      return this.#replace(organization, step, before, changes, licenses, at);
    });
  }

  /** Gives roles to a user and takes others away. */
  updateRoles(
    organization: OpenOrganization,
    attempt: Attempt,
    input: RolesInput & UserTarget,
    at: string,
  ): Promise<Outcome<Person>> {
    return this.#change(organization, attempt, input, async (step, before) => {
      const [added, removed] = await Promise.all([
        findRoles(organization, input.add),
        findRoles(organization, input.remove),
      ]);
      const problems = new Problems(at);
      for (const [index, { id }] of added.entries()) {
        if (removed.some((role) => role.id === id))
          problems.add(`add[${index}]`, 'stands under remove as well.');
      }
      problems.throwAny();
      const gone = new Set(removed.map(({ id }) => id));
      const roles = [...before.roleIds, ...added.map(({ id }) => id)].filter((id) => !gone.has(id));
      return this.#replace(organization, step, before, { roles: [...new Set(roles)] }, [], at);
    });
  }

  /** Gives licenses to a user and takes others away. */
  async updateLicenses(
    organization: OpenOrganization,
    attempt: Attempt,
    given: LicensesInput & UserTarget,
    at: string,
  ): Promise<Outcome<Person>> {
    const input = readLicenses(given, at);
    return this.#change(organization, attempt, given, async (step, before) => {
      const [added, removed, licenses] = await Promise.all([
        Promise.all(input.add.map(async ({ license }) => (await findLicenses(organization, [license]))[0])),
        findLicenses(organization, input.remove),
        organization.licenses.all(),
      ]);
      const plan = planLicenses(before, input, added, removed, licenses, at);
      const changes = { licenses: plan.wantedLicenses, siteUrls: plan.wantedSites };
      const differences = personDifferences(before, changes);
      const target = targetOf(before);
      if (differences.length === 0) return step.unchanged(target, before, UNCHANGED);
      return step.seats.during<Outcome<Person>>(organization.admin, plan.seats, () => {
        if (step.dryRun) return step.rehearse(target, differences, plan.seats, before);
        return step.change(target, differences, (notes) => settleLicenses(organization, before, plan, notes));
      });
    });
  }

  /** Deletes a user; somebody who is gone already is no error. Resolves with the user as they were. */
  delete(
    organization: OpenOrganization,
    attempt: Attempt,
    { id, ifUnmodifiedSince }: UserTarget,
  ): Promise<Outcome<Person>> {
    const { admin, connector } = organization;
    return this.#ledger.make(attempt, organization, PERSON_ANSWERS, (step) =>
      this.#locks.changeAtOnce({ type: 'User', id }, step, async () => {
        const before = await admin.readPerson(id);
        if (before === null) {
          const target = { type: 'User', id, name: null } as const;
          return step.unchanged<Person>(target, null, 'There is no such user in the organization.');
        }
        assertUnmodified(connector.id, step, before, ifUnmodifiedSince);
        const target = targetOf(before);
        const differences = personSnapshot(before);
        if (step.dryRun) {
          const seats = seatNeeds(before.licenseIds, [], await organization.licenses.all());
          return step.rehearse(target, differences, seats, before);
        }
        return step.change(target, differences, async (notes) => {
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
    attempt: Attempt,
    { id, ifUnmodifiedSince }: UserTarget,
    make: (step: Step, before: Person) => Promise<Outcome<Person>>,
  ): Promise<Outcome<Person>> {
    const { connector, admin } = organization;
    return this.#ledger.make(attempt, organization, PERSON_ANSWERS, (step) =>
      this.#locks.change(organization, { type: 'User', id }, step, async () => {
        const before = await admin.readPerson(id);
        if (before === null) throw new NotFound('user', id);
        assertUnmodified(connector.id, step, before, ifUnmodifiedSince);
        const made = await resumed(connector.id, step, before, (changes) => personStanding(before, changes));
        return made ?? make(step, before);
      }),
    );
  }

  async #replace(
    organization: OpenOrganization,
    step: Step,
    before: Person,
    changes: PersonChanges,
    licenses: readonly License[],
    at: string,
  ): Promise<Outcome<Person>> {
    const plan = planPerson(before, changes, licenses, at);
    const differences = personDifferences(before, plan.changes);
    const target = targetOf(before);
    if (differences.length === 0) return step.unchanged(target, before, UNCHANGED);
    assertNamed(before, plan.changes, at);
    return step.seats.during<Outcome<Person>>(organization.admin, plan.seats, () => {
      if (step.dryRun) return step.rehearse(target, differences, plan.seats, before);
      return step.change(target, differences, (notes) =>
        settlePerson(organization, before, plan, notes, () =>
          organization.admin.replacePerson(before, plan.changes, plan.calling),
        ),
      );
    });
  }
}

const UNCHANGED = 'The user was so already. Nothing was sent.';

function targetOf(person: Person): Target {
  return { type: 'User', id: person.id, name: person.emails[0] ?? null };
}

/** The changes with what is named looked up; and all licenses, where any is named. */
async function lookUp(
  organization: OpenOrganization,
  changes: PersonChanges,
  { manager, licenses, roles }: UserInput,
): Promise<{ readonly changes: PersonChanges; readonly licenses: readonly License[] }> {
  const [managerId, foundLicenses, foundRoles] = await Promise.all([
    manager == null ? manager : findPerson(organization.admin, manager),
    licenses == null ? undefined : findLicenses(organization, licenses),
    roles == null ? undefined : findRoles(organization, roles),
  ]);
  const found = {
    ...changes,
    ...(managerId === undefined ? {} : { managerId }),
    ...(foundLicenses === undefined ? {} : { licenses: foundLicenses.map(({ id }) => id) }),
    ...(foundRoles === undefined ? {} : { roles: foundRoles.map(({ id }) => id) }),
  };
  return { changes: found, licenses: licenses == null ? [] : await organization.licenses.all() };
}
