import { Refusal } from '../../http/errors.ts';
import type { JsonObject } from '../objects/json.ts';
import type { Settings } from '../settings.ts';

/** A value that the tenant does not take. */
export interface FailedRequirement {
  readonly property: string;
  readonly requirement: string;
  readonly params?: JsonObject;
}

/** A refusal with the detail that tells a policy failure from a lack of rights: both are 403. */
export class PolicyFailure extends Refusal {
  readonly detail: JsonObject;

  constructor(failed: readonly FailedRequirement[], { policyMessage }: Pick<Settings, 'policyMessage'>) {
    super(403, policyMessage);
    this.detail = {
      result: false,
      failedPolicyRequirements: failed.map(({ property, requirement, params }) => ({
        property,
        policyRequirements: [{ policyRequirement: requirement, ...(params === undefined ? {} : { params }) }],
      })),
    };
  }
}
