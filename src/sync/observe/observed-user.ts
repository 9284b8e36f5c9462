import { canonicalEmail } from '../../datasources/webex/canonical.ts';
import { canonicalId } from '../../datasources/webex/ids.ts';
import type { Person } from '../../datasources/webex/people/person.ts';
import type { PostalAddress } from '../../datasources/webex/records.ts';
import type { StagingRow } from '../../store/sync/staging.ts';
import type { Json } from '../../store/sync/words.ts';
import type { MappedField, MappingOutline, ObservedUser } from '../words.ts';

/** Longer texts cannot be addresses or names, and would not fit into an index. */
const LONGEST_INDEXED = 320;

/** Spellings that are remembered. */
const MOST_SEEN = 10_000;

const VALUES: { readonly [Field in MappedField]: (person: Person) => Json | undefined } = {
  displayName: (person) => person.displayName,
  firstName: (person) => person.firstName,
  lastName: (person) => person.lastName,
  title: (person) => person.title,
  department: (person) => person.department,
  avatar: (person) => person.avatar,
  phoneNumbers: (person) =>
    person.phoneNumbers.filter(({ type }) => type === 'work').map(({ value }) => value),
  extension: (person) => person.extension,
  location: (person) => person.locationId,
  addresses: (person) => person.addresses.map(plainAddress),
  siteUrls: (person) => person.siteUrls,
  // Webex leaves it out for users who may sign in.
  loginEnabled: (person) => person.loginEnabled ?? true,
};

/** Spells ids of licenses and roles as their lists do: lists of people may spell them otherwise. */
export class Spelling {
  readonly #known: ReadonlyMap<string, string>;
  /** By the spelling that came: thousands of users hold the same few. */
  readonly #seen = new Map<string, string>();

  constructor(...lists: readonly (readonly { readonly id: string }[])[]) {
    this.#known = new Map(lists.flat().map(({ id }) => [canonicalId(id), id]));
  }

  of(ids: readonly string[]): string[] {
    return ids.map((id) => this.#seen.get(id) ?? this.#find(id));
  }

  #find(id: string): string {
    const known = this.#known.get(canonicalId(id));
    if (known !== undefined && this.#seen.size < MOST_SEEN) this.#seen.set(id, known);
    return known ?? id;
  }
}

/** Makes rows of what a plan compares: nothing of a user that the mapping does not manage. */
export class TargetRows {
  readonly #fields: readonly MappedField[];
  readonly #hasManager: boolean;
  readonly #spelling: Spelling;

  constructor(outline: MappingOutline, spelling: Spelling) {
    this.#fields = [...new Set<MappedField>([...outline.fields, 'loginEnabled'])];
    this.#hasManager = outline.hasManager;
    this.#spelling = spelling;
  }

  /** The row of a person, whatever their type. */
  of(person: Person): StagingRow<'sync_target_rows'> {
    const emails = person.emails;
    const [email, ...others] = emails.map(indexed);
    return {
      webex_id: person.id,
      email: email ?? null,
      others: [...new Set(others)].filter((other) => other !== email),
      name: person.displayName ?? emails[0] ?? person.id,
      type: person.type ?? 'person',
      observed: this.#observed(person, emails),
    };
  }

  #observed(person: Person, emails: readonly string[]): Json {
    const user = {
      emails,
      fields: Object.fromEntries(this.#fields.map((field) => [field, VALUES[field](person) ?? null])),
      ...(this.#hasManager ? { managerId: person.managerId ?? null } : {}),
      licenses: this.#spelling.of(person.licenseIds),
      roles: this.#spelling.of(person.roleIds),
      invitePending: person.invitePending ?? false,
    } satisfies ObservedUser;
    return user;
  }
}

/** An address in the form in which two spellings are equal. */
export function indexed(email: string): string {
  return canonicalEmail(email.slice(0, LONGEST_INDEXED));
}

function plainAddress(address: PostalAddress): Json {
  return Object.fromEntries(
    Object.entries(address).flatMap(([name, value]) =>
      value === undefined || value === '' ? [] : [[name, value]],
    ),
  );
}
