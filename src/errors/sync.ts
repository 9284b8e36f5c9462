import type { PlanState, RunState } from '../store/sync/words.ts';
import { GatewayError } from './gateway-error.ts';

/** A plan or a preview ends because its mapping does not work for its source or its organization. */
export abstract class MappingFailed extends GatewayError {}

/** A file does not have all columns that its mapping names. */
export class ColumnMissing extends MappingFailed {
  readonly code = 'COLUMN_MISSING';
  constructor(missing: readonly string[], columns: readonly string[]) {
    const shown = missing.slice(0, 10).map((name) => JSON.stringify(name));
    const others = missing.length > 10 ? ` and ${missing.length - 10} others` : '';
    const known = columns.slice(0, 50).map((name) => JSON.stringify(name));
    super(
      `line 1: the mapping names columns that the file does not have: ${shown.join(', ')}${others}. The file has ${known.join(', ')}. Fix the mapping or the file.`,
    );
  }
}

/** An expression used up its time or its memory. */
export class ExpressionTooSlow extends MappingFailed {
  readonly code = 'EXPRESSION_TOO_SLOW';
  /** @param at where the record is, as `line 17` */
  constructor(at: string) {
    super(
      `${at}: an expression of the mapping takes too much time or memory for this record. Make it simpler, or leave the record out of the source.`,
    );
  }
}

/** The process that maps records did not start, or it was closed. */
export class MappingNotStarted extends MappingFailed {
  readonly code = 'MAPPING_NOT_STARTED';
  constructor() {
    super(
      'The process that maps records could not be started. Try again, and ask the operator if it happens again.',
    );
  }
}

/** A mapping names a license or a role that the organization does not have. */
export class UnknownName extends MappingFailed {
  readonly code = 'UNKNOWN_NAME';
}

/** A mapping names several licenses or roles at once. */
export class AmbiguousName extends MappingFailed {
  readonly code = 'AMBIGUOUS';
}

/** The plan is not the one that was reviewed. Nothing was done. */
export class PlanChanged extends GatewayError {
  readonly code = 'PLAN_CHANGED';
  /** The digest that the plan has, hexadecimal. */
  readonly digest: string;
  constructor(digest: string) {
    super('The plan has another digest than the one you gave. Review the plan, then send its digest.');
    this.digest = digest;
  }
  override facts() {
    return { digest: this.digest };
  }
}

/** The plan is in a state in which this is impossible. Nothing was done. */
export class PlanNotApplicable extends GatewayError {
  readonly code = 'PLAN_NOT_APPLICABLE';
  readonly state: PlanState;
  /** Id of the run that the plan has; undefined if it has none. */
  readonly runId: string | undefined;
  /** @param reason a sentence that says why, and what to do */
  constructor(state: PlanState, reason: string, runId?: string) {
    super(reason);
    this.state = state;
    this.runId = runId;
  }
  override facts() {
    return { state: this.state };
  }
}

/** The plan or the run has ended, so that it cannot be canceled, paused or resumed. */
export class AlreadyEnded extends GatewayError {
  readonly code = 'ALREADY_ENDED';
  readonly state: PlanState | RunState;
  constructor(state: AlreadyEnded['state']) {
    super(`This has ended already: its state is ${state}. Nothing was done.`);
    this.state = state;
  }
  override facts() {
    return { state: this.state };
  }
}

/** The caller may not approve this plan, because it is the caller's own. */
export class SelfApproval extends GatewayError {
  readonly code = 'SELF_APPROVAL';
  /** @param reason a sentence that says what makes it the caller's own */
  constructor(reason: string) {
    super(`${reason} Ask another administrator to approve it.`);
  }
}

/** The mapping has another version than the caller has seen. Nothing was stored. */
export class MappingModified extends GatewayError {
  readonly code = 'MODIFIED_MEANWHILE';
  /** @param newest null: there is no such mapping */
  constructor(name: string, newest: number | null) {
    const mapping = `The mapping ${JSON.stringify(name)}`;
    super(
      newest === null
        ? `${mapping} does not exist. Nothing was stored. Leave ifVersion out, or give null, to create it.`
        : `${mapping} has version ${newest}. Nothing was stored. Compare your changes with that version, and then give its number.`,
    );
  }
}

/** Something needs the mapping. Nothing was deleted. */
export class MappingInUse extends GatewayError {
  readonly code = 'MAPPING_IN_USE';
  constructor(name: string, usedBy: 'schedule' | 'plan' | 'run') {
    const advice = {
      schedule: 'Delete the schedule first.',
      plan: 'Apply or cancel the plan first.',
      run: 'Wait until the run has ended, or cancel it.',
    };
    const user =
      usedBy === 'schedule'
        ? 'A schedule'
        : usedBy === 'plan'
          ? 'A plan that can still be applied'
          : 'A run that has not ended';
    super(`${user} uses the mapping ${JSON.stringify(name)}. Nothing was deleted. ${advice[usedBy]}`);
  }
}

/** A user who may not lose anything: found when a run was about to change them. Nothing was sent. */
export class ProtectedUser extends GatewayError {
  readonly code = 'PROTECTED';
  constructor(reason: 'ADMINISTRATOR' | 'ACCOUNT') {
    super(
      reason === 'ACCOUNT'
        ? 'This is the account that the connector uses, so a synchronization takes nothing from it. Nothing was sent.'
        : 'The user holds an administrator role now, so a synchronization takes nothing from them. Nothing was sent. Remove the role first, then make a new plan.',
    );
  }
}

/** A connector cannot be deleted, because a run changes its organization. Nothing was deleted. */
export class ConnectorInUse extends GatewayError {
  readonly code = 'CONNECTOR_IN_USE';
  constructor() {
    super(
      'A run of this connector has not ended. Nothing was deleted. Wait until it has ended, or cancel it with cancelSync.',
    );
  }
}
