import { Refusal } from '../../http/errors.ts';

/** A refusal of the token endpoint, which some clients want in the standard's shape. */
export class TokenRefusal extends Refusal {
  /** The standard's error code. */
  readonly error: string;

  constructor(status: 400 | 401, error: string, message: string) {
    super(status, message);
    this.error = error;
  }
}
