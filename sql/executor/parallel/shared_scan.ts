/**
 * A scan whose rows several threads share. This thread reads, which decides
 * what is seen; rows go into slots of workers as long as one has room, as they are
 * stored, and this thread decodes those for which none has.
 *
 * @module
 */
import { nextTurn } from "../../../base/environment.ts";
import type { MaybePromise } from "../../../base/maybe_promise.ts";
import {
  partOfRun,
  type RowRun,
  type RowRuns,
} from "../../access/parallel/row_runs.ts";
import { SlotWriter } from "../../access/parallel/run_slot.ts";
import type { PoolWorker } from "./worker_pool.ts";

/** How rows are shared. */
export interface Sharing {
  /** Rows that go to one thread at once, at most. */
  readonly rowsMax: number;
  /** Whether this thread takes rows while others do. */
  readonly leads: boolean;
  /** Called before each block is read: who wants workers begins with them. */
  onRead(): void;
  /** Called when all rows were read. */
  onEnd(): void;
}

/** The part of a scan that this thread decodes. */
export class SharedScan implements RowRuns {
  readonly #source: RowRuns;
  readonly #sharing: Sharing;
  readonly #writer = new SlotWriter();
  #workers: readonly PoolWorker[] = [];
  /** The worker whose slot is being filled. */
  #filling: PoolWorker | undefined;
  /** The worker that is asked first for room. */
  #first = 0;
  /** What is left of a run, from which row on. */
  #run: RowRun | undefined;
  #row = 0;
  #isClosed = false;

  /** Shares the rows of `source`. */
  constructor(source: RowRuns, sharing: Sharing) {
    this.#source = source;
    this.#sharing = sharing;
  }

  /** From now on these workers get rows, too. */
  share(workers: readonly PoolWorker[]): void {
    this.#workers = workers;
  }

  next(): MaybePromise<RowRun | undefined> {
    for (;;) {
      if (this.#isClosed) return undefined;
      if (this.#run !== undefined) {
        const own = this.#deal(this.#run);
        if (own === "wait") return nextTurn().then(() => this.next());
        if (own !== undefined) return own;
      }
      this.#sharing.onRead();
      const run = this.#source.next();
      if (run instanceof Promise) {
        return run.then((run) => {
          this.#take(run);
          return this.next();
        });
      }
      this.#take(run);
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#source.close();
  }

  #take(run: RowRun | undefined): void {
    this.#run = run;
    this.#row = 0;
    if (run !== undefined) return;
    this.#handOver();
    this.close();
    this.#sharing.onEnd();
  }

  /**
   * Gives rows of a run to workers; what comes back is for this thread. `wait`:
   * there is no room, and this thread takes none.
   */
  #deal(run: RowRun): RowRun | "wait" | undefined {
    const { rowsMax, leads } = this.#sharing;
    while (this.#row < run.count) {
      this.#filling ??= this.#withRoom();
      if (this.#filling === undefined) {
        if (!leads && this.#workers.some(({ isReady }) => isReady)) {
          return "wait";
        }
        break;
      }
      const room = rowsMax - this.#writer.rowCount;
      const added = this.#writer.add(run, this.#row, room);
      this.#row += added;
      if (added === 0 || this.#row < run.count) {
        const hadRows = this.#writer.rowCount > 0;
        this.#handOver();
        // One that fits into no slot is for this thread.
        if (!hadRows) break;
      }
    }
    const first = this.#row;
    const end = Math.min(run.count, first + rowsMax);
    this.#row = end;
    if (end === run.count) this.#run = undefined;
    if (first === end) return undefined;
    return first === 0 && end === run.count ? run : partOfRun(run, first, end);
  }

  /** A worker with a free slot, which is opened. */
  #withRoom(): PoolWorker | undefined {
    const workers = this.#workers;
    for (let i = 0; i < workers.length; i++) {
      const worker = workers[(this.#first + i) % workers.length]!;
      if (!worker.hasRoom) continue;
      this.#first = (this.#first + i + 1) % workers.length;
      worker.open(this.#writer);
      return worker;
    }
    return undefined;
  }

  #handOver(): void {
    const worker = this.#filling;
    this.#filling = undefined;
    if (worker !== undefined && this.#writer.rowCount > 0) {
      worker.handOver(this.#writer);
    }
  }
}
