/**
 * Called with each query as it is sent, as SQL with placeholders. Returns the function to call at its end.
 * Never sees a value.
 */
export type QueryObserver = (sql: string) => (failed: boolean) => void;

/** The observers of the queries of one database. */
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
