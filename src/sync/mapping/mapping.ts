import type { LimitName } from '../../store/sync/words.ts';
import type { GrantName, MappedField, MappingOutline } from '../words.ts';
import type { ValueRule } from './rule-schema.ts';

/** A part of a mapping that is wrong. */
export interface MappingProblem {
  /** As `user.emails`; empty: the text as a whole. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  readonly message: string;
}

/** Gives licenses or roles to users for whom a condition holds. */
export interface GrantRule<Grant> {
  /** CEL; undefined: everybody. */
  readonly when?: string | undefined;
  readonly give: readonly Grant[];
  /** What a calling license needs. */
  readonly with?:
    | {
        readonly locationId?: ValueRule | undefined;
        readonly extension?: ValueRule | undefined;
        readonly phoneNumber?: ValueRule | undefined;
      }
    | undefined;
}

/** How records become users. */
export interface MappingRules<Grant = GrantName> {
  /** CEL; undefined: everybody. */
  readonly qualify?: string | undefined;
  readonly emails: ValueRule;
  readonly alternates?: ValueRule | undefined;
  readonly previousEmails?: ValueRule | undefined;
  readonly manager?: { readonly rule: ValueRule; readonly by: 'EMAIL' | 'KEY' } | undefined;
  readonly fields: { readonly [Field in MappedField]?: ValueRule };
  readonly licenses: readonly GrantRule<Grant>[];
  readonly roles: readonly GrantRule<Grant>[];
  readonly groups?: ValueRule | undefined;
  /** Columns or attributes of the source that the mapping names, each once. */
  readonly columns: readonly string[];
}

/** A mapping as its text has it. Plain data. */
export interface Mapping {
  readonly outline: MappingOutline;
  readonly rules: MappingRules;
}

/** A mapping for one organization: licenses and roles by their ids. Plain data that a thread can be started with. */
export interface ResolvedMapping {
  readonly outline: MappingOutline;
  readonly rules: MappingRules<string>;
  /** Ids of what the mapping manages. */
  readonly managed: { readonly licenses: readonly string[]; readonly roles: readonly string[] };
  /** Ids of roles whose holders are protected. */
  readonly protectedRoles: readonly string[];
}

/** What of a mapping only administrators of the gateway may use. */
export interface AdminParts {
  /** Limits above their defaults. */
  readonly limits: readonly LimitName[];
  /** Whether it gives or takes roles. */
  readonly roles: boolean;
}
