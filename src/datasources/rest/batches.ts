/**
 * When the loaders of one GraphQL request send what they have gathered: not while the first slice of a list
 * is still to come, as that most often brings more to ask for. A GraphQL answer waits for all its parts
 * anyway, so what waits here for company makes no client wait; and lists never wait for loaders, so there
 * is always an end to it.
 */
export class Batches {
  #listsUnderWay = 0;
  #held: (() => void)[] = [];

  /** Holds all batches back until `read` has ended, well or not. */
  waitFor(read: Promise<unknown>): void {
    this.#listsUnderWay += 1;
    const end = () => {
      this.#listsUnderWay -= 1;
      if (this.#listsUnderWay === 0) this.#release();
    };
    read.then(end, end);
  }

  /** Sends a batch when its time has come; given to DataLoader as batchScheduleFn. */
  readonly schedule = (dispatch: () => void): void => {
    this.#held.push(dispatch);
    if (this.#listsUnderWay === 0) this.#release();
  };

  /** Once everybody who waited for the same answer has had their turn, in which new lists may begin. */
  #release(): void {
    setImmediate(() => {
      if (this.#listsUnderWay > 0) return;
      const due = this.#held;
      this.#held = [];
      for (const dispatch of due) dispatch();
    });
  }
}
