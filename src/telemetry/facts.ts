/** What is put down about a request of a client while it is answered. */
export interface OperationNotes {
  readonly requestId: string;
  /** Undefined if there is no operation, or none that could be run. */
  readonly operationType?: OperationType | undefined;
  readonly operation?: string | undefined;
  /** Codes of the errors in the answer. */
  readonly errorCodes?: readonly string[] | undefined;
}

export type OperationType = 'query' | 'mutation' | 'subscription';

/** An answer to a client. */
export interface Answered {
  /** The pattern of its path, or `other`. */
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
}

/** What an answer took, counted up. */
export interface AnswerCost {
  readonly shared: number;
  readonly batchedKeys: number;
  readonly cacheHits: number;
  readonly catalogueLoads: number;
}

/** The first word of a statement, if it is one of those that we use. */
export function statementOf(sql: string): string {
  const word = /^\s*([a-z]+)/i.exec(sql)?.[1]?.toLowerCase();
  return ['select', 'insert', 'update', 'delete'].find((known) => known === word) ?? 'other';
}
