import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Refusal } from '../../http/errors.ts';
import type { Answer, Call } from '../../http/exchange.ts';
import type { RateLimit } from '../../http/rate-limit.ts';
import type { ServedRoute, Service } from '../../http/service.ts';
import { answerInstead, spoil } from '../../http/spoil.ts';
import type { Random } from '../../random.ts';
import { LISTS } from '../route-names.ts';
import type { World } from '../world.ts';
import type { Endpoint } from './endpoint.ts';
import { errorBody } from './error-bodies.ts';

/** What all requests to a tenant pass. */
export interface Entrance {
  readonly world: World;
  readonly rateLimit: RateLimit;
  /** Decides which requests the load balancer in front answers. */
  readonly random: Random;
}

/** Identity Cloud, as the server knows it. */
export function identityCloudService(endpoints: readonly Endpoint[], entrance: Entrance): Service {
  const { world } = entrance;
  return {
    routes: endpoints.map((endpoint) => served(endpoint, entrance)),
    filters: ['_queryFilter'],
    unknown: (call) => refusalAnswer(new Refusal(404, 'Not Found'), call, world),
    now: () => world.clock.now(),
    latencyMs: () => world.settings.latencyMs,
  };
}

function served(endpoint: Endpoint, entrance: Entrance): ServedRoute {
  const { route } = endpoint;
  const [method = 'GET', path = '/'] = route.split(' ');
  return {
    route,
    method,
    paths: [path],
    isList: LISTS.has(route),
    isForPeople: false,
    answer: async (call) => withHeaders(await answerOf(endpoint, call, entrance), call, entrance.world),
  };
}

async function answerOf(endpoint: Endpoint, call: Call, entrance: Entrance): Promise<Answer> {
  const { world, random } = entrance;
  const { settings } = world;
  try {
    if (settings.frontErrors > 0 && random.chance(settings.frontErrors))
      return { ...frontError(settings.frontErrorStatus) };
    const instead = answerInstead(call.fault);
    if (instead !== undefined) return instead;
    const answer = await handled(endpoint, call, entrance);
    return spoil(answer, call.fault, call);
  } catch (error) {
    if (error instanceof Refusal) return refusalAnswer(error, call, world);
    throw error;
  }
}

async function handled(endpoint: Endpoint, call: Call, { world, rateLimit }: Entrance): Promise<Answer> {
  if (endpoint.access === 'public') return endpoint.handle(call, world);
  const { settings, accounts, clock } = world;
  const bearer = /^Bearer (.+)$/i.exec(call.headers.authorization ?? '')?.[1] ?? '';
  const holder = accounts.holder(bearer);
  if (holder === undefined) throw new Refusal(401, 'Access Denied');
  rateLimit.take(bearer, clock.now(), settings);
  const isMapped = holder.account.kind === 'service-account' || settings.clientCredentialsMapped;
  const needsScope = call.path.startsWith('/openidm');
  if (needsScope && !(isMapped && holder.scopes.includes('fr:idm:*')))
    throw new Refusal(403, 'Access denied');
  if (settings.replicaLagMs > 0) await pause(0);
  return endpoint.handle({ ...call, account: holder.account }, world);
}

function frontError(status: number): Answer {
  return {
    status,
    headers: { 'content-type': 'text/html; charset=UTF-8' },
    body: `<html><head><title>${status} Server Error</title></head><body><h1>Error: Server Error</h1></body></html>`,
  };
}

function refusalAnswer(refusal: Refusal, call: Call, { settings }: World): Answer {
  const isEnvironment = call.path.startsWith('/environment');
  return {
    status: refusal.status,
    headers: refusal.headers,
    body: JSON.stringify(errorBody(refusal, settings.messageHtmlEscaped, isEnvironment)),
  };
}

/** Headers of every answer. A client's transaction id is echoed. */
function withHeaders(answer: Answer, call: Call, { settings }: World): Answer {
  const given = call.headers['x-forgerock-transactionid'];
  const { versionHeaderOnAnswers } = settings;
  const showsVersion =
    versionHeaderOnAnswers === 'all' || (versionHeaderOnAnswers === 'some' && call.method === 'GET');
  return {
    ...answer,
    headers: {
      'x-forgerock-transactionid': typeof given === 'string' ? given : `${randomUUID()}-request-1/0`,
      'cache-control': 'no-store',
      via: '1.1 google',
      ...(showsVersion ? { 'content-api-version': 'protocol=2.1,resource=1.0' } : {}),
      ...answer.headers,
    },
  };
}
