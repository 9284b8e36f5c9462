import { Refusal } from '../../http/errors.ts';
import type { AuthorizedCall } from '../http/endpoint.ts';
import type { Collection, Stored } from '../objects/tenant.ts';
import type { World } from '../world.ts';

/** The collection that a path names. Throws a 404 Refusal. */
export function collectionOf({ params }: Pick<AuthorizedCall, 'params'>, { tenant }: World): Collection {
  const collection = tenant.collection(params.type ?? '');
  if (collection === undefined) throw new Refusal(404, 'Not Found');
  return collection;
}

/** The object that a path names. Throws a 404 Refusal, whose words are those of the directory for users. */
export function storedOf(collection: Collection, id: string): Stored {
  const stored = collection.objects.get(id);
  if (stored !== undefined) return stored;
  if (collection.type.name !== 'user') throw new Refusal(404, `Object ${id} not found in ${collection.name}`);
  throw new Refusal(
    404,
    `No Such Entry: The search base entry 'fr-idm-uuid=${id},ou=user,o=${collection.realm},o=root,ou=identities' does not exist`,
  );
}
