/**
 * Is told of each query as it is sent, as SQL with placeholders, and answers with what is to be told of its end.
 * Never sees a value.
 */
export type QueryObserver = (sql: string) => (failed: boolean) => void;

/** Those who are told of the queries of one database. */
export class QueryObservers {
  readonly #observers = new Set<QueryObserver>();

  /** Tells `observe` of each query from now on, until the function that comes back is called. */
  add(observe: QueryObserver): () => void {
    this.#observers.add(observe);
    return () => {
      this.#observers.delete(observe);
    };
  }

  /** Does a query, and tells of it. Throws what the query throws. */
  async around<T>(sql: string, query: () => Promise<T>): Promise<T> {
    const ends = [...this.#observers].map((observe) => observe(sql));
    let failed = true;
    try {
      const result = await query();
      failed = false;
      return result;
    } finally {
      for (const end of ends) end(failed);
    }
  }
}
