import { OrderedSet } from './ordered-set.ts';
import type { LicenseRecord, PersonRecord } from './records.ts';

/** The licenses and who holds them. */
export class Licenses {
  readonly #byId = new Map<string, LicenseRecord>();
  readonly #holders = new Map<LicenseRecord, OrderedSet<PersonRecord>>();
  readonly #recent = new Map<LicenseRecord, { at: number; change: number }[]>();

  get all(): readonly LicenseRecord[] {
    return [...this.#byId.values()];
  }

  byId(id: string): LicenseRecord | undefined {
    return this.#byId.get(id);
  }

  add(license: LicenseRecord): void {
    this.#byId.set(license.id, license);
    this.#holders.set(
      license,
      new OrderedSet<PersonRecord>([], (one, other) => one.position - other.position),
    );
  }

  /** In the order of the people's creation. */
  holders(license: LicenseRecord): readonly PersonRecord[] {
    return this.#holders.get(license)?.list ?? [];
  }

  /** Units in use, by people of this and other organizations and by workspaces. */
  consumed(license: LicenseRecord): { users: number; workspaces: number } {
    const own = this.#holders.get(license)?.size ?? 0;
    return { users: own + license.externals.length, workspaces: license.workspaces ?? 0 };
  }

  /** Units used by people as of some seconds ago: Webex's counts lag behind the assignments. */
  shownUsers(license: LicenseRecord, now: number, lagSeconds: number): number {
    const { users } = this.consumed(license);
    const recent = (this.#recent.get(license) ?? []).filter((each) => each.at > now - lagSeconds * 1_000);
    this.#recent.set(license, recent);
    return recent.reduce((shown, each) => shown - each.change, users);
  }

  hasFreeUnit(license: LicenseRecord): boolean {
    const { users, workspaces } = this.consumed(license);
    return license.totalUnits === undefined || users + workspaces < license.totalUnits;
  }

  grant(license: LicenseRecord, person: PersonRecord, now: number): void {
    if (person.licenses.has(license)) return;
    person.licenses.add(license);
    this.#holders.get(license)?.add(person);
    this.#note(license, now, 1);
  }

  revoke(license: LicenseRecord, person: PersonRecord, now: number): void {
    if (!person.licenses.delete(license)) return;
    this.#holders.get(license)?.delete(person);
    this.#note(license, now, -1);
  }

  #note(license: LicenseRecord, now: number, change: number): void {
    if (now === 0) return;
    const changes = this.#recent.get(license) ?? [];
    changes.push({ at: now, change });
    this.#recent.set(license, changes);
  }
}
