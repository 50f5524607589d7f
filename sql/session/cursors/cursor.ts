/**
 * A cursor: a query that is under way, and the row it is on.
 *
 * The position is the number of that row: 0 before the first, one past the last
 * after the end. Where FETCH goes is PostgreSQL's `DoPortalRunFetch`.
 *
 * @module
 */
import type { Cancellation } from "../../../base/cancellation.ts";
import { isPromise, type MaybePromise } from "../../../base/maybe_promise.ts";
import type { ResultField } from "../../analyzer/bound_tree.ts";
import type { TableEntry } from "../../catalog/entries.ts";
import { type Chunk, valueAt } from "../../chunk/chunk.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { FetchSyntax } from "../../parser/syntax.ts";
import type { Nullable } from "../../types/data_type.ts";
import type { CursorRows } from "./cursor_rows.ts";

/** What stops a cursor: what stops the statement that reads from it. */
export class CursorCancellation implements Cancellation {
  /** What stops the statement that reads now. */
  current: Cancellation;

  /** Begins with the statement that declares it. */
  constructor(current: Cancellation) {
    this.current = current;
  }

  throwIfAborted(): void {
    this.current.throwIfAborted();
  }

  pause(): Promise<void> | undefined {
    return this.current.pause?.();
  }
}

/** What DECLARE says of a cursor. */
export interface CursorDefinition {
  readonly name: string;
  /** The text of DECLARE. */
  readonly text: string;
  readonly fields: readonly ResultField[];
  /** The table whose row it is on; its rows end with their places. */
  readonly table: TableEntry | undefined;
  readonly binary: boolean;
  readonly hold: boolean;
  /** Whether it can go back. */
  readonly scroll: boolean;
  /** When it was declared: microseconds since 2000-01-01 UTC. */
  readonly declaredAt: number;
}

/** Where to go. */
export type Target = Pick<FetchSyntax, "direction" | "count">;

/** Takes the rows that a FETCH passes or ends on; MOVE wants none. */
type Take = ((chunk: Chunk) => void) | undefined;

/** A cursor. */
export class Cursor {
  readonly definition: CursorDefinition;
  /** What stops it. */
  readonly stop: CursorCancellation;
  readonly #rows: CursorRows;
  #position = 0;
  #failed = false;
  /** Whether the transaction that declared it has committed. */
  #held = false;

  /** A cursor before the first of `rows`. */
  constructor(
    definition: CursorDefinition,
    rows: CursorRows,
    stop: CursorCancellation,
  ) {
    this.definition = definition;
    this.stop = stop;
    this.#rows = rows;
  }

  /** Whether it outlived the transaction that declared it. */
  get held(): boolean {
    return this.#held;
  }

  /** Whether it still reads, in the transaction that declared it. */
  get reads(): boolean {
    return !this.#rows.ended;
  }

  /**
   * Goes somewhere, and hands on the rows that it passes or ends on.
   *
   * @returns how many rows there were.
   *
   * @throws {SqlError} `55000` when it would have to go back, and cannot.
   */
  fetch(
    target: Target,
    take: Take,
  ): MaybePromise<number> {
    if (this.#failed) {
      throw new SqlError(
        "55000",
        `portal "${this.definition.name}" cannot be run`,
      );
    }
    const fail = (error: unknown): never => {
      this.#failed = true;
      throw error;
    };
    try {
      const passed = this.#go(target, take);
      return isPromise(passed) ? passed.catch(fail) : passed;
    } catch (error) {
      return fail(error);
    }
  }

