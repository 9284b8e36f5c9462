import { InvalidConfiguration } from '../errors/start.ts';
import { type Grant, parseGrant } from './scopes.ts';

/** What a value of the claim grants; nothing for a value that means nothing here. */
export type ScopeMap = (value: string) => readonly Grant[];

const OWN = 'webex-gateway:';

/**
 * Reads which values of a claim grant what: `value=scope`, or `value=scope@connector`, with commas between
 * them; a value may stand several times.
 * @param text undefined: `webex-gateway:read`, `webex-gateway:provision@connector` and so on grant what they say
 * Throws InvalidConfiguration for OIDC_SCOPE_MAP.
 */
export function parseScopeMap(text: string | undefined): ScopeMap {
  if (text === undefined) {
    return (value) => {
      const grant = value.startsWith(OWN) ? parseGrant(value.slice(OWN.length)) : undefined;
      return grant === undefined ? [] : [grant];
    };
  }
  const map = new Map<string, Grant[]>();
  for (const entry of text.split(',').map((each) => each.trim())) {
    const equals = entry.lastIndexOf('=');
    const value = entry.slice(0, Math.max(equals, 0)).trim();
    const grant = parseGrant(entry.slice(equals + 1).trim());
    if (value === '' || grant === undefined) {
      throw new InvalidConfiguration(
        'OIDC_SCOPE_MAP',
        `must be like hr-sync=provision@acme,it-admins=admin; ${JSON.stringify(entry)} is not value=scope, the scope being read, provision, configure, observe or admin.`,
      );
    }
    map.set(value, [...(map.get(value) ?? []), grant]);
  }
  return (value) => map.get(value) ?? [];
}
