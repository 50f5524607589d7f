/**
 * Operator: a join of two sides that both come in the order of the keys.
 *
 * The right side is looked at through a window: rows from the first that may
 * still have partners to the last of a whole group of equal keys. The window
 * moves on with the left side and is joined as columns, a chunk of pairs at a
 * time. A group that is larger than memory goes into a file, and is read once
 * for each chunk of left rows that have its key.
 *
 * NULL is after all values on both sides and equal to nothing.
 *
 * @module
 */
import { isPromise, type MaybePromise } from "../../base/maybe_promise.ts";
import { type Chunk, CHUNK_ROWS, type Column, isNull } from "../chunk/chunk.ts";
import type { JoinNode } from "../planner/logical_plan.ts";
import { constantColumn, countOf, gather, rowsWhere } from "./column_tools.ts";
import type { Operator, OperatorUsage } from "./operator.ts";
import { MergeWindow } from "./merge_window.ts";
import { KeyedJoin } from "./keyed_join.ts";
import { openInput, type PhysicalPlan } from "./physical_plan.ts";
import { compareByKeys, type CompareRows } from "./row_order.ts";
import type { RunState } from "./run_state.ts";

/** A compiled merge join. */
export class MergeJoinPlan extends KeyedJoin implements PhysicalPlan {
  /** The order of keys, on both sides and between them. */
  readonly compare: CompareRows;
  readonly #left: PhysicalPlan;
  readonly #right: PhysicalPlan;

  /** Compiles a join of two nodes. */
  constructor(node: JoinNode, left: PhysicalPlan, right: PhysicalPlan) {
    super(node);
    this.#left = left;
    this.#right = right;
    this.compare = compareByKeys(
      this.keyTypes,
      this.keyTypes.map(() => ({ descending: false, nullsFirst: false })),
    );
  }

