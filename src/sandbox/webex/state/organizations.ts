import type { PersonRecord } from './records.ts';
import type { Tenant } from './tenant.ts';

/** An organization and its first administrator. */
export interface Administered {
  readonly tenant: Tenant;
  readonly admin: PersonRecord;
}

/** The role whose holders in a partner's organization administer its customer, too. */
const MANAGING_ROLE = 'id_full_admin';

/** The organization, and the one of the partner that manages it, if there is one. */
export class Organizations {
  readonly own: Administered;
  readonly partner: Administered | undefined;
  readonly #tenants: readonly Tenant[];

  constructor(own: Administered, partner: Administered | undefined) {
    this.own = own;
    this.partner = partner;
    this.#tenants = partner === undefined ? [own.tenant] : [own.tenant, partner.tenant];
  }

  /** The organization that a person belongs to; undefined for a deleted person. */
  homeOf(person: PersonRecord): Tenant | undefined {
    return this.#tenants.find((tenant) => tenant.people.byUuid(person.uuid) === person);
  }

  /** The person with this address, in any organization. */
  personByEmail(email: string): PersonRecord | undefined {
    for (const tenant of this.#tenants) {
      const person = tenant.people.byEmail(email);
      if (person !== undefined) return person;
    }
    return undefined;
  }

  /** The organizations that a person reaches, their own first: a full administrator of the partner reaches both. */
  reachOf(person: PersonRecord | undefined, home: Tenant): readonly Tenant[] {
    const isManaging =
      home === this.partner?.tenant &&
      [...(person?.roles ?? [])].some((role) => role.scimName === MANAGING_ROLE);
    return isManaging ? [home, this.own.tenant] : [home];
  }
}
