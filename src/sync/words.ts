import type {
  Action,
  Candidate,
  FieldChange,
  ItemLink,
  Json,
  LimitName,
  RecordProblem,
  Situation,
  SyncKind,
  Withheld,
} from '../store/sync/words.ts';

/** The types that all rooms of synchronization share. */

export type JsonObject = { readonly [name: string]: Json };

/** One record of a source, in the source's own order. */
export interface SourceRecord {
  /** Where it is: `line 17`, `row 3`, `_id 4f1c…`. */
  readonly at: string;
  /** UNCHANGED: it is still there, without its content. */
  readonly is: 'VALUE' | 'UNCHANGED' | 'DELETED';
  /** Only without a value: a record with one has its key in it. */
  readonly key?: string;
  readonly value?: JsonObject;
}

/** Fields of a user that a mapping can set with a rule, by their names in `UserInput`. */
export type MappedField =
  | 'displayName'
  | 'firstName'
  | 'lastName'
  | 'title'
  | 'department'
  | 'avatar'
  | 'phoneNumbers'
  | 'extension'
  | 'location'
  | 'addresses'
  | 'siteUrls'
  | 'loginEnabled';

/** What a mapping makes of a record. A field that is absent is left alone; null clears it. */
export interface DesiredUser {
  /** As written, checked. FIRST: sets the first address and keeps the others; ALL: replaces all. */
  readonly emails: { readonly values: readonly string[]; readonly mode: 'FIRST' | 'ALL' };
  /** Checked and trimmed by the rules of `readUser`. */
  readonly fields: { readonly [Field in MappedField]?: Json };
  readonly manager?: { readonly by: 'EMAIL' | 'KEY'; readonly value: string } | null;
  /** Ids of the licenses that rules give. */
  readonly licenses: readonly string[];
  /** Ids of the roles that rules give. */
  readonly roles: readonly string[];
  /** Names of groups as written; absent: memberships are left alone. */
  readonly groups?: readonly string[];
}

/** A record after mapping, ready for staging. */
export interface MappedRecord {
  readonly at: string;
  /** Undefined if it cannot be read. */
  readonly key: string | undefined;
  readonly previousKey: string | undefined;
  readonly state: 'OK' | 'INVALID' | 'UNCHANGED' | 'DELETED';
  readonly qualifies: boolean;
  /** Canonical; the first signs in. */
  readonly emails: readonly string[];
  readonly alternates: readonly string[];
  readonly former: readonly string[];
  readonly desired: DesiredUser | undefined;
  readonly problems: readonly RecordProblem[];
}

/** A user as Webex shows them, reduced to what plans compare. Kept in `sync_target_rows.observed`. */
export interface ObservedUser {
  /** As Webex writes them. */
  readonly emails: readonly string[];
  /** Null: empty. Only fields that the mapping sets, and always `loginEnabled`. */
  readonly fields: { readonly [Field in MappedField]?: Json };
  /** Webex's id of the manager. Undefined: not observed. */
  readonly managerId?: string | null;
  readonly licenses: readonly string[];
  readonly roles: readonly string[];
  readonly invitePending: boolean;
}

export type SetMode = 'IGNORE' | 'ADDITIVE' | 'EXACT';

/** A license or role as a mapping names it. */
export type GrantName = { readonly name: string; readonly site?: string } | { readonly id: string };

/** What is to be done in a situation. `afterDays`: only so many days after the user was first missing. */
export interface SituationRule {
  readonly action: Action;
  readonly afterDays?: number;
}

/** Beyond either number a plan needs an approval. */
export interface Limit {
  readonly count?: number;
  readonly percent?: number;
}

export interface Policy {
  readonly mode: 'FULL' | 'CREATE_ONLY' | 'REPORT';
  /** Empty lists: everybody. */
  readonly scope: { readonly domains: readonly string[]; readonly groups: readonly string[] };
  readonly situations: {
    readonly [Name in
      | 'UNQUALIFIED'
      | 'CONFIRMED'
      | 'FOUND'
      | 'MISSING'
      | 'ABSENT'
      | 'SOURCE_MISSING'
      | 'UNASSIGNED']: SituationRule;
  };
  readonly protect: {
    readonly emails: readonly string[];
    readonly groups: readonly string[];
    readonly roles: readonly string[];
  };
  /** All of them; those that the mapping does not set are the defaults. */
  readonly limits: { readonly [Name in Exclude<LimitName, 'SOURCE_EMPTY'>]: Limit };
  /** Limits that the mapping itself sets. */
  readonly ownLimits: readonly LimitName[];
}

/** What a plan needs of a mapping besides its rules. */
export interface MappingOutline {
  readonly name: string;
  readonly source: {
    readonly kind: 'FILE' | 'ROWS' | 'IDENTITY_CLOUD';
    /** Undefined: the first address is the key. */
    readonly key?: string;
    readonly previousKey?: string;
    readonly connector?: string;
    readonly filter?: string;
  };
  readonly correlate: readonly Candidate['how'][];
  /** Fields that rules set. */
  readonly fields: readonly MappedField[];
  readonly hasManager: boolean;
  readonly licenses: { readonly mode: SetMode; readonly managed: readonly GrantName[] };
  readonly roles: { readonly mode: SetMode; readonly managed: readonly GrantName[] };
  readonly groups: {
    readonly mode: SetMode;
    readonly managed: { readonly prefix: string } | { readonly names: readonly string[] };
    readonly create: boolean;
  };
  readonly policy: Policy;
}

/** A change that a plan proposes, before it has its number. */
export interface ItemDraft {
  readonly wave: number;
  readonly kind: SyncKind;
  readonly situation: Situation;
  readonly action: Action;
  readonly withheld?: Withheld;
  readonly reason?: string;
  readonly name: string;
  readonly at?: string;
  readonly sourceKey?: string;
  readonly targetId?: string;
  /**
   * Fields by the names of the audit trail. `licenses`, `roles` and `members` are differences: `before` what goes, `after`
   * what comes. A user who does not exist yet is named by the first address, in `managerId` and in `members`.
   */
  readonly changes: readonly FieldChange[];
  readonly reviewed?: JsonObject;
  readonly link?: ItemLink;
  readonly candidates?: readonly Candidate[];
  /** Limits that it counts in, and how much. */
  readonly countsIn: Partial<Readonly<Record<LimitName, number>>>;
}
