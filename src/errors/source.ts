import { GatewayError } from './gateway-error.ts';

/** An uploaded file exceeds a limit of the gateway. Nothing was stored. */
export class FileTooLarge extends GatewayError {
  readonly code = 'FILE_TOO_LARGE';
  /** What exceeds the limit. Bytes are those of the decompressed content. */
  readonly measure: 'bytes' | 'rows';
  readonly limit: number;
  constructor(measure: FileTooLarge['measure'], limit: number) {
    const setting = measure === 'rows' ? 'SYNC_ROWS_LIMIT' : 'SYNC_FILE_LIMIT';
    super(
      `The file has more than ${limit} ${measure}. Split it, or ask the operator to raise ${setting}. Nothing was stored.`,
    );
    this.measure = measure;
    this.limit = limit;
  }
  override facts() {
    return { measure: this.measure, limit: this.limit };
  }
}

/** A source cannot be read to its end. Nothing of it is used. */
export class UnreadableFile extends GatewayError {
  readonly code = 'UNREADABLE_FILE';
  /** Where reading ended: `line 17`, `item 3`, `byte 2048`. */
  readonly at: string;
  /** @param reason what is wrong there and what to do, without the value */
  constructor(at: string, reason: string) {
    super(`The file cannot be read at ${at}. ${reason}`);
    this.at = at;
  }
  override facts() {
    return { at: this.at };
  }
}

/** A part of a file is missing. */
export class FileIncomplete extends GatewayError {
  readonly code = 'FILE_INCOMPLETE';
  constructor(reason: string) {
    super(`${reason} Upload the file again.`);
  }
}

/** A client sent nothing of its file for too long, or took too long in all. Nothing was stored. */
export class UploadTimeout extends GatewayError {
  readonly code = 'UPLOAD_TIMEOUT';
  override readonly retryable = true;
  /** @param seconds the limit */
  constructor(kind: 'silent' | 'total', seconds: number) {
    super(
      kind === 'silent'
        ? `No byte of the file arrived for ${seconds} seconds. Nothing was stored. Upload the file again.`
        : `The upload took more than ${seconds} seconds. Nothing was stored. Compress the file with gzip, or split it.`,
    );
  }
  override facts() {
    return { retryable: this.retryable };
  }
}
