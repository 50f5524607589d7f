/**
 * Operator: UNION, INTERSECT, EXCEPT.
 *
 * UNION gives the left side's rows, then the right side's. The others count the
 * right side's rows first and then let the left side's rows pass by what there is.
 *
 * Where there are more different rows than memory is for, rows that are not counted yet
 * go into a file, parted by a hash, and the parts are taken one by one at the end.
 *
 * @module
 */
import { type MaybePromise, then } from "../../base/maybe_promise.ts";
import type { SpillFile } from "../access/temporary_files.ts";
import type { Chunk } from "../chunk/chunk.ts";
import type { SetOperationNode } from "../planner/logical_plan.ts";
import { rowsWhere } from "./column_tools.ts";
import type { Operator, OperatorUsage } from "./operator.ts";
import { typesOf } from "./output_types.ts";
import {
  openInput,
  type PhysicalPlan,
  pullAll,
  pullUntil,
} from "./physical_plan.ts";
import { bytesOfKey, type RowKey, rowKey } from "./row_key.ts";
import type { RunState } from "./run_state.ts";
import { type ChunkShape, chunkShape } from "./spill/chunk_bytes.ts";
import { HeldMemory } from "./spill/held_memory.ts";
import { LEVEL_MAX, Partitions } from "./spill/partitions.ts";
import type { SpilledRows } from "./spill/spilled_rows.ts";

/** A compiled set operation. */
export class SetOperationPlan implements PhysicalPlan {
  readonly node: SetOperationNode;
  readonly #left: PhysicalPlan;
  readonly #right: PhysicalPlan;
  /** How rows go into files; nothing where they cannot. */
  readonly shape: ChunkShape | undefined;

  /** Compiles the node over its sides. */
  constructor(node: SetOperationNode, left: PhysicalPlan, right: PhysicalPlan) {
    this.node = node;
    this.#left = left;
    this.#right = right;
    this.shape = chunkShape(typesOf(node));
  }

