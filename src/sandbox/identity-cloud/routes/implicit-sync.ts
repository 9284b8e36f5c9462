import { setTimeout as pause } from 'node:timers/promises';
import { Refusal } from '../../http/errors.ts';
import type { Collection } from '../objects/tenant.ts';
import type { World } from '../world.ts';

/** What the tenant's own mappings do to a write: it takes longer, and may fail with it. Throws 409 and 500 Refusals. */
export async function implicitSync({ type }: Collection, { settings, random }: World): Promise<void> {
  const { slowMs, failShare, failStatus } = settings.implicitSync;
  if (type.name !== 'user') return;
  if (slowMs > 0) await pause(slowMs, undefined, { ref: false });
  if (failShare > 0 && random.chance(failShare))
    throw new Refusal(failStatus, 'The synchronization of a mapping has failed, and the change was undone');
}
