import { builder } from '../base/builder.ts';

// The words of plans and items. docs/sync.md explains each at length.

export const SyncPlanStateEnum = builder.enumType('SyncPlanState', {
  description: 'How far a plan is. A plan never changes once it is READY, UNCHANGED or BLOCKED.',
  values: {
    QUEUED: { description: 'It waits for a worker.' },
    READING: { description: 'The gateway reads the source, and the organization at the same time.' },
    OBSERVING: { description: 'The source is read. The gateway still reads the organization.' },
    COMPARING: { description: 'The gateway compares both and makes the items.' },
    READY: { description: 'It has changes and can be applied.' },
    UNCHANGED: { description: 'There is nothing to change.' },
    BLOCKED: {
      description:
        'It exceeds a limit, so it cannot be applied. See verdicts: another administrator can approve it with approveSync, unless a verdict is FORBIDDEN.',
    },
    APPLIED: { description: 'It was given to applySync. See run.' },
    FAILED: { description: 'It could not be made. See error.' },
    CANCELED: { description: 'It was canceled.' },
    EXPIRED: { description: 'It is too old to be applied. Make a new plan.' },
  },
});

export const SyncExtentEnum = builder.enumType('SyncExtent', {
  description: 'Which records of the source are read.',
  values: {
    ALL: { description: 'All records. Users who are not among them count as missing.' },
    CHANGES: {
      description:
        'The records that changed since the last applied plan. Nobody counts as missing. Only for sources that know what changed.',
    },
  },
});

export const SyncKindEnum = builder.enumType('SyncKind', {
  description: 'What an item is about.',
  values: {
    USER: { description: 'A user with licenses and roles.' },
    GROUP: { description: 'A group with its members.' },
  },
});

export const SyncSituationEnum = builder.enumType('SyncSituation', {
  description:
    'What the comparison of a record of the source with the organization has found. A link is the memory of the gateway that a key of the source is a certain user or group.',
  values: {
    INVALID: { description: 'The record cannot be read or mapped. See reason.' },
    DUPLICATE_SOURCE: { description: 'Two records have the same key or the same address.' },
    SOURCE_IGNORED: {
      description: 'The record does not qualify, and no user is found for it. Counted only.',
    },
    UNQUALIFIED: { description: 'The record does not qualify, and a user is linked or found.' },
    AMBIGUOUS: { description: 'Several users are found. See candidates.' },
    FOUND_ALREADY_LINKED: { description: 'The user who is found is linked to another record.' },
    CONFIRMED: { description: 'The record is linked, and the user exists.' },
    FOUND: { description: 'There is no link yet, and exactly one user is found.' },
    MISSING: { description: 'The record is linked, and the user does not exist any more.' },
    ABSENT: { description: 'No user is found.' },
    SOURCE_MISSING: { description: 'A user is linked, and the source does not have the record any more.' },
    UNASSIGNED: { description: 'A user of the organization has no link and no record.' },
    TARGET_IGNORED: {
      description: 'Out of scope, a bot, or a guest of another organization. Counted only.',
    },
  },
});

export const SyncActionEnum = builder.enumType('SyncAction', {
  description:
    'What is to be done. An item with several changes has the action of the strongest one. More may be added.',
  values: {
    CREATE: { description: 'Create the user.' },
    UPDATE: { description: 'Change fields, licenses or roles of the user.' },
    RENAME: { description: 'Change the address that the user signs in with, and perhaps more.' },
    ENABLE: { description: 'Allow the user to sign in again, and perhaps more.' },
    DISABLE: { description: 'Forbid the user to sign in.' },
    REMOVE_LICENSES: { description: 'Take all licenses from the user.' },
    DISABLE_AND_REMOVE_LICENSES: { description: 'Forbid the user to sign in, and take all licenses.' },
    DELETE: { description: 'Delete the user.' },
    LINK: { description: 'Remember that the record is this user. Nothing is sent to Webex.' },
    RELINK: { description: 'Move the link of an earlier key of the user to this record.' },
    UNLINK: { description: 'Forget the link. Nothing is sent to Webex.' },
    SET_MANAGER: { description: 'Set the manager, who did not exist when the user was created.' },
    CREATE_GROUP: { description: 'Create the group.' },
    UPDATE_GROUP: { description: 'Change the name or the description of the group.' },
    CHANGE_MEMBERS: { description: 'Add members to the group, remove members, or both.' },
    DELETE_GROUP: { description: 'Delete the group.' },
    REPORT: { description: 'Only report the situation.' },
    NONE: { description: 'Do nothing.' },
  },
});

