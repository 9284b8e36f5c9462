/** A refusal: thrown by a route, put into the system's shape where all its routes end. */
export class Refusal extends Error {
  readonly status: number;
  readonly errorCode: number | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    message: string,
    details: { errorCode?: number; headers?: Record<string, string> } = {},
  ) {
    super(message);
    this.status = status;
    this.errorCode = details.errorCode;
    this.headers = details.headers ?? {};
  }
}