  /** Opens it. */
  open(run: RunState): Operator {
    const left = openInput(this.#left, run);
    return new MergeJoin(this, left, openInput(this.#right, run), run);
  }
}

/** How many rows of the left side a group in a file is read for at once. */
const LONG_ROWS = 16;

/** What {@linkcode MergeJoin} needs before it can go on. */
type Wanted = "left" | "right";

class MergeJoin implements Operator {
  readonly #plan: MergeJoinPlan;
  readonly #left: Operator;
  readonly #right: Operator;
  readonly #run: RunState;
  readonly #window: MergeWindow;
  #isDone = false;
  #leftDone = false;
  /** The chunk of the left side that is being paired, and its keys. */
  #chunk: Chunk | undefined;
  #keys: readonly Column[] = [];
  #matched: Uint8Array = new Uint8Array(0);
  /** The position among its rows, and the next partner of the row there. */
  #position = 0;
  #partner = -1;
  /** Pairs that were found within the window. */
  readonly #lefts = new Uint32Array(CHUNK_ROWS);
  readonly #rights = new Uint32Array(CHUNK_ROWS);
  #count = 0;

  constructor(
    plan: MergeJoinPlan,
    left: Operator,
    right: Operator,
    run: RunState,
  ) {
    this.#plan = plan;
    this.#left = left;
    this.#right = right;
    this.#run = run;
    this.#window = new MergeWindow(plan, run);
  }

  next(): MaybePromise<Chunk | undefined> {
    for (;;) {
      if (this.#isDone) return undefined;
      this.#run.checkAborted();
      const pause = this.#run.pause();
      if (pause !== undefined) return pause.then(() => this.next());
      const some = this.#advance();
      if (some === undefined) continue;
      if (typeof some !== "string") return some;
      if (some === "left" && this.#leftDone) return this.#end();
      const chunk = some === "left" ? this.#left.next() : this.#right.next();
      if (isPromise(chunk)) {
        return chunk.then((got) => {
          this.#take(some, got);
          return this.next();
        });
      }
      this.#take(some, chunk);
    }
  }

  #end(): undefined {
    this.#isDone = true;
    return undefined;
  }

  #take(side: Wanted, chunk: Chunk | undefined): void {
    if (side === "right") return this.#window.add(chunk);
    if (chunk === undefined) {
      this.#leftDone = true;
      return;
    }
    this.#chunk = chunk;
    this.#keys = this.#plan.leftKeys.map((key) =>
      key(chunk, chunk.selection, this.#run)
    );
    this.#matched = new Uint8Array(chunk.rowCount);
    this.#position = 0;
    this.#partner = -1;
  }

  /** Rows, or what has to come first; nothing where it went on without. */
  #advance(): Chunk | Wanted | undefined {
    const chunk = this.#chunk;
    if (chunk === undefined) return "left";
    const { selection, rowCount } = chunk;
    const rows = countOf(selection, rowCount);
    const window = this.#window;
    while (this.#position < rows && this.#count < CHUNK_ROWS) {
      const at = this.#position;
      const row = selection === undefined ? at : selection[at]!;
      if (this.#partner < 0 && !this.#hasNull(row)) {
        // Pairs so far are of the window as it is.
        const found = window.find(this.#keys, row);
        if (found === "more") return this.#pairs(chunk) ?? "right";
        if (found === "file" && !this.#isHalf) {
          return this.#pairs(chunk) ?? this.#long(chunk);
        }
        if (found !== "none") this.#partner = window.start;
      }
      if (this.#partner >= 0 && this.#isHalf) this.#note(row);
      else if (this.#partner >= 0) this.#collect(row);
      if (this.#partner < 0) this.#position++;
    }
    const pairs = this.#pairs(chunk);
    if (pairs !== undefined || this.#position < rows) return pairs;
    this.#chunk = undefined;
    const { join } = this.#plan.node;
    const needsPartner = join === "inner" || join === "semi";
    if (needsPartner && window.isAtEnd) this.#leftDone = true;
    return this.#unmatched(chunk);
  }

  /** Whether it is enough to know that a row has a partner. */
  get #isHalf(): boolean {
    const { node: { join }, rest } = this.#plan;
    return rest === undefined && (join === "semi" || join === "anti");
  }

  #note(row: number): void {
    this.#matched[row] = 1;
    this.#partner = -1;
  }

  /** Takes as many of a row's partners as there is room for. */
  #collect(row: number): void {
    const { end } = this.#window;
    while (this.#partner < end && this.#count < CHUNK_ROWS) {
      this.#lefts[this.#count] = row;
      this.#rights[this.#count++] = this.#partner++;
    }
    if (this.#partner === end) this.#partner = -1;
  }

  #hasNull(row: number): boolean {
    return this.#keys.some((key) => isNull(key, row));
  }

  /** The pairs so far for which the condition is true. */
  #pairs(chunk: Chunk): Chunk | undefined {
    const count = this.#count;
    if (count === 0) return undefined;
    this.#count = 0;
    return this.#joined(
      chunk,
      this.#window.columns,
      this.#lefts.slice(0, count),
      this.#rights.subarray(0, count),
    );
  }

  #joined(
    chunk: Chunk,
    partners: readonly Column[],
    lefts: Uint32Array,
    rights: Uint32Array,
  ): Chunk | undefined {
    const columns = [
      ...chunk.columns.map((column) => gather(column, lefts)),
      ...partners.map((column) => gather(column, rights)),
    ];
    const all: Chunk = { columns, rowCount: lefts.length };
    const { rest, node: { join } } = this.#plan;
    const selection = rest?.(all, this.#run);
    const count = countOf(selection, lefts.length);
    if (join !== "inner") {
      for (let i = 0; i < count; i++) {
        this.#matched[lefts[selection === undefined ? i : selection[i]!]!] = 1;
      }
    }
    if (count === 0 || join === "semi" || join === "anti") return undefined;
    return { ...all, selection };
  }

  /** Pairs of the left rows that have the key of a group in a file. */
  #long(chunk: Chunk): Chunk | undefined {
    const { selection, rowCount } = chunk;
    const rows = countOf(selection, rowCount);
    const piece = this.#window.nextPiece();
    const alike = this.#alike(chunk, rows);
    if (piece === undefined) {
      this.#position += alike.length;
      return undefined;
    }
    const end = piece.rowCount;
    const lefts = new Uint32Array(alike.length * end);
    const rights = new Uint32Array(lefts.length);
    let at = 0;
    for (const left of alike) {
      for (let right = 0; right < end; right++) {
        lefts[at] = left;
        rights[at++] = right;
      }
    }
    return this.#joined(chunk, piece.columns, lefts, rights);
  }

  /** The next rows of the left chunk that have the same key: a few. */
  #alike({ selection }: Chunk, rows: number): number[] {
    const { compare } = this.#plan;
    const rowAt = (at: number): number =>
      selection === undefined ? at : selection[at]!;
    const first = rowAt(this.#position);
    const alike: number[] = [];
    for (let at = this.#position; at < rows; at++) {
      const row = rowAt(at);
      if (alike.length === LONG_ROWS) break;
      if (compare(this.#keys, row, this.#keys, first) !== 0) break;
      alike.push(row);
    }
    return alike;
  }

  /** Rows of the left side by whether they had a partner. */
  #unmatched(chunk: Chunk): Chunk | undefined {
    const { node: { join }, rightTypes } = this.#plan;
    if (join === "inner") return undefined;
    const wanted = join === "semi" ? 1 : 0;
    const rows = rowsWhere(
      chunk.selection,
      chunk.rowCount,
      (row) => this.#matched[row] === wanted,
    );
    if (rows.length === 0) return undefined;
    if (join !== "left") {
      const { columns, rowCount } = chunk;
      return { columns, rowCount, selection: rows };
    }
    return {
      columns: [
        ...chunk.columns.map((column) => gather(column, rows)),
        ...rightTypes.map((type) => constantColumn(type, null, rows.length)),
      ],
      rowCount: rows.length,
    };
  }

  usage(): OperatorUsage {
    return this.#window.usage;
  }

  close(): void {
    this.#left.close();
    this.#right.close();
    this.#window.close();
    this.#chunk = undefined;
    this.#isDone = true;
  }
}
