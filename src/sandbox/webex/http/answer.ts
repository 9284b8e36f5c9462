import { Refusal } from '../../http/errors.ts';
import { type Answer, type Call, json } from '../../http/exchange.ts';
import type { RateLimit } from '../../http/rate-limit.ts';
import { answerInstead, spoil } from '../../http/spoil.ts';
import { TokenRefusal } from '../oauth/token-refusal.ts';
import type { World } from '../world.ts';
import { identify, permit } from './authorize-call.ts';
import type { Endpoint } from './endpoint.ts';
import { errorBody, scimErrorBody } from './error-bodies.ts';
import { organizationOf } from './organization.ts';
import type { Tracking } from './tracking.ts';

/** The answer of an endpoint: the token is checked, the fault played, a refusal put into its shape. */
export async function answerOf(
  call: Call,
  endpoint: Endpoint,
  world: World,
  rateLimit: RateLimit,
  tracking: Tracking,
): Promise<Answer> {
  try {
    const instead = answerInstead(call.fault);
    if (instead !== undefined) return instead;
    return spoil(await handle(call, endpoint, world, rateLimit), call.fault, call);
  } catch (error) {
    const refusal =
      error instanceof Refusal ? error : new Refusal(500, 'The sandbox failed: this is its bug.');
    return refusalAnswer(refusal, call.path, world, tracking);
  }
}

function handle(
  call: Call,
  endpoint: Endpoint,
  world: World,
  rateLimit: RateLimit,
): Answer | Promise<Answer> {
  if (endpoint.access === 'public') return endpoint.handle(call, world);
  const caller = identify(call, world);
  rateLimit.take(caller.token, world.clock.now(), world.settings);
  permit(caller, endpoint.access);
  const tenant = organizationOf(call, caller, world.settings);
  return endpoint.handle({ ...call, caller }, { ...world, tenant });
}

/** A refusal as an answer: in the shape of SCIM or of the token endpoint, or in Webex's usual one. */
export function refusalAnswer(refusal: Refusal, path: string, world: World, tracking: Tracking): Answer {
  const { status, headers } = refusal;
  const trackingId = tracking.id(status);
  if (refusal instanceof TokenRefusal && world.settings.tokenErrorShape === 'rfc') {
    return json(status, { error: refusal.error, error_description: refusal.message }, { headers });
  }
  if (path.startsWith('/identity/scim') && status !== 401) {
    return json(status, scimErrorBody(refusal, trackingId), { headers });
  }
  return json(status, errorBody(world.settings.errorShape, refusal, trackingId), { headers });
}
