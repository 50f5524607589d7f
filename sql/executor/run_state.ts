/**
 * What one run of a plan shares between its operators and expressions.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type { MaybePromise } from "../../base/maybe_promise.ts";
import type { Chunk, Column } from "../chunk/chunk.ts";
import type { FunctionContext } from "../functions/registry.ts";
import type { Environment } from "../planner/evaluate.ts";
import type { LogicalPlan } from "../planner/logical_plan.ts";
import type { DataType, InputContext, Nullable } from "../types/data_type.ts";
import { constantColumn } from "./column_tools.ts";
import { inputContextOf } from "../functions/input_context.ts";
import type { TransactionHandle } from "../transaction/transaction_handle.ts";
import type { ExecutionContext, Operator } from "./operator.ts";

/** Wraps an operator to observe it: EXPLAIN ANALYZE. */
export type Observe = (node: LogicalPlan, operator: Operator) => Operator;

/** Rows that several operators read. */
export interface SharedRows {
  /** The chunk of that number, or `undefined` at the end. */
  chunk(index: number): MaybePromise<Chunk | undefined>;
}

/**
 * What a run that can put rows into files may hold besides, however small `work_mem`
 * is: what the rows of a chunk make.
 */
const ROOM_BYTES_MIN = 4 * 1024 * 1024;

/** The state of one run. */
export class RunState implements Environment {
  /** What the session gave. */
  readonly context: ExecutionContext;
  /**
   * The transaction that changes go to; that of the context is what is read,
   * which may be the state before them.
   */
  readonly writes: TransactionHandle;
  /** Rows that the statement has inserted, updated or deleted so far. */
  affectedRows = 0;
  /** The values of the parameters. */
  readonly parameters: readonly Nullable[];
  /** What functions may ask. */
  readonly functions: FunctionContext;
  /** Wraps operators, where somebody looks on. */
  readonly observe: Observe | undefined;
  #inputContext: InputContext | undefined;
  #external: Map<number, Operator> | undefined;
  #parameterColumns: (Column | undefined)[] | undefined;
  readonly #slots: Nullable[] = [];
  readonly #slotColumns: (Column | undefined)[] = [];
  #slotFailures: Map<number, SqlError> | undefined;
  #ctes: Map<number, SharedRows> | undefined;
  #memos: Map<unknown, unknown> | undefined;
  #memoryBytes = 0;
  #spillableBytes = 0;

  /** The state of a run that starts. */
  constructor(
    context: ExecutionContext,
    observe?: Observe,
    writes: TransactionHandle = context.cursorLocks ?? context.transaction,
  ) {
    this.context = context;
    this.writes = writes;
    this.parameters = context.parameters;
    this.functions = context.functions;
    this.observe = observe;
  }

  /** What casts from text may ask. */
  get inputContext(): InputContext {
    return this.#inputContext ??= inputContextOf(this.functions);
  }

  /** A parameter as a column of at least `rowCount` rows. */
  parameterColumn(index: number, type: DataType, rowCount: number): Column {
    const columns = this.#parameterColumns ??= [];
    const known = columns[index];
    if (
      known !== undefined && known.values.length >= rowCount &&
      known.type === type
    ) return known;
    const value = this.parameters[index] ?? null;
    return columns[index] = constantColumn(type, value, rowCount);
  }

  /**
   * The value in a slot.
   *
   * @throws what computing it has thrown: an error is one only when the value is
   * asked for.
   */
  slot(slot: number): Nullable {
    const failure = this.#slotFailures?.get(slot);
    if (failure !== undefined) throw failure;
    return this.#slots[slot] ?? null;
  }

  /** Sets a slot: what a query sees of the row around it. */
  setSlot(slot: number, value: Nullable): void {
    while (this.#slots.length <= slot) {
      this.#slots.push(null);
      this.#slotColumns.push(undefined);
    }
    this.#slots[slot] = value;
    this.#slotColumns[slot] = undefined;
    this.#slotFailures?.delete(slot);
  }

  /** Sets a slot to a value that could not be computed. */
  failSlot(slot: number, error: SqlError): void {
    this.setSlot(slot, null);
    (this.#slotFailures ??= new Map()).set(slot, error);
  }

  /** A slot as a column of at least `rowCount` rows. */
  slotColumn(slot: number, type: DataType, rowCount: number): Column {
    const known = this.#slotColumns[slot];
    if (known !== undefined && known.values.length >= rowCount) return known;
    const column = constantColumn(type, this.slot(slot), rowCount);
    if (slot < this.#slots.length) this.#slotColumns[slot] = column;
    return column;
  }

  /** Rows for `external` nodes, by relation. */
  get external(): Map<number, Operator> {
    return this.#external ??= new Map();
  }

  /** What the queries of WITH give, by number. */
  get ctes(): Map<number, SharedRows> {
    return this.#ctes ??= new Map();
  }

  /** What `make` makes, once in this run for each `key`. */
  memo<T>(key: unknown, make: () => T): T {
    const memos = this.#memos ??= new Map();
    if (!memos.has(key)) memos.set(key, make());
    return memos.get(key) as T;
  }

  /**
   * Accounts for `bytes` more of state that operators hold and that has to be in
   * memory (or fewer, if negative).
   *
   * @throws {SqlError} `53200` when it is more than the run may hold.
   */
  account(bytes: number): void {
    this.#memoryBytes += bytes;
    // Who lets go is never refused: it may be closing what failed.
    if (bytes > 0) this.requireRoom(this.#memoryBytes);
  }

  /**
   * Checks that `bytes` that have to be in memory may be there.
   *
   * @throws {SqlError} `53200` when they are more than the run may hold.
   */
  requireRoom(bytes: number): void {
    const { settings: { memoryBytesMax }, temporaryFiles } = this.context;
    const room = temporaryFiles === undefined ? 0 : ROOM_BYTES_MIN;
    if (bytes > Math.max(memoryBytesMax, room)) {
      throw new SqlError("53200", "out of memory", {
        detail:
          `The statement holds more than ${memoryBytesMax} bytes in sorts and groups.`,
        hint:
          "Raise work_mem, or let the database write temporary files if it may not.",
      });
    }
  }

  /** The bytes that operators hold. */
  get memoryBytes(): number {
    return this.#memoryBytes + this.#spillableBytes;
  }

  /**
   * Accounts for `bytes` more of state whose holder puts it into files when it is more
   * than its share.
   */
  hold(bytes: number): void {
    this.#spillableBytes += bytes;
  }

  /** A promise to wait for before going on, when it is time to pause. */
  pause(): Promise<void> | undefined {
    return this.context.signal?.pause?.();
  }

  /** Stops when the run was aborted. */
  checkAborted(): void {
    this.context.signal?.throwIfAborted();
  }
}
