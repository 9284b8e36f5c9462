import { UpstreamForbidden } from '../../errors/upstream.ts';
import { type CheckName, type Finding, failed, passed, skipped } from './check.ts';
import type { Probes } from './probes.ts';

/** Scopes that open one part of Webex. */
interface ScopeGroup {
  readonly check: CheckName;
  /** Proven by the probe. */
  readonly read: string;
  /** Judged by what Webex says it granted, because trying one would change something. */
  readonly write?: string;
  /** Whether the writing scope lets one read, too. */
  readonly writeReads?: true;
  readonly probe: (probes: Probes) => Promise<unknown>;
  /** The probe, as one reads it. */
  readonly shown: string;
  /** What cannot be done without these scopes. */
  readonly use: string;
}

const SCOPE_GROUPS: readonly ScopeGroup[] = [
  {
    check: 'PEOPLE_SCOPES',
    read: 'spark-admin:people_read',
    write: 'spark-admin:people_write',
    probe: (probes) => probes.people(),
    shown: 'GET /people',
    use: 'users cannot be read, created, changed or deleted, nor licenses be assigned',
  },
  {
    check: 'LICENSE_SCOPES',
    read: 'spark-admin:licenses_read',
    probe: (probes) => probes.licenses(),
    shown: 'GET /licenses',
    use: 'licenses and their seats cannot be read',
  },
  {
    check: 'ROLE_SCOPES',
    read: 'spark-admin:roles_read',
    probe: (probes) => probes.roles(),
    shown: 'GET /roles',
    use: 'administrator roles have no names',
  },
  {
    check: 'GROUP_SCOPES',
    read: 'identity:groups_read',
    write: 'identity:groups_rw',
    writeReads: true,
    probe: (probes) => probes.groups(),
    shown: 'GET /groups',
    use: 'groups cannot be read or changed',
  },
  {
    check: 'ORGANIZATION_SCOPES',
    read: 'spark-admin:organizations_read',
    probe: (probes) => probes.organization(),
    shown: 'GET /organizations/{id}',
    use: 'the organization is shown by its id instead of its name',
  },
  {
    check: 'IDENTITY_SCOPES',
    read: 'identity:people_read',
    write: 'identity:people_rw',
    writeReads: true,
    probe: (probes) => probes.identities(),
    shown: 'a SCIM search',
    use: 'the groups of a user are found by reading all groups, which takes more requests',
  },
];

/** The checks of scopes that a probe belongs to. */
export const PROBED_SCOPE_CHECKS: readonly CheckName[] = SCOPE_GROUPS.map(({ check }) => check);

export interface Scopes {
  /** What the connector asks for. */
  readonly asked: readonly string[];
  /** What Webex says it granted. */
  readonly granted: readonly string[];
}

/** Proves the scopes of one part of Webex. Throws what a probe throws, but for a refusal. */
export async function examineScopes(check: CheckName, scopes: Scopes, probes: Probes): Promise<Finding> {
  const group = SCOPE_GROUPS.find((each) => each.check === check);
  if (group === undefined) return examineOtherScopes(scopes);
  const { read, write, shown } = group;
  const asked = scopes.asked.filter((scope) => scope === read || scope === write);
  if (asked.length === 0) {
    const names = write === undefined ? read : `${read} or ${write}`;
    return skipped(
      `The connector does not ask for ${names}. Without it ${group.use}. If that is wanted, add it to the integration and to the connector, then connect again.`,
    );
  }
  const openers = asked.filter((scope) => scope === read || group.writeReads === true);
  const reading = openers.length === 0 ? 'unproven' : await attempt(group, probes);
  // Webex's list of what it granted may be shorter than what works; what works is granted.
  const isGranted = (scope: string) =>
    scopes.granted.includes(scope) || (scope === read && reading === 'works');
  const missing = asked.filter((scope) => !isGranted(scope));
  const sentences = [
    ...(missing.length === 0 ? [] : [notGranted(missing)]),
    ...(reading === 'refused' && openers.some(isGranted)
      ? [
          `Webex refuses ${shown} (status 403) although it granted ${openers.filter(isGranted).join(', ')}: see ADMINISTRATOR, and connect again as a full administrator.`,
        ]
      : []),
    ...(reading === 'works' ? [`Reading works: ${shown} proves it.`] : []),
    ...(write !== undefined && asked.includes(write) && isGranted(write) ? [onTheirWord([write])] : []),
  ];
  const judge = missing.length > 0 || reading === 'refused' ? failed : passed;
  return judge(sentences.join(' '));
}

/** The scopes that no probe belongs to. */
function examineOtherScopes({ asked, granted }: Scopes): Finding {
  const known = new Set(SCOPE_GROUPS.flatMap(({ read, write }) => [read, write]));
  const others = asked.filter((scope) => !known.has(scope));
  if (others.length === 0) return skipped('The connector asks for no other scopes.');
  const missing = others.filter((scope) => !granted.includes(scope));
  return missing.length > 0 ? failed(notGranted(missing)) : passed(onTheirWord(others));
}

async function attempt(group: ScopeGroup, probes: Probes): Promise<'works' | 'refused'> {
  try {
    await group.probe(probes);
    return 'works';
  } catch (error) {
    if (error instanceof UpstreamForbidden) return 'refused';
    throw error;
  }
}

function notGranted(scopes: readonly string[]): string {
  return `Webex did not grant ${scopes.join(', ')}. Add what is missing to the integration at developer.webex.com, then connect again with the connect mutation.`;
}

function onTheirWord(scopes: readonly string[]): string {
  return `Webex says that it granted ${scopes.join(', ')}; that was not tried.`;
}
