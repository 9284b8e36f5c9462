import { Refusal } from '../../http/errors.ts';
import { type Answer, json } from '../../http/exchange.ts';
import type { AuthorizedCall, Endpoint } from '../http/endpoint.ts';
import type { World } from '../world.ts';

/** Reconciliations that a client starts and watches. */
export const reconEndpoints: readonly Endpoint[] = [
  {
    route: 'GET /openidm/recon',
    access: 'token',
    handle: (_, { recons }) => json(200, { reconciliations: recons.list() }),
  },
  { route: 'POST /openidm/recon', access: 'token', handle: start },
  { route: 'GET /openidm/recon/:id', access: 'token', handle: read },
];

function start({ query }: AuthorizedCall, { recons, mappings, tenant }: World): Answer {
  const action = query.get('_action');
  if (action !== 'recon' && action !== 'reconById') throw new Refusal(501, 'The action is not supported');
  const name = query.get('mapping') ?? '';
  const mapping = mappings.find((each) => each.name === name);
  if (mapping === undefined) throw new Refusal(404, `Mapping ${name} not found`);
  const source = tenant.collection(String(mapping.source).replace('managed/', ''));
  const ids = query.get('ids') ?? query.get('id');
  const total = action === 'reconById' ? (ids ?? '').split(',').length : (source?.objects.size ?? 0);
  return json(200, { _id: recons.start(name, total), state: 'ACTIVE' });
}

function read({ params }: AuthorizedCall, { recons }: World): Answer {
  const recon = recons.find(params.id ?? '');
  if (recon === undefined) throw new Refusal(404, 'Not Found');
  return json(200, recon);
}
