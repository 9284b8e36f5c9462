import { Refusal } from '../../http/errors.ts';
import type { Answer, Call } from '../../http/exchange.ts';
import type { RateLimit } from '../../http/rate-limit.ts';
import type { ServedRoute, Service } from '../../http/service.ts';
import { LISTS } from '../route-names.ts';
import type { World } from '../world.ts';
import { answerOf, refusalAnswer } from './answer.ts';
import type { Endpoint } from './endpoint.ts';
import { Tracking } from './tracking.ts';

/** Webex, as the server knows it. */
export function webexService(endpoints: readonly Endpoint[], world: World, rateLimit: RateLimit): Service {
  return {
    routes: endpoints.map((endpoint) => served(endpoint, world, rateLimit)),
    filters: ['email', 'displayName', 'id', 'roles', 'locationId', 'filter'],
    unknown: (call) => {
      const tracking = new Tracking(call.headers);
      const refusal = new Refusal(404, 'The requested address does not exist.');
      return withTrackingId(refusalAnswer(refusal, '', world, tracking), tracking.header(404, false));
    },
    now: () => world.clock.now(),
    latencyMs: () => world.settings.latencyMs,
  };
}

function served(endpoint: Endpoint, world: World, rateLimit: RateLimit): ServedRoute {
  const { route } = endpoint;
  const [method = 'GET', path = '/'] = route.split(' ');
  return {
    route,
    method,
    paths: pathsOf(path),
    isList: LISTS.has(route),
    isForPeople: path === '/authorize',
    async answer(call: Call) {
      const tracking = new Tracking(call.headers);
      const answer = await answerOf(call, endpoint, world, rateLimit, tracking);
      return withTrackingId(answer, tracking.header(answer.status, world.settings.doubledTrackingId));
    },
  };
}

/** Under /v1, except SCIM, which Webex serves outside of it. */
function pathsOf(path: string): string[] {
  const address = path.startsWith('/identity/scim') ? path : `/v1${path}`;
  // The path of a group's members is documented in lower case; the live router takes a capital too.
  return address.endsWith('/members') ? [address, address.replace('/members', '/Members')] : [address];
}

function withTrackingId(answer: Answer, trackingId: string): Answer {
  return { ...answer, headers: { Trackingid: trackingId, ...answer.headers } };
}
