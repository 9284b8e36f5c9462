import type { OpenOrganization } from '../../connectors/organizations.ts';
import { mayUseScim } from '../../datasources/webex/people/scim.ts';
import type { License, Role } from '../../datasources/webex/records.ts';
import type { WebexScan } from '../../datasources/webex/scan.ts';
import { UpstreamForbidden } from '../../errors/upstream.ts';
import type { ListReport } from '../../store/sync/documents.ts';
import type { Staging } from '../../store/sync/staging.ts';
import type { MappingOutline } from '../words.ts';
import type { Changed } from './changed-since.ts';
import { chooseReads } from './choose-reads.ts';
import { GroupsReading } from './observe-groups.ts';
import { MembersReading } from './observe-members.ts';
import { PeopleReading } from './observe-people.ts';
import { Spelling, TargetRows } from './observed-user.ts';
import { type ListEnd, Tally } from './tally.ts';

/** What was read so far. */
export interface ObservationProgress {
  readonly people: number;
  readonly groups: number;
  readonly requests: number;
}

export interface ObservationContext {
  /** Empty staging tables of the plan. */
  readonly staging: Staging;
  /** Ends the observation. */
  readonly signal: AbortSignal;
  /** Called once, as soon as licenses and roles are read. */
  readonly catalogues?: (found: {
    readonly licenses: readonly License[];
    readonly roles: readonly Role[];
  }) => void;
  /** What the gateway changed since a moment; undefined if it is too much to read it again. */
  readonly changedSince?: (since: Date) => Promise<Changed | undefined>;
  /** Called after each page. */
  readonly progress?: (progress: ObservationProgress) => void;
}

/** What Webex had. People, groups and members are in the staging tables. */
export interface Observation {
  /** When it began. */
  readonly observedAt: Date;
  /** How each list ended. Groups and members are not there if the mapping needs none. */
  readonly lists: readonly ListReport[];
  readonly licenses: readonly License[];
  readonly roles: readonly Role[];
  /** Users of type `person`. */
  readonly people: number;
  /** Bots, app users and the like. */
  readonly others: number;
  readonly groups: number;
  readonly heldMembers: number;
  /** Every role that Webex lists makes its holder an administrator of some kind. */
  readonly administratorRoleIds: readonly string[];
  readonly fullAdministratorRoleIds: readonly string[];
  /** The account that the connector is connected with; null if Webex did not tell. */
  readonly connectingPersonId: string | null;
  readonly requests: number;
}

/**
 * Reads what a mapping needs of an organization into the staging tables, with as few requests as possible. A list that
 * breaks off is reported as incomplete.
 * Throws the errors of an upstream if a list cannot be read at all, StagingLost, and what the signal was aborted with.
 */
export async function observe(
  organization: Pick<OpenOrganization, 'scan' | 'access'>,
  outline: MappingOutline,
  { staging, signal, catalogues, changedSince, progress = () => undefined }: ObservationContext,
): Promise<Observation> {
  const observedAt = new Date();
  const tally = new Tally(progress);
  const failed = new AbortController();
  const scan = organization.scan(AbortSignal.any([signal, failed.signal]));
  const reads = chooseReads(outline, scan.knownGroups);
  const licenses = scan.licenses(tally.meterOf('licenses'));
  const roles = readRoles(scan, tally);
  const rows = Promise.all([licenses, roles]).then(([allLicenses, allRoles]) => {
    catalogues?.({ licenses: allLicenses, roles: allRoles.roles });
    return new TargetRows(outline, new Spelling(allLicenses, allRoles.roles));
  });
  const people = new PeopleReading(scan, reads.calling, staging, rows, tally);
  const readingPeople = people.read();
  const countPeople = async () => {
    await readingPeople;
    return tally.people + tally.others;
  };
  const mayCount = mayUseScim(organization.access.scopes) ? countPeople : undefined;
  const members = new MembersReading(scan, staging, tally, mayCount);
  const groups = new GroupsReading(scan, reads.needsMembers, members, staging, tally);
  const work = [rows, readingPeople, ...(reads.groups === 'NONE' ? [] : [groups.read(reads.groups)])];
  // Nothing may be written to the staging tables once this has thrown.
  await Promise.all(work).catch(async (error: unknown) => {
    failed.abort();
    await Promise.allSettled(work);
    throw error;
  });
  const changed = await changedSince?.(observedAt);
  if (changed !== undefined) {
    await people.again(changed.users);
    if (reads.groups !== 'NONE') await groups.again(changed.groups);
  } else if (changedSince !== undefined) {
    tally.note(
      'people',
      'Many users and groups were changed meanwhile, so some may be shown as they were before.',
    );
  }
  const [allLicenses, allRoles] = await Promise.all([licenses, roles]);
  tally.ended('licenses', { complete: true, count: allLicenses.length });
  tally.ended('roles', allRoles.end);
  return {
    ...{ observedAt, lists: tally.reports(), licenses: allLicenses, roles: allRoles.roles },
    ...{ people: tally.people, others: tally.others, groups: tally.groups, heldMembers: tally.heldMembers },
    administratorRoleIds: allRoles.roles.map(({ id }) => id),
    fullAdministratorRoleIds: allRoles.roles.filter(isFull).map(({ id }) => id),
    connectingPersonId: organization.access.personId,
    requests: tally.requests,
  };
}

interface RolesRead {
  readonly roles: readonly Role[];
  readonly end: ListEnd;
}

/** Roles need a scope of their own. Without it, every holder of a role still counts as an administrator. */
async function readRoles(scan: WebexScan, tally: Tally): Promise<RolesRead> {
  try {
    const roles = await scan.roles(tally.meterOf('roles'));
    return { roles, end: { complete: true, count: roles.length } };
  } catch (error) {
    if (!(error instanceof UpstreamForbidden)) throw error;
    return { roles: [], end: { complete: false, count: 0, reason: error.message } };
  }
}

function isFull({ name }: Role): boolean {
  return name.toLowerCase().startsWith('full admin');
}
