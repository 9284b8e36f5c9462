import { InvalidInput, NotFound } from '../../errors/request.ts';
import { readValue } from '../../provisioning/changes/problems.ts';
import type { Reference } from '../../provisioning/changes/references.ts';
import { emailOf, textOf, trimmed } from '../../provisioning/users/input-values.ts';
import { NOUNS, readGlobalId, readWebexId, type WebexType } from '../base/global-ids.ts';
import { readEach } from './input-reading.ts';

/** UTF-16 code units of an id, an address or a name. */
const LONGEST_REFERENCE = 1_024;

/**
 * What a text names: by a global id, by Webex's id, or by what people call it.
 * Throws InvalidInput for the id of another type, NotFound for the id of something of another connector.
 */
export function readReference(text: string, type: WebexType, connectorId: string, field: string): Reference {
  const given = trimmed(text);
  const id = readWebexId(given, type, connectorId, field);
  if (id !== null) return { id };
  if (readGlobalId(given) !== undefined) throw new NotFound(NOUNS[type], given);
  return { name: readValue(field, text, textOf(LONGEST_REFERENCE)) };
}

/**
 * Licenses or roles by id or name.
 * Throws InvalidInput with all ids of something else, NotFound for the id of one of another connector.
 */
export function readReferences(
  texts: readonly string[] | null | undefined,
  type: 'License' | 'Role',
  connectorId: string,
  at: string,
) {
  return readEach(texts, (text, index) => readReference(text, type, connectorId, `${at}[${index}]`));
}

/** A person by id or email address. Throws InvalidInput for anything else, NotFound for a user of another connector. */
export function readPersonReference(text: string, connectorId: string, field: string) {
  const reference = readReference(text, 'User', connectorId, field);
  if ('id' in reference) return reference;
  if (!reference.name.includes('@')) {
    throw new InvalidInput(field, 'must be the id of a user, or an email address.');
  }
  return { name: readValue(field, reference.name, emailOf) };
}