  #go({ direction, count }: Target, take: Take): MaybePromise<number> {
    switch (direction) {
      case "forward":
      case "backward": {
        const on = direction === "forward" ? count : -count;
        if (count === 0) return this.#stay(take);
        return on > 0 ? this.#forward(on, take) : this.#back(-on, take);
      }
      case "absolute":
        return this.#absolute(count, take);
      case "relative":
        if (count === 0) return this.#stay(take);
        return count > 0
          ? this.#to(this.#position + count, take)
          : this.#backTo(this.#position + count, take);
    }
  }

  /** The next `count` rows, given as they come; at once if they were read. */
  #forward(count: number, take: Take): MaybePromise<number> {
    const rows = this.#rows;
    const start = this.#position;
    const target = start + count;
    if (!rows.ended && target > rows.count) return this.#read(count, take);
    const last = Math.min(target, rows.count);
    if (take !== undefined && start < last) rows.give(start + 1, last, take);
    this.#position = Math.min(target, rows.count + 1);
    return Math.max(0, last - start);
  }

  /** The same, where some have to be pulled. */
  async #read(count: number, take: Take): Promise<number> {
    const rows = this.#rows;
    const start = this.#position;
    const target = start + count;
    for (let next = start + 1;;) {
      const last = Math.min(target, rows.count);
      if (take !== undefined && next <= last) rows.give(next, last, take);
      next = Math.max(next, last + 1);
      if (next > target || rows.ended) break;
      await rows.pull();
    }
    this.#position = Math.min(target, rows.count + 1);
    return Math.max(0, Math.min(target, rows.count) - start);
  }

  /** The `count` rows before this one, the nearest first. */
  #back(count: number, take: Take): number {
    this.#requireScroll();
    const first = this.#position - 1;
    const last = Math.max(1, this.#position - count);
    this.#position = Math.max(0, this.#position - count);
    if (first < last) return 0;
    if (take !== undefined) this.#rows.give(first, last, take);
    return first - last + 1;
  }

  /** The row it is on, again. */
  #stay(take: Take): number {
    const on = this.#position;
    if (on === 0 || on > this.#rows.count) return 0;
    if (take !== undefined) {
      this.#requireScroll();
      this.#rows.give(on, on, take);
    }
    return 1;
  }

  async #absolute(count: number, take: Take): Promise<number> {
    if (count > 0) {
      if (this.#position > 0 && count <= this.#position) this.#requireScroll();
      return await this.#to(count, take);
    }
    if (count === 0) {
      if (this.#position > 0) this.#requireScroll();
      this.#position = 0;
      return 0;
    }
    await this.#rows.pullTo(Infinity);
    return this.#backTo(this.#rows.count + 1 + count, take);
  }

  /** One row further on, or after the end. */
  async #to(number: number, take: Take): Promise<number> {
    const rows = this.#rows;
    await rows.pullTo(number);
    this.#position = Math.min(number, rows.count + 1);
    if (number > rows.count) return 0;
    if (take !== undefined) rows.give(number, number, take);
    return 1;
  }

  /** One row further back, or before the first. */
  #backTo(number: number, take: Take): number {
    this.#requireScroll();
    this.#position = Math.max(0, number);
    if (number < 1) return 0;
    if (take !== undefined) this.#rows.give(number, number, take);
    return 1;
  }

  #requireScroll(): void {
    if (this.definition.scroll && this.#rows.keepsAll) return;
    throw new SqlError("55000", "cursor can only scan forward", {
      hint: "Declare it with SCROLL option to enable backward scan.",
    });
  }

  /**
   * The place of the row it is on, of `table`.
   *
   * @throws {SqlError} `24000`.
   */
  currentRow(table: TableEntry): Nullable {
    const { definition: { name, table: scanned, fields } } = this;
    if (this.#held) {
      throw new SqlError(
        "24000",
        `cursor "${name}" is held from a previous transaction`,
      );
    }
    if (scanned?.id !== table.id) {
      throw new SqlError(
        "24000",
        `cursor "${name}" is not a simply updatable scan of table "${table.name}"`,
      );
    }
    let place: Nullable = null;
    this.#rows.give(
      this.#position,
      this.#position,
      ({ columns, selection }) =>
        place = valueAt(columns[fields.length]!, selection![0]!),
    );
    if (place !== null) return place;
    throw new SqlError("24000", `cursor "${name}" is not positioned on a row`);
  }

  /** Reads what it has not read, so that the transaction may end or change. */
  async readAll(): Promise<void> {
    try {
      await this.#rows.pullAll(Math.max(1, this.#position));
    } catch (error) {
      this.#failed = true;
      throw error;
    }
  }

  /** Notes that its transaction has committed. */
  keep(): void {
    this.#held = true;
  }

  /** Lets go of its rows. */
  close(): void {
    this.#rows.close();
  }
}
