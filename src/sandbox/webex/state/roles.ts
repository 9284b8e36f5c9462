import { OrderedSet } from './ordered-set.ts';
import type { PersonRecord, RoleRecord } from './records.ts';

/** The administrator roles and who holds them. */
export class Roles {
  readonly #byId = new Map<string, RoleRecord>();
  readonly #holders = new Map<RoleRecord, OrderedSet<PersonRecord>>();

  get all(): readonly RoleRecord[] {
    return [...this.#byId.values()];
  }

  byId(id: string): RoleRecord | undefined {
    return this.#byId.get(id);
  }

  add(role: RoleRecord): void {
    this.#byId.set(role.id, role);
    this.#holders.set(role, new OrderedSet<PersonRecord>([], (one, other) => one.position - other.position));
  }

  /** In the order of the people's creation. */
  holders(role: RoleRecord): readonly PersonRecord[] {
    return this.#holders.get(role)?.list ?? [];
  }

  /** Gives a person exactly these roles. */
  assign(person: PersonRecord, roles: Iterable<RoleRecord>): void {
    for (const role of person.roles) this.#holders.get(role)?.delete(person);
    person.roles.clear();
    for (const role of roles) {
      person.roles.add(role);
      this.#holders.get(role)?.add(person);
    }
  }
}
