import type { AuthorizedCall } from '../http/endpoint.ts';
import { encodeId } from '../ids.ts';
import type { World } from '../world.ts';

/** What everybody has who has just been created, by whichever API: ids, a pending invitation, and lags. */
export function newPersonFields({ fault }: AuthorizedCall, { settings, tenant, clock }: World) {
  const now = clock.now();
  const uuid = tenant.newUuid();
  const lag = fault?.kind === 'list-lag' ? fault : undefined;
  const listLag = lag === undefined ? settings.listLag : (lag.seconds ?? 0);
  return {
    uuid,
    id: encodeId('PEOPLE', uuid),
    created: now,
    invitePending: true,
    status: 'pending',
    listedFrom: listLag === 0 ? 0 : now + listLag * 1_000,
    missedLists: lag === undefined ? settings.listLagRequests : (lag.requests ?? 0),
    sipAddressesFrom: now + settings.sipAddressDelay * 1_000,
  };
}
