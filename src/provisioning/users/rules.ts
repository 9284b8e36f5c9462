import { isCallingLicense, isImplicitLicense } from '../../datasources/webex/catalogues/licenses.ts';
import type { PersonChanges } from '../../datasources/webex/people/body.ts';
import type { Person } from '../../datasources/webex/people/person.ts';
import type { License } from '../../datasources/webex/records.ts';
import { InvalidInput } from '../../errors/request.ts';
import type { SeatNeed } from '../changes/outcome.ts';
import { Problems } from '../changes/problems.ts';
import { seatNeeds } from '../changes/seats.ts';

/** A change of a person as it is to be sent. */
export interface PersonPlan {
  readonly changes: PersonChanges;
  readonly seats: readonly SeatNeed[];
  /** Whether the person has a calling license afterwards. */
  readonly calling: boolean;
}

/**
 * Throws InvalidInput if Webex shows no display name of a person and the changes give none: Webex demands one with
 * every change of a person, and none is made up. Source: its reference of `PUT /people/{personId}`.
 * @param at where the input stands in the caller's request
 */
export function assertNamed(before: Person, changes: PersonChanges, at: string): void {
  if (before.displayName !== undefined || changes.displayName !== undefined) return;
  throw new InvalidInput(
    `${at}.displayName`,
    'must be given: Webex shows no display name of this user, and changes nobody without one. Give it with updateUser.',
  );
}

/**
 * What has to be sent so that the changes come true: licenses that Webex gives by itself stay in the list,
 * and a user who begins to call gets a location and a number in the same request. Pure.
 * Throws InvalidInput. Source of the rules: Webex's reference of `POST` and `PUT /people`.
 * @param before the person with all parts; null for a person who does not exist yet
 * @param licenses all of the organization; may be empty if no licenses change
 * @param at where the input stands in the caller's request
 */
export function planPerson(
  before: Person | null,
  changes: PersonChanges,
  licenses: readonly License[],
  at: string,
): PersonPlan {
  const held = before?.licenseIds ?? [];
  const implicit = licenses.filter((each) => isImplicitLicense(each) && held.includes(each.id));
  const wanted = changes.licenses && [...new Set([...changes.licenses, ...implicit.map(({ id }) => id)])];
  const calls = before?.locationId !== undefined;
  const isCalling = (id: string) => licenses.some((each) => each.id === id && isCallingLicense(each));
  const calling = wanted === undefined ? calls : wanted.some(isCalling);
  const problems = new Problems(at);
  if (calling && !calls) {
    if (changes.locationId === undefined)
      problems.add('location', 'must be given with the first calling license of a user.');
    if (changes.extension == null && (changes.phoneNumbers ?? []).length === 0) {
      problems.add('extension', 'or phoneNumbers must be given with the first calling license of a user.');
    }
  } else if (changes.locationId !== undefined && changes.locationId !== before?.locationId) {
    problems.add(
      'location',
      'can be given only together with the first calling license of a user, and stays as it is then.',
    );
  }
  if (changes.extension != null && !calling)
    problems.add('extension', 'belongs to a calling license, which the user does not hold.');
  problems.throwAny();
  return {
    changes: wanted === undefined ? changes : { ...changes, licenses: wanted },
    seats: wanted === undefined ? [] : seatNeeds(held, wanted, licenses),
    calling,
  };
}
