import { type UpstreamCall, UpstreamInvalid } from '../../../errors/upstream.ts';
import { readBoolean, readDate, readObjects, readText, readTexts, type WireObject } from '../../rest/json.ts';
import {
  includesParts,
  joinParts,
  type PersonParts,
  type PostalAddress,
  REFERENCE_PARTS,
  type TypedValue,
} from '../records.ts';

/**
 * A person as Webex sent them. A value is read from the answer when it is asked for: of the dozens that come
 * with each of a thousand people, a query selects a few.
 */
export class Person {
  readonly parts: PersonParts;
  readonly id: string;
  readonly #wire: WireObject;

  private constructor(id: string, wire: WireObject, parts: PersonParts) {
    this.id = id;
    this.parts = parts;
    this.#wire = wire;
  }

  /** Reads what Webex sent. Throws UpstreamInvalid for a person without an id; everything else may be missing. */
  static read(wire: WireObject, parts: PersonParts, call: UpstreamCall): Person {
    const id = readText(wire, 'id');
    if (id === undefined) throw new UpstreamInvalid('Webex answered with a person that has no id.', call);
    return new Person(id, wire, parts);
  }

  /** A person of whom only the id is known. */
  static reference(id: string): Person {
    return new Person(id, {}, REFERENCE_PARTS);
  }

  /**
   * This person and what an older answer tells: what the newer one holds, and the parts that only the older
   * one does. Only presence and calling data come without each other; all else comes with whatever is more
   * than basic.
   */
  joinedWith(older: Person): Person {
    if (includesParts(this.parts, older.parts)) return this;
    if (includesParts(older.parts, this.parts)) return older;
    const { status, lastActivity } = older.parts.presence ? older.#wire : this.#wire;
    const { extension, locationId, phoneNumbers } = older.parts.calling ? older.#wire : this.#wire;
    const wire = { ...this.#wire, status, lastActivity, extension, locationId, phoneNumbers };
    return new Person(this.id, wire, joinParts(older.parts, this.parts));
  }

  /** The person as Webex has shown them. */
  get wire(): WireObject {
    return this.#wire;
  }
  get organizationId(): string | undefined {
    return readText(this.#wire, 'orgId');
  }
  get emails(): string[] {
    return readTexts(this.#wire, 'emails');
  }
  get displayName(): string | undefined {
    return readText(this.#wire, 'displayName');
  }
  get firstName(): string | undefined {
    return readText(this.#wire, 'firstName');
  }
  get lastName(): string | undefined {
    return readText(this.#wire, 'lastName');
  }
  get nickName(): string | undefined {
    return readText(this.#wire, 'nickName');
  }
  get avatar(): string | undefined {
    return readText(this.#wire, 'avatar');
  }
  get type(): string | undefined {
    return readText(this.#wire, 'type');
  }
  get created(): Date | undefined {
    return readDate(this.#wire, 'created');
  }
  get lastModified(): Date | undefined {
    return readDate(this.#wire, 'lastModified');
  }
  get title(): string | undefined {
    return readText(this.#wire, 'title');
  }
  get department(): string | undefined {
    return readText(this.#wire, 'department');
  }
  /** Free text, which may say something else than `managerId`. */
  get manager(): string | undefined {
    return readText(this.#wire, 'manager');
  }
  get managerId(): string | undefined {
    return readText(this.#wire, 'managerId');
  }
  get phoneNumbers(): TypedValue[] {
    return readTypedValues(this.#wire, 'phoneNumbers');
  }
  get extension(): string | undefined {
    return readText(this.#wire, 'extension');
  }
  get locationId(): string | undefined {
    return readText(this.#wire, 'locationId');
  }
  get addresses(): PostalAddress[] {
    return readObjects(this.#wire, 'addresses').map(readAddress);
  }
  get timezone(): string | undefined {
    return readText(this.#wire, 'timezone');
  }
  get status(): string | undefined {
    return readText(this.#wire, 'status');
  }
  get lastActivity(): Date | undefined {
    return readDate(this.#wire, 'lastActivity');
  }
  get invitePending(): boolean | undefined {
    return readBoolean(this.#wire, 'invitePending');
  }
  get loginEnabled(): boolean | undefined {
    return readBoolean(this.#wire, 'loginEnabled');
  }
  get siteUrls(): string[] {
    return readTexts(this.#wire, 'siteUrls');
  }
  get sipAddresses(): TypedValue[] {
    return readTypedValues(this.#wire, 'sipAddresses');
  }
  get licenseIds(): string[] {
    return readTexts(this.#wire, 'licenses');
  }
  get roleIds(): string[] {
    return readTexts(this.#wire, 'roles');
  }
}

function readTypedValues(wire: WireObject, field: string): TypedValue[] {
  return readObjects(wire, field).flatMap((item) => {
    const value = readText(item, 'value');
    if (value === undefined) return [];
    return [
      { type: readText(item, 'type') ?? 'unknown', value, primary: readBoolean(item, 'primary') ?? false },
    ];
  });
}

function readAddress(wire: WireObject): PostalAddress {
  return {
    type: readText(wire, 'type'),
    country: readText(wire, 'country'),
    locality: readText(wire, 'locality'),
    region: readText(wire, 'region'),
    streetAddress: readText(wire, 'streetAddress'),
    postalCode: readText(wire, 'postalCode'),
  };
}
