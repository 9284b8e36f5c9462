import type { FieldChange, Json } from '../../store/sync/words.ts';

/** Who must not lose anything. */
export interface ProtectionRules {
  /** Who has connected the gateway to Webex; null if unknown. */
  readonly connectingPersonId: string | null;
  readonly fullAdministratorRoleIds: ReadonlySet<string>;
  /** Number of users with a role of a full administrator. */
  readonly fullAdministrators: number;
  /** Canonical addresses of the policy. */
  readonly emails: ReadonlySet<string>;
  /** Ids of roles that the policy protects. */
  readonly roles: ReadonlySet<string>;
}

/** A user, by what protects them. */
export interface ProtectedUser {
  readonly webexId: string;
  /** Canonical. */
  readonly emails: readonly string[];
  readonly roles: readonly string[];
  /** A group of `policy.protect.groups` that the user is a member of. */
  readonly protectedGroup?: string | undefined;
}

/**
 * Why a user is protected, as a sentence; undefined if not. Protected users are never deleted, disabled or renamed, and lose
 * no license, role or membership. Pure.
 */
export function protectionOf(user: ProtectedUser, rules: ProtectionRules): string | undefined {
  if (user.webexId === rules.connectingPersonId)
    return 'Protected: this account connects the gateway to Webex.';
  const isFull = user.roles.some((role) => rules.fullAdministratorRoleIds.has(role));
  if (isFull && rules.fullAdministrators <= 1) return 'Protected: the last full administrator.';
  if (user.roles.length > 0) return 'Protected: an administrator of the organization.';
  if (user.emails.some((email) => rules.emails.has(email)))
    return 'Protected: the address is in policy.protect.emails.';
  if (user.protectedGroup !== undefined)
    return `Protected: a member of ${JSON.stringify(user.protectedGroup)}, which is in policy.protect.groups.`;
  if (user.roles.some((role) => rules.roles.has(role)))
    return 'Protected: the role is in policy.protect.roles.';
  return undefined;
}

const SETS: ReadonlySet<string> = new Set(['licenses', 'roles', 'members']);

/**
 * The part of changes that a protected user may have: nothing is taken, and the first address and the login stay. Pure.
 * @returns the changes that remain, and whether something was left out
 */
export function spareProtected(changes: readonly FieldChange[]): {
  readonly changes: readonly FieldChange[];
  readonly isReduced: boolean;
} {
  const remaining = changes.flatMap((change) => spared(change));
  const isSame = remaining.length === changes.length && remaining.every((change) => changes.includes(change));
  return { changes: remaining, isReduced: !isSame };
}

function spared(change: FieldChange): FieldChange[] {
  const { field, before, after } = change;
  if (field === 'emails') return isSameFirst(before, after) ? [change] : [];
  if (field === 'loginEnabled') return after === false ? [] : [change];
  if (!SETS.has(field) || sizeOf(before) === 0) return [change];
  const { beforeText: _names, ...rest } = change;
  return sizeOf(after) === 0 ? [] : [{ ...rest, before: [] }];
}

/** Whether the first of two lists of addresses is the same. Letter case does not count. Pure. */
export function isSameFirst(before: Json, after: Json): boolean {
  const first = (value: Json) => (Array.isArray(value) ? String(value[0] ?? '') : '').trim().toLowerCase();
  return first(before) === first(after);
}

function sizeOf(value: Json): number {
  return Array.isArray(value) ? value.length : 0;
}
