/**
 * Operator: a join whose right side is read once. Rows of the right side are kept
 * in a hash table by the values that must be equal; without such values every pair
 * is looked at.
 *
 * Where the right side is more than memory is for, both sides are parted by the keys
 * and joined part by part (`spill/partitioned_join.ts`). Where they cannot be, as there
 * are no keys or the rows of a part have all the same, the right side is read in
 * blocks, and the left side once for each.
 *
 * Pairs are made in batches of a chunk, whatever the number of partners of a row.
 * What else the condition says is evaluated over such a batch.
 *
 * @module
 */
import { isPromise, type MaybePromise } from "../../base/maybe_promise.ts";
import { type Chunk, CHUNK_ROWS } from "../chunk/chunk.ts";
import type { JoinNode } from "../planner/logical_plan.ts";
import { constantColumn, countOf, gather, rowsWhere } from "./column_tools.ts";
import { JoinTable } from "./join_table.ts";
import { type KeyStorage, keyStorageOf } from "./hashing/key_index.ts";
import type { Operator, OperatorUsage } from "./operator.ts";
import { KeyedJoin } from "./keyed_join.ts";
import { openInput, type PhysicalPlan, pullAll } from "./physical_plan.ts";
import type { RunState } from "./run_state.ts";
import { type ChunkShape, chunkShape } from "./spill/chunk_bytes.ts";
import { HeldMemory } from "./spill/held_memory.ts";
import { LeftRows } from "./spill/left_rows.ts";
import { PartitionedJoin } from "./spill/partitioned_join.ts";
import { LEVEL_MAX } from "./spill/partitions.ts";

/** A compiled join. */
export class JoinPlan extends KeyedJoin implements PhysicalPlan {
  /** How the keys of both sides are kept. */
  readonly keyStorages: readonly KeyStorage[];
  readonly #left: PhysicalPlan;
  readonly #right: PhysicalPlan;
  #shapes: JoinShapes | undefined | null = null;

  /** Compiles a join of two nodes. */
  constructor(node: JoinNode, left: PhysicalPlan, right: PhysicalPlan) {
    super(node);
    this.#left = left;
    this.#right = right;
    this.keyStorages = this.keyTypes.map((type, i) =>
      keyStorageOf(this.leftKeyTypes[i]!, type)
    );
  }

  /** How the rows of the sides go into files; nothing where they cannot. */
  get shapes(): JoinShapes | undefined {
    if (this.#shapes === null) {
      const left = chunkShape(this.leftTypes);
      const right = chunkShape(this.rightTypes);
      this.#shapes = left && right && { left, right };
    }
    return this.#shapes;
  }

