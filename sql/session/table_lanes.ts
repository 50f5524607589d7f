/**
 * Statements that came too late, one after the other.
 *
 * Of many autocommit statements that change one row at a time, one wins and the
 * others run again. If all did so at once, all but one would lose again. So
 * they run again one by one, in a lane of their table. Who runs in it can close
 * it: until it is done, statements that write to the table for the first time
 * get in line too, and nobody is overtaken for ever (what a lock on the table
 * does in PostgreSQL).
 *
 * Invariant: a lane exists only while somebody is in it.
 *
 * @module
 */

/** The lane of a table. */
interface Lane {
  /** Settles when all that are in it are done. */
  last: Promise<unknown>;
  /** How many are in it. */
  count: number;
  /** Whether first tries go through it too. */
  closed: boolean;
}

/** The lanes of a database, by the id of the table. */
export class TableLanes {
  readonly #lanes = new Map<number, Lane>();

  /** Whether a statement that writes to the table has to go through its lane. */
  isClosed(tableId: number): boolean {
    return this.#lanes.size > 0 && (this.#lanes.get(tableId)?.closed ?? false);
  }

  /** Sends first tries through the lane until the work that runs is done. */
  close(tableId: number): void {
    const lane = this.#lanes.get(tableId);
    if (lane !== undefined) lane.closed = true;
  }

  /** Runs `work` when all that came before it are done. */
  run<T>(tableId: number, work: () => Promise<T>): Promise<T> {
    let lane = this.#lanes.get(tableId);
    if (lane === undefined) {
      lane = { last: Promise.resolve(), count: 0, closed: false };
      this.#lanes.set(tableId, lane);
    }
    const mine = lane;
    mine.count++;
    const done = mine.last.then(work).finally(() => {
      mine.closed = false;
      if (--mine.count === 0) this.#lanes.delete(tableId);
    });
    mine.last = done.catch(() => {});
    return done;
  }

  /** How many tables have a lane. */
  get count(): number {
    return this.#lanes.size;
  }
}