export const SyncWithheldEnum = builder.enumType('SyncWithheld', {
  description: 'Why an item is not carried out, although the policy asks for its action.',
  values: {
    PROTECTED: {
      description:
        'An administrator, the account that connected the connector, or a user whom the policy protects.',
    },
    INCOMPLETE: { description: 'A list that the change relies on was not read completely.' },
    SECOND_LOOK: {
      description:
        'Webex answered otherwise when it was asked for the user by id, or another record has an address of the user.',
    },
    NO_SEATS: { description: 'A license has no free seat for the user.' },
    NAME_TAKEN: { description: 'Another user or group has the wanted address or name, and keeps it.' },
    ADDRESS_SWAP: { description: 'Users exchange addresses. An administrator has to do that.' },
    DEPENDENCY: { description: 'It needs an item that is withheld.' },
    DIRECTORY_SYNCHRONIZED: { description: 'A directory manages this in Webex.' },
    IN_GRACE: { description: 'The grace period of the policy has not ended.' },
    CREATE_ONLY: { description: 'The policy allows only to create users.' },
    READ_ONLY: { description: 'The connector is read-only.' },
    NARROWED: { description: 'The request for the plan excludes it.' },
  },
});

export const SyncOutcomeEnum = builder.enumType('SyncOutcome', {
  description: 'What became of an item in its run.',
  values: {
    APPLIED: { description: 'The change was made, and Webex shows it.' },
    ALREADY: { description: 'Webex showed it already, or it is only a link. Nothing was sent.' },
    PARTIALLY_APPLIED: { description: 'A part of the change was made. See error.' },
    DRIFTED: {
      description: 'The user or group is not as the plan shows it. Nothing was sent. See drift.',
    },
    FAILED: { description: 'The change was not made. See error.' },
    UNKNOWN: {
      description:
        'The change was sent, and the gateway could not find out whether Webex made it. It is not sent again.',
    },
    SKIPPED: {
      description: 'It was not chosen, it needs an item that failed, or the run ended before it.',
    },
  },
});

export const SyncRunStateEnum = builder.enumType('SyncRunState', {
  description: 'How far a run is.',
  values: {
    QUEUED: { description: 'It waits for a worker, or for another run of the connector.' },
    RUNNING: { description: 'Items are being applied.' },
    PAUSED: { description: 'It stopped and can be resumed. See reason. Canceled after seven days.' },
    COMPLETED: { description: 'All items are applied, or were so already.' },
    COMPLETED_WITH_ERRORS: {
      description: 'It ended, and some items drifted, failed, are partly applied or unknown.',
    },
    CANCELED: { description: 'It was canceled. What was applied stays.' },
    FAILED: { description: 'It cannot go on. See message.' },
  },
});

export const SyncPauseReasonEnum = builder.enumType('SyncPauseReason', {
  description: 'Why a run is paused.',
  values: {
    BY_CALLER: { description: 'A caller paused it.' },
    ERRORS: { description: 'Many items failed with the same error. See message.' },
    RECONNECT_REQUIRED: { description: 'Webex refuses the connection. Connect again, then resume.' },
    FORBIDDEN: { description: 'The connected account may not make the changes.' },
    READ_ONLY: { description: 'The connector was made read-only.' },
    STOP_AFTER: { description: 'The number of items in stopAfter is reached.' },
  },
});

export const SyncLimitEnum = builder.enumType('SyncLimit', {
  description: 'What a policy limits. A plan that exceeds a limit needs an approval.',
  values: {
    DELETE: { description: 'Users who are deleted.' },
    DISABLE: { description: 'Users who cannot sign in afterwards, or lose all licenses.' },
    REMOVE_LICENSES: { description: 'Licenses taken from users who stay.' },
    REMOVE_MEMBERS: { description: 'Members removed from one group. The worst group counts.' },
    EMPTY_GROUP: { description: 'Groups that lose all members.' },
    RENAME: { description: 'Users whose first address changes.' },
    UPDATE: { description: 'Users who are changed.' },
    CREATE: { description: 'Users who are created. Counts from the second applied plan on.' },
    ROLES: { description: 'Administrator roles that are given or taken.' },
    RELINK: {
      description:
        'Links that move to another key, and users who are found by another than their first address.',
    },
    SOURCE_SHRUNK: { description: 'Linked records that the source does not have any more.' },
    INVALID_RECORDS: { description: 'Records that are INVALID or DUPLICATE_SOURCE.' },
    SOURCE_EMPTY: { description: 'The source has no record that qualifies. Cannot be approved.' },
  },
});

export const SyncVerdictOutcomeEnum = builder.enumType('SyncVerdictOutcome', {
  description: 'How a plan compares with a limit.',
  values: {
    PASSED: { description: 'The plan keeps to the limit.' },
    NEEDS_APPROVAL: { description: 'The plan exceeds it. An administrator can approve the plan.' },
    APPROVED: { description: 'The plan exceeds it and was approved.' },
    FORBIDDEN: { description: 'The plan exceeds it, and cannot be approved.' },
  },
});

export const SyncPhaseNameEnum = builder.enumType('SyncPhaseName', {
  description: 'A part of the work on a plan or a run.',
  values: {
    READING: { description: 'Reading the source.' },
    OBSERVING: { description: 'Reading the organization.' },
    COMPARING: { description: 'Comparing both.' },
    WAVE: { description: 'Applying the items of one wave.' },
  },
});
