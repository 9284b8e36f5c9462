import { GatewayError } from './gateway-error.ts';

/** The process cannot start; `server.ts` prints the message and exits with 1. */
export abstract class StartError extends GatewayError {}

export class InvalidConfiguration extends StartError {
  readonly code = 'INVALID_CONFIGURATION';
  readonly variable: string;
  constructor(variable: string, sentence: string) {
    super(`${variable} ${sentence}`);
    this.variable = variable;
  }
}

export class StoreUnavailable extends StartError {
  readonly code = 'STORE_UNAVAILABLE';
  override readonly retryable = true;
}

export class StoreInUse extends StartError {
  readonly code = 'STORE_IN_USE';
  constructor(directory: string) {
    super(
      `The data folder ${directory} is in use by another gateway process. Stop that one first, choose another DATA_DIR, or set DATABASE_URL to a PostgreSQL server, which several gateways can share.`,
    );
  }
}

export class StoreTooNew extends StartError {
  readonly code = 'STORE_TOO_NEW';
  constructor(migration: string) {
    super(
      `The database was migrated by a newer gateway: it knows "${migration}", this version does not. Start that newer version, or restore a backup made before the upgrade.`,
    );
  }
}

export class SecretKeyMismatch extends StartError {
  readonly code = 'SECRET_KEY_MISMATCH';
}

/** Whether an error's sentence is for clients; those about starting name hosts and files. */
export function isForClients(error: unknown): error is GatewayError {
  return error instanceof GatewayError && !(error instanceof StartError);
}