  /** Opens it. */
  open(run: RunState): Operator {
    const left = openInput(this.#left, run);
    return new Join(this, left, openInput(this.#right, run), run, 0);
  }
}

interface JoinShapes {
  readonly left: ChunkShape;
  readonly right: ChunkShape;
}

class Join implements Operator {
  readonly #plan: JoinPlan;
  readonly #left: Operator;
  readonly #right: Operator;
  readonly #run: RunState;
  /** How often the rows were parted by their keys. */
  readonly #level: number;
  readonly #memory: HeldMemory;
  #table: JoinTable;
  /** What joins the parts of both sides, where those are parted. */
  #parted: PartitionedJoin | undefined;
  /** The left side, where it is read for each block of the right side. */
  #blocks: LeftRows | undefined;
  #batches = 1;
  #isBuilt = false;
  #isDone = false;
  /** The chunk of the left side that is being paired. */
  #chunk: Chunk | undefined;
  /** The first partner of each of its rows. */
  #partners: Int32Array = new Int32Array(0);
  /** The position among its rows, and the next partner of the row there. */
  #position = 0;
  #partner = -1;
  #isAtRow = false;
  #matched: Uint8Array = new Uint8Array(0);
  #leftDone = false;
  #rightDone = false;
  /** Full joins: how many rows of the right side were looked at at the end. */
  #given = 0;

  constructor(
    plan: JoinPlan,
    left: Operator,
    right: Operator,
    run: RunState,
    level: number,
  ) {
    this.#plan = plan;
    this.#left = left;
    this.#right = right;
    this.#run = run;
    this.#level = level;
    this.#memory = new HeldMemory(run, plan.shapes !== undefined);
    this.#table = this.#newTable();
  }

  #newTable(): JoinTable {
    const { rightTypes, keyTypes, keyStorages, node } = this.#plan;
    return new JoinTable(
      rightTypes,
      keyTypes,
      keyStorages,
      node.join === "full",
      this.#run,
      this.#memory,
    );
  }

  next(): MaybePromise<Chunk | undefined> {
    if (this.#isDone) return undefined;
    if (this.#parted !== undefined) return this.#parted.next();
    return this.#isBuilt ? this.#pair() : this.#build();
  }

  /** Reads the right side, or a block of it. */
  #build(): MaybePromise<Chunk | undefined> {
    for (;;) {
      this.#run.checkAborted();
      const chunk = this.#right.next();
      if (isPromise(chunk)) {
        return chunk.then((some) =>
          this.#take(some) ? this.#build() : this.#begin()
        );
      }
      if (!this.#take(chunk)) return this.#begin();
    }
  }

  /** Adds rows of the right side; whether there is room for more. */
  #take(chunk: Chunk | undefined): boolean {
    if (chunk === undefined) {
      this.#rightDone = true;
      return false;
    }
    const keys = this.#plan.rightKeys.map((key) =>
      key(chunk, chunk.selection, this.#run)
    );
    this.#table.append(chunk, keys);
    return !this.#memory.isFull;
  }

  /** Begins to join, with the rows of the right side that are there. */
  #begin(): MaybePromise<Chunk | undefined> {
    const { shapes, keyTypes } = this.#plan;
    if (this.#rightDone || this.#blocks !== undefined) return this.#joinBlock();
    if (keyTypes.length > 0 && this.#level < LEVEL_MAX) {
      return this.#part(shapes!);
    }
    const blocks = this.#blocks = new LeftRows(shapes!.left, this.#memory);
    return pullAll(
      () => {
        this.#run.checkAborted();
        return this.#left.next();
      },
      (chunk) => blocks.append(chunk),
      () => this.#joinBlock(),
    ) as MaybePromise<Chunk | undefined>;
  }

  /** Joins by parts of equal keys. */
  #part({ left, right }: JoinShapes): MaybePromise<Chunk | undefined> {
    const { leftKeys, rightKeys } = this.#plan;
    const parted = this.#parted = new PartitionedJoin({
      left: { shape: left, keys: leftKeys, rows: this.#left },
      right: { shape: right, keys: rightKeys, rows: this.#right },
      level: this.#level,
      memory: this.#memory,
      run: this.#run,
      join: (lefts, rights) => this.#child(lefts, rights),
    });
    const { columns, keys, rowCount } = this.#table.takeRows();
    parted.addRight(columns, keys, rowCount);
    return parted.next();
  }

  /** The join of two parts. */
  #child(left: Operator, right: Operator): Operator {
    this.#batches++;
    const child = new Join(
      this.#plan,
      left,
      right,
      this.#run,
      this.#level + 1,
    );
    return {
      next: () => child.next(),
      close: () => {
        this.#memory.include(child.#memory);
        this.#batches += child.#batches - 1;
        child.close();
      },
    };
  }

  /** Joins the rows of the right side that are there with the left side. */
  #joinBlock(): MaybePromise<Chunk | undefined> {
    this.#table.finish();
    this.#isBuilt = true;
    this.#blocks?.rewind();
    const { join } = this.#plan.node;
    const needsPartner = join === "inner" || join === "semi";
    if (
      needsPartner && this.#table.count === 0 && this.#blocks === undefined
    ) {
      this.#isDone = true;
      return undefined;
    }
    return this.#pair();
  }

