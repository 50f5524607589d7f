/**
 * A join of more rows than memory is for: both sides parted by the keys, then a part
 * of one joined with the same part of the other (GRACE hash join; DeWitt et al. 1984,
 * "Implementation Techniques for Main Memory Database Systems").
 *
 * @module
 */
import { type MaybePromise, then } from "../../../base/maybe_promise.ts";
import type { SpillFile } from "../../access/temporary_files.ts";
import type { Chunk, Column } from "../../chunk/chunk.ts";
import type { ColumnExpression } from "../column_expression.ts";
import type { Operator } from "../operator.ts";
import { pullAll } from "../physical_plan.ts";
import { rowKey } from "../row_key.ts";
import type { RunState } from "../run_state.ts";
import type { ChunkShape } from "./chunk_bytes.ts";
import type { HeldMemory } from "./held_memory.ts";
import { Partitions } from "./partitions.ts";
import type { SpilledRows } from "./spilled_rows.ts";

/** A side of a join that is to be parted. */
export interface JoinSide {
  readonly shape: ChunkShape;
  readonly keys: readonly ColumnExpression[];
  /** Its rows, those that are parted already left out. */
  readonly rows: Operator;
}

/** What a partitioned join is made of. */
export interface PartitionedJoinParts {
  readonly left: JoinSide;
  readonly right: JoinSide;
  /** How often the rows were parted before. */
  readonly level: number;
  readonly memory: HeldMemory;
  readonly run: RunState;
  /** The join of two parts. */
  join(left: Operator, right: Operator): Operator;
}

/** A join, part by part. */
export class PartitionedJoin implements Operator {
  readonly #parts: PartitionedJoinParts;
  readonly #file: SpillFile;
  readonly #right: Partitions;
  readonly #left: Partitions;
  #pairs: (readonly [SpilledRows, SpilledRows])[] | undefined;
  #current: Operator | undefined;

  /** No rows are parted yet. */
  constructor(parts: PartitionedJoinParts) {
    this.#parts = parts;
    const { memory, level, run } = parts;
    this.#file = memory.createFile();
    const partitions = ({ shape }: JoinSide): Partitions =>
      new Partitions(shape, this.#file, level, memory, run);
    this.#right = partitions(parts.right);
    this.#left = partitions(parts.left);
  }

  /** Adds rows of the right side that are in memory. */
  addRight(
    columns: readonly Column[],
    keys: readonly Column[],
    rowCount: number,
  ): void {
    const keyOf = (row: number) => rowKey(keys, row);
    this.#right.add(columns, undefined, rowCount, keyOf);
  }

  next(): MaybePromise<Chunk | undefined> {
    if (this.#pairs !== undefined) return this.#pull();
    const { left, right } = this.#parts;
    return then(
      this.#part(right, this.#right),
      () =>
        then(this.#part(left, this.#left), () => {
          const rights = this.#right.finish();
          const lefts = this.#left.finish();
          this.#pairs = lefts.map((each, i) => [each, rights[i]!]);
          this.#left.release();
          this.#right.release();
          return this.#pull();
        }),
    );
  }

  /** Parts the rows of a side. */
  #part({ rows, keys }: JoinSide, into: Partitions): MaybePromise<void> {
    const { run } = this.#parts;
    return pullAll(
      () => {
        run.checkAborted();
        return rows.next();
      },
      (chunk) => {
        const { columns, selection, rowCount } = chunk;
        const values = keys.map((key) => key(chunk, selection, run));
        into.add(columns, selection, rowCount, (row) => rowKey(values, row));
      },
      () => {},
    );
  }

  /** The next rows of the part at hand, then of the others. */
  #pull(): MaybePromise<Chunk | undefined> {
    for (;;) {
      if (this.#current === undefined) {
        const pair = this.#pairs!.shift();
        if (pair === undefined) return undefined;
        const [left, right] = pair;
        if (left.rowCount + right.rowCount === 0) continue;
        this.#current = this.#parts.join(left.read(), right.read());
      }
      const chunk = this.#current.next();
      if (chunk instanceof Promise) {
        return chunk.then((some) => some ?? (this.#end(), this.#pull()));
      }
      if (chunk !== undefined) return chunk;
      this.#end();
    }
  }

  #end(): void {
    this.#current?.close();
    this.#current = undefined;
  }

  close(): void {
    this.#end();
    this.#pairs = [];
    this.#left.release();
    this.#right.release();
    this.#file.close();
  }
}
