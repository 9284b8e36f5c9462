import type { PersonFields, PersonRecord } from './records.ts';

const NOTHING: Omit<PersonFields, 'emails' | 'displayName'> = {
  firstName: undefined,
  lastName: undefined,
  nickName: undefined,
  avatar: undefined,
  department: undefined,
  title: undefined,
  manager: undefined,
  managerId: undefined,
  phoneNumbers: [],
  callingNumber: undefined,
  extension: undefined,
  locationId: undefined,
  addresses: [],
  siteUrls: [],
  timezone: undefined,
  status: undefined,
  lastActivity: undefined,
  invitePending: false,
  loginEnabled: true,
};

/** What a new person needs; the rest is unset. */
export type NewPerson = Pick<PersonFields, 'emails' | 'displayName'> &
  Partial<PersonFields> & {
    readonly uuid: string;
    readonly id: string;
    readonly created: number;
    readonly listedFrom?: number;
    readonly missedLists?: number;
    readonly sipAddressesFrom?: number;
  };

/** What people can be sorted by. */
export type SortKey = 'uuid' | 'email' | 'lastModified';

const SORT_VALUES: Readonly<Record<SortKey, (person: PersonRecord) => string | number>> = {
  uuid: (person) => person.uuid,
  email: (person) => person.emails[0]?.toLowerCase() ?? '',
  lastModified: (person) => person.lastModified,
};

/** The people, in the order of creation; a deleted person leaves a hole so that no cursor shifts. */
export class People {
  readonly #order: (PersonRecord | undefined)[] = [];
  readonly #byUuid = new Map<string, PersonRecord>();
  readonly #byEmail = new Map<string, PersonRecord>();
  #unlisted = new Set<PersonRecord>();
  #live: readonly PersonRecord[] | undefined;
  readonly #sorted = new Map<SortKey, readonly PersonRecord[]>();

  get size(): number {
    return this.#byUuid.size;
  }

  /** Everybody, in order. */
  get live(): readonly PersonRecord[] {
    this.#live ??= this.#order.filter((person) => person !== undefined);
    return this.#live;
  }

  /** Everybody by some value, ascending; sorted once after each change. */
  sortedBy(key: SortKey): readonly PersonRecord[] {
    const known = this.#sorted.get(key);
    if (known !== undefined) return known;
    const value = SORT_VALUES[key];
    const list = this.live.toSorted((one, other) => (value(one) < value(other) ? -1 : 1));
    this.#sorted.set(key, list);
    return list;
  }

  byUuid(uuid: string): PersonRecord | undefined {
    return this.#byUuid.get(uuid.toLowerCase());
  }

  /** The person with this address; addresses are compared without regard to case. */
  byEmail(email: string): PersonRecord | undefined {
    return this.#byEmail.get(email.toLowerCase());
  }

  add(fields: NewPerson): PersonRecord {
    const person: PersonRecord = {
      ...NOTHING,
      ...fields,
      position: this.#order.length,
      licenses: new Set(),
      roles: new Set(),
      lastModified: fields.created,
      revision: 0,
      listedFrom: fields.listedFrom ?? 0,
      missedLists: fields.missedLists ?? 0,
      sipAddressesFrom: fields.sipAddressesFrom ?? 0,
    };
    this.#order.push(person);
    this.#byUuid.set(person.uuid, person);
    for (const email of person.emails) this.#byEmail.set(email.toLowerCase(), person);
    if (person.listedFrom > 0 || person.missedLists > 0) this.#unlisted.add(person);
    this.#live = undefined;
    this.#sorted.clear();
    return person;
  }

  /** Changes some of a person's fields and marks the change. */
  update(person: PersonRecord, changes: Partial<PersonFields>, now: number): void {
    if (changes.emails !== undefined) {
      for (const email of person.emails) this.#byEmail.delete(email.toLowerCase());
      for (const email of changes.emails) this.#byEmail.set(email.toLowerCase(), person);
    }
    Object.assign(person, changes);
    person.lastModified = now;
    person.revision += 1;
    this.#sorted.clear();
  }

  remove(person: PersonRecord): void {
    this.#order[person.position] = undefined;
    this.#byUuid.delete(person.uuid);
    for (const email of person.emails) this.#byEmail.delete(email.toLowerCase());
    this.#unlisted.delete(person);
    this.#live = undefined;
    this.#sorted.clear();
  }

  /**
   * Those who do not show in lists yet.
   * @param countRequest whether this is a list request, which counts for those who miss some
   */
  unlisted(now: number, countRequest: boolean): ReadonlySet<PersonRecord> {
    if (this.#unlisted.size === 0) return this.#unlisted;
    const hidden = new Set<PersonRecord>();
    const waiting = new Set<PersonRecord>();
    for (const person of this.#unlisted) {
      const isHidden = person.listedFrom > now || person.missedLists > 0;
      if (isHidden) hidden.add(person);
      if (countRequest && person.missedLists > 0) person.missedLists -= 1;
      if (person.listedFrom > now || person.missedLists > 0) waiting.add(person);
    }
    this.#unlisted = waiting;
    return hidden;
  }

  /**
   * Up to `limit` people behind a position, in order.
   * @returns them, and whether anybody who fits comes after
   */
  after(
    position: number,
    limit: number,
    fits: (person: PersonRecord) => boolean,
  ): { people: PersonRecord[]; more: boolean } {
    const people: PersonRecord[] = [];
    for (let index = position + 1; index < this.#order.length; index += 1) {
      const person = this.#order[index];
      if (person === undefined || !fits(person)) continue;
      if (people.length === limit) return { people, more: true };
      people.push(person);
    }
    return { people, more: false };
  }
}