  /** Lets go of a block of the right side and reads the next. */
  #nextBlock(): MaybePromise<Chunk | undefined> {
    this.#batches++;
    this.#table.release();
    this.#table = this.#newTable();
    this.#isBuilt = false;
    this.#leftDone = false;
    this.#given = 0;
    return this.#build();
  }

  /** Gives pairs. */
  #pair(): MaybePromise<Chunk | undefined> {
    for (;;) {
      this.#run.checkAborted();
      const pause = this.#run.pause();
      if (pause !== undefined) return pause.then(() => this.#pair());
      if (this.#chunk !== undefined) {
        const result = this.#step(this.#chunk);
        if (result !== undefined) return result;
        continue;
      }
      if (this.#leftDone) {
        const rows = this.#unmatchedRight();
        if (rows !== undefined || this.#rightDone) return rows;
        return this.#nextBlock();
      }
      const chunk = this.#blocks === undefined
        ? this.#left.next()
        : this.#blocks.next();
      if (isPromise(chunk)) {
        return chunk.then((some) => {
          this.#start(some);
          return this.#isDone ? undefined : this.#pair();
        });
      }
      this.#start(chunk);
    }
  }

  #start(chunk: Chunk | undefined): void {
    this.#chunk = chunk;
    if (chunk === undefined) {
      this.#leftDone = true;
      return;
    }
    const { selection, rowCount } = chunk;
    const keys = this.#plan.leftKeys.map((key) =>
      key(chunk, selection, this.#run)
    );
    this.#partners = this.#table.firstOf(keys, selection, rowCount);
    this.#matched = this.#blocks?.matched ?? new Uint8Array(chunk.rowCount);
    this.#position = 0;
    this.#isAtRow = false;
  }

  /** The next rows from a chunk of the left side; nothing where none came. */
  #step(chunk: Chunk): Chunk | undefined {
    const { join } = this.#plan.node;
    const isHalf = join === "semi" || join === "anti";
    const lefts = new Uint32Array(CHUNK_ROWS);
    const rights = new Uint32Array(CHUNK_ROWS);
    const count = this.#collect(
      chunk,
      lefts,
      rights,
      isHalf && this.#plan.rest === undefined,
    );
    if (count > 0) {
      const pairs = this.#pairs(
        chunk,
        lefts.subarray(0, count),
        rights.subarray(0, count),
      );
      if (pairs !== undefined && !isHalf) return pairs;
      return undefined;
    }
    // All its rows are paired: what is left of it.
    this.#chunk = undefined;
    if (join === "inner" || !this.#rightDone) return undefined;
    const wanted = join === "semi" ? 1 : 0;
    const rows = rowsWhere(
      chunk.selection,
      chunk.rowCount,
      (row) => this.#matched[row] === wanted,
    );
    if (rows.length === 0) return undefined;
    if (isHalf) {
      const { columns, rowCount } = chunk;
      return { columns, rowCount, selection: rows };
    }
    return {
      columns: [
        ...chunk.columns.map((column) => gather(column, rows)),
        ...this.#plan.rightTypes.map((type) =>
          constantColumn(type, null, rows.length)
        ),
      ],
      rowCount: rows.length,
    };
  }

  /** Collects pairs until there is a chunk of them; returns how many. */
  #collect(
    { selection, rowCount }: Chunk,
    lefts: Uint32Array,
    rights: Uint32Array,
    onlyWhether: boolean,
  ): number {
    const rows = countOf(selection, rowCount);
    const table = this.#table;
    let count = 0;
    while (this.#position < rows && count < CHUNK_ROWS) {
      const row = selection === undefined
        ? this.#position
        : selection[this.#position]!;
      if (!this.#isAtRow) {
        this.#partner = this.#partners[row]!;
        this.#isAtRow = true;
      }
      if (onlyWhether) {
        if (this.#partner >= 0) this.#matched[row] = 1;
        this.#partner = -1;
      }
      while (this.#partner >= 0 && count < CHUNK_ROWS) {
        lefts[count] = row;
        rights[count] = this.#partner;
        count++;
        this.#partner = table.after(this.#partner);
      }
      if (this.#partner >= 0) break;
      this.#position++;
      this.#isAtRow = false;
    }
    return count;
  }

  /** The pairs for which the condition is true, noted as matched. */
  #pairs(
    chunk: Chunk,
    lefts: Uint32Array,
    rights: Uint32Array,
  ): Chunk | undefined {
    const columns = [
      ...chunk.columns.map((column) => gather(column, lefts)),
      ...this.#table.columns.map((column) => gather(column, rights)),
    ];
    const all: Chunk = { columns, rowCount: lefts.length };
    const { rest, node } = this.#plan;
    const selection = rest?.(all, this.#run);
    const count = countOf(selection, lefts.length);
    if (node.join !== "inner") {
      for (let i = 0; i < count; i++) {
        const pair = selection === undefined ? i : selection[i]!;
        this.#matched[lefts[pair]!] = 1;
        this.#table.match(rights[pair]!);
      }
    }
    return count === 0 ? undefined : { ...all, selection };
  }

  /** Full joins: the rows of the right side that have no partner. */
  #unmatchedRight(): Chunk | undefined {
    const table = this.#table;
    if (this.#plan.node.join !== "full") return undefined;
    const rows = new Uint32Array(CHUNK_ROWS);
    let count = 0;
    while (this.#given < table.count && count < CHUNK_ROWS) {
      if (!table.isMatched(this.#given)) rows[count++] = this.#given;
      this.#given++;
    }
    if (count === 0) return undefined;
    const some = rows.subarray(0, count);
    return {
      columns: [
        ...this.#plan.leftTypes.map((type) =>
          constantColumn(type, null, count)
        ),
        ...table.columns.map((column) => gather(column, some)),
      ],
      rowCount: count,
    };
  }

  usage(): OperatorUsage {
    return { ...this.#memory.usage, batches: this.#batches };
  }

  close(): void {
    this.#left.close();
    this.#right.close();
    this.#parted?.close();
    this.#blocks?.close();
    this.#table.release();
    this.#memory.release();
    this.#chunk = undefined;
    this.#isDone = true;
  }
}