  /** Opens it. */
  open(run: RunState): Operator {
    const left = openInput(this.#left, run);
    return new SetOperation(this, left, openInput(this.#right, run), run);
  }
}

/** Rows of both sides that were put off. */
interface LaterRows {
  readonly left: SpilledRows;
  readonly right: SpilledRows;
  /** How often they were parted. */
  readonly level: number;
}

class SetOperation implements Operator {
  readonly #plan: SetOperationPlan;
  readonly #inputs: readonly Operator[];
  readonly #run: RunState;
  readonly #memory: HeldMemory;
  #left: Operator;
  #right: Operator;
  /** How many rows of the right side there are, or were given already. */
  readonly #counts = new Map<RowKey, number>();
  #leftDone = false;
  #rightDone = false;
  #file: SpillFile | undefined;
  /** Where rows go that are not counted, when there is no room for more. */
  #overflow:
    | { readonly left: Partitions; readonly right: Partitions }
    | undefined;
  readonly #later: LaterRows[] = [];
  #level = 0;
  #batches = 1;

  constructor(
    plan: SetOperationPlan,
    left: Operator,
    right: Operator,
    run: RunState,
  ) {
    this.#plan = plan;
    this.#inputs = [left, right];
    this.#left = left;
    this.#right = right;
    this.#run = run;
    this.#memory = new HeldMemory(run, plan.shape !== undefined);
  }

  next(): MaybePromise<Chunk | undefined> {
    if (this.#plan.node.operation !== "union" && !this.#rightDone) {
      return pullAll(
        () => {
          this.#run.checkAborted();
          return this.#right.next();
        },
        (chunk) => this.#countRight(chunk),
        () => {
          this.#rightDone = true;
          return this.next();
        },
      ) as MaybePromise<Chunk | undefined>;
    }
    return then(
      pullUntil(
        () => this.#pull(),
        (chunk) => this.#pass(chunk),
      ),
      (chunk) => {
        if (chunk !== undefined) return chunk;
        return this.#startLater() ? this.next() : undefined;
      },
    );
  }

  /** The next chunk of either side. */
  #pull(): MaybePromise<Chunk | undefined> {
    this.#run.checkAborted();
    if (!this.#leftDone) {
      const chunk = this.#left.next();
      if (chunk instanceof Promise) {
        return chunk.then((some) => some ?? this.#endOfLeft());
      }
      if (chunk !== undefined) return chunk;
    }
    return this.#endOfLeft();
  }

  #endOfLeft(): MaybePromise<Chunk | undefined> {
    this.#leftDone = true;
    return this.#rightDone ? undefined : this.#right.next();
  }

  #countRight(chunk: Chunk): void {
    const { columns, selection, rowCount } = chunk;
    const others = rowsWhere(selection, rowCount, (row) => {
      const key = rowKey(columns, row);
      const count = this.#counts.get(key);
      if (count === undefined && this.#overflow !== undefined) return true;
      this.#set(key, (count ?? 0) + 1);
      return false;
    });
    this.#putOff(chunk, others, this.#overflow?.right);
    this.#checkRoom();
  }

  #set(key: RowKey, count: number): void {
    if (!this.#counts.has(key)) this.#memory.take(bytesOfKey(key));
    this.#counts.set(key, count);
  }

  /** Puts rows off until those that are counted are given. */
  #putOff(
    { columns, rowCount }: Chunk,
    rows: Uint32Array,
    into: Partitions | undefined,
  ): void {
    if (rows.length === 0) return;
    into!.add(columns, rows, rowCount, (row) => rowKey(columns, row));
  }

  /** Counts no further rows where memory has no room for them. */
  #checkRoom(): void {
    if (this.#overflow !== undefined || !this.#memory.isFull) return;
    if (this.#level === LEVEL_MAX) this.#memory.requireRoom();
    const file = this.#file ??= this.#memory.createFile();
    const partitions = (): Partitions =>
      new Partitions(
        this.#plan.shape!,
        file,
        this.#level,
        this.#memory,
        this.#run,
      );
    this.#overflow = { left: partitions(), right: partitions() };
  }

  /** The rows of a chunk that are in the result. */
  #pass(chunk: Chunk): Chunk | undefined {
    const { columns, selection, rowCount } = chunk;
    const { operation, all } = this.#plan.node;
    if (operation === "union" && all) return chunk;
    const overflow = this.#overflow;
    const others = overflow === undefined ? NONE : rowsWhere(
      selection,
      rowCount,
      (row) => !this.#counts.has(rowKey(columns, row)),
    );
    this.#putOff(chunk, others, overflow?.left);
    const rows = rowsWhere(selection, rowCount, (row) => {
      const key = rowKey(columns, row);
      if (overflow !== undefined && !this.#counts.has(key)) return false;
      return this.#takes(key);
    });
    this.#checkRoom();
    return rows.length === 0
      ? undefined
      : { columns, rowCount, selection: rows };
  }

  #takes(key: RowKey): boolean {
    const { operation, all } = this.#plan.node;
    const count = this.#counts.get(key) ?? 0;
    switch (operation) {
      case "union":
        if (count === 0) this.#set(key, 1);
        return count === 0;
      case "intersect":
        if (count > 0) this.#set(key, all ? count - 1 : 0);
        return count > 0;
      case "except":
        if (all) {
          if (count > 0) this.#set(key, count - 1);
        } else if (count === 0) {
          this.#set(key, 1);
        }
        return count === 0;
    }
  }

  /** Goes on with rows that were put off; false if there are none. */
  #startLater(): boolean {
    if (this.#overflow !== undefined) {
      const { left, right } = this.#overflow;
      const rights = right.finish();
      left.finish().forEach((rows, part) => {
        if (rows.rowCount === 0) return;
        const level = this.#level + 1;
        this.#later.push({ left: rows, right: rights[part]!, level });
      });
    }
    this.#forget();
    const later = this.#later.pop();
    if (later === undefined) return false;
    this.#level = later.level;
    this.#batches++;
    this.#left = later.left.read();
    this.#right = later.right.read();
    this.#leftDone = false;
    this.#rightDone = false;
    return true;
  }

  #forget(): void {
    this.#overflow?.left.release();
    this.#overflow?.right.release();
    this.#overflow = undefined;
    this.#counts.clear();
    this.#memory.release();
  }

  usage(): OperatorUsage {
    return { ...this.#memory.usage, batches: this.#batches };
  }

  close(): void {
    for (const input of this.#inputs) input.close();
    this.#forget();
    this.#later.length = 0;
    this.#file?.close();
    this.#left = this.#right = { next: () => undefined, close: () => {} };
    this.#leftDone = true;
    this.#rightDone = true;
  }
}

const NONE = new Uint32Array(0);
