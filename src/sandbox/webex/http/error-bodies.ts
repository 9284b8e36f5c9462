import type { Refusal } from '../../http/errors.ts';
import type { Settings } from '../settings.ts';

/**
 * The body of an error. Webex has two shapes for it; which one is a setting.
 * A 401 comes from the router in front, whose tracking ids begin with ROUTER_.
 */
export function errorBody(shape: Settings['errorShape'], refusal: Refusal, trackingId: string): object {
  if (shape === 'keyed') {
    const code = refusal.errorCode === undefined ? {} : { code: String(refusal.errorCode) };
    return {
      error: [{ key: String(refusal.status), message: [{ description: refusal.message, ...code }] }],
      trackingId,
    };
  }
  const errorCode = refusal.errorCode === undefined ? {} : { errorCode: refusal.errorCode };
  return { message: refusal.message, errors: [{ description: refusal.message, ...errorCode }], trackingId };
}

/** The body of a SCIM error: the useful part sits under Webex's own message extension. */
export function scimErrorBody(refusal: Refusal, trackingId: string): object {
  const extension = 'urn:scim:schemas:extension:cisco:webexidentity:api:messages:2.0:Error';
  return {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:Error', extension],
    status: String(refusal.status),
    detail: refusal.message,
    [extension]: {
      trackingId,
      errorCode: String(refusal.errorCode ?? refusal.status),
      details: [refusal.message],
    },
  };
}
