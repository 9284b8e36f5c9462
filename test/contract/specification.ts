import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Ajv, type ErrorObject } from 'ajv';
import addFormats from 'ajv-formats';

const FILE = resolve(import.meta.dirname, '../../../shared/webex-openapi.json');

type Json = Readonly<Record<string, unknown>>;

/** Cisco's published description of the API, and what it says of an answer. */
export class Specification {
  readonly #document: Json;
  readonly #ajv = new Ajv({ strict: false, allErrors: true, logger: false });

  constructor(document: Json) {
    this.#document = document;
    addFormats.default(this.#ajv);
    this.#ajv.addSchema(document, 'webex', undefined, false);
  }

  /**
   * What is wrong with an answer by the specification. Throws when that knows no such answer.
   * @param operation such as `GET /people/{personId}`
   */
  errors(operation: string, status: number, body: unknown): readonly ErrorObject[] {
    const pointer = responsePointer(operation, status);
    if (this.#at(pointer) === undefined) throw new RangeError(`No schema for ${operation} ${status}.`);
    return this.#validate(pointer, body);
  }

  /** What is wrong with the body of a request. */
  requestErrors(operation: string, body: unknown): readonly ErrorObject[] {
    const [method = '', path = ''] = operation.split(' ');
    const pointer = [
      'paths',
      path,
      method.toLowerCase(),
      'requestBody',
      'content',
      'application/json',
      'schema',
    ];
    return this.#validate(pointer, body);
  }

  /** Members of an answer that the specification does not name, as `items[].userName`. */
  unknownMembers(operation: string, status: number, body: unknown): string[] {
    const found = new Set<string>();
    this.#collect(this.#at(responsePointer(operation, status)), body, '', found);
    return [...found];
  }

  #validate(pointer: readonly string[], body: unknown): readonly ErrorObject[] {
    const fragment = pointer.map((step) =>
      encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1')),
    );
    const validate = this.#ajv.compile({ $ref: `webex#/${fragment.join('/')}` });
    validate(body);
    return validate.errors ?? [];
  }

  #collect(schema: unknown, value: unknown, path: string, found: Set<string>): void {
    const known = this.#resolve(schema);
    if (Array.isArray(value)) {
      for (const item of value) this.#collect(known?.items, item, `${path}[]`, found);
    } else if (isObject(value) && isObject(known?.properties)) {
      for (const [name, member] of Object.entries(value)) {
        const place = path === '' ? name : `${path}.${name}`;
        if (name in known.properties) this.#collect(known.properties[name], member, place, found);
        else found.add(place);
      }
    }
  }

  #resolve(schema: unknown): Json | undefined {
    if (!isObject(schema)) return undefined;
    if (typeof schema.$ref !== 'string') return schema;
    return this.#resolve(this.#at(schema.$ref.replace('#/', '').split('/')));
  }

  #at(pointer: readonly string[]): unknown {
    return pointer.reduce<unknown>(
      (place, step) => (isObject(place) ? place[step] : undefined),
      this.#document,
    );
  }
}

/** The specification; undefined on a machine that does not have it. */
export function readSpecification(): Specification | undefined {
  if (!existsSync(FILE)) return undefined;
  const document: unknown = JSON.parse(readFileSync(FILE, 'utf8'));
  return isObject(document) ? new Specification(document) : undefined;
}

function responsePointer(operation: string, status: number): string[] {
  const [method = '', path = ''] = operation.split(' ');
  const content = ['content', 'application/json', 'schema'];
  return ['paths', path, method.toLowerCase(), 'responses', String(status), ...content];
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
