import type { SandboxOptions } from '../options.ts';
import { Organizations } from '../state/organizations.ts';
import { seedTenant } from './tenant.ts';

/** Keeps the partner's data apart from those of any other seed in use. */
const PARTNER_SEED = 0x9e3779b9;

const DAY_MS = 86_400_000;

/**
 * The organizations that a sandbox starts with, the same for the same options on the same day.
 * @param now milliseconds since 1970
 */
export function seedOrganizations(options: SandboxOptions, now: number): Organizations {
  const { seed = 1, partner } = options;
  const today = Math.floor(now / DAY_MS) * DAY_MS;
  const own = seedTenant({
    seed,
    people: options.users ?? 250,
    domain: options.domain ?? 'acme.example',
    name: options.organizationName ?? 'Acme Industries',
    firstLocation: 63_715,
    today,
  });
  if (partner === undefined) return new Organizations(own, undefined);
  const managing = seedTenant({
    seed: (seed ^ PARTNER_SEED) >>> 0,
    people: partner.users ?? 25,
    domain: partner.domain ?? 'partner.example',
    name: partner.organizationName ?? 'Partner Services',
    firstLocation: 81_204,
    today,
    roles: own.tenant.roles.all,
  });
  return new Organizations(own, managing);
}
