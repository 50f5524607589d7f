/**
 * Functions, operators and aggregates: what they are, and how a name with
 * argument types finds one.
 *
 * A function is registered once: in a scalar form, which defines it, and where
 * it pays in a column form that computes the same over a chunk. Resolution
 * follows PostgreSQL's chapter 10 (Type Conversion): exact match, then binary
 * coercible and implicit casts, preferred types, `unknown` literals last.
 *
 * @module
 */
import type { Column } from "../chunk/chunk.ts";
import type { DataType, Nullable, SqlValue } from "../types/data_type.ts";

/** What a running statement tells the functions in it. */
export interface FunctionContext {
  /** `now()`: when the transaction began, microseconds since 2000-01-01. */
  readonly transactionTimestamp: number;
  /** The clock, microseconds since 2000-01-01. */
  clock(): number;
  /** A number in [0, 1). */
  random(): number;
  /** Random bytes. */
  randomBytes(bytes: Uint8Array): Uint8Array;
  /** A setting's value as text, as SHOW gives it. */
  setting(name: string): string | undefined;
  /** What a function of the database itself answers: `lsm_s3_flush`. */
  host(name: string, args: readonly Nullable[]): Promise<Nullable>;
}

/** Whether the result depends on the arguments alone. */
export type Volatility = "immutable" | "stable" | "volatile";

/**
 * The scalar form. Arguments are in their types' forms. A strict function never
 * sees NULL.
 */
export type ScalarForm = (
  args: readonly Nullable[],
  context: FunctionContext,
) => Nullable;

/**
 * The form of a function that has to wait for storage (`lsm_s3_flush`); allowed
 * in a select list only, and never pushed down, folded or reordered.
 */
export type AsyncForm = (
  args: readonly Nullable[],
  context: FunctionContext,
) => Promise<Nullable>;

/**
 * The column form: the same function over rows `rows` (all rows below
 * `rowCount` when absent). Returns a column with the chunk's row numbers. NULLs
 * of a strict function are already known to the caller: it combines the
 * validity of the arguments itself and passes `validity` on.
 */
export type ColumnForm = (
  args: readonly Column[],
  rowCount: number,
  rows: Uint32Array | undefined,
  validity: Uint32Array | undefined,
  context: FunctionContext,
) => Column;

/** A function. */
export interface FunctionDefinition {
  /** The name, lower case. */
  readonly name: string;
  /** The types of the arguments. */
  readonly argumentTypes: readonly DataType[];
  /** Whether the last argument may be repeated (VARIADIC). */
  readonly variadic?: boolean;
  /** The type of the result. */
  readonly returnType: DataType;
  /** Whether NULL in any argument makes NULL without a call. */
  readonly strict: boolean;
  /** Whether the result depends on the arguments alone. */
  readonly volatility: Volatility;
  /** The definition; exactly one of `scalar` and `async` is there. */
  readonly scalar?: ScalarForm;
  /** The definition of a function that waits for storage. */
  readonly async?: AsyncForm;
  /** The same over a chunk, where it pays. */
  readonly column?: ColumnForm;
}

/** A unary or binary operator: another name for a function. */
export interface OperatorDefinition {
  /** The symbol: `<->`. */
  readonly name: string;
  /** The left operand's type; absent for a prefix operator. */
  readonly left?: DataType;
  /** The right operand's type. */
  readonly right: DataType;
  /** What computes it. */
  readonly function: FunctionDefinition;
  /** The operator with the operands exchanged: `>` for `<`. */
  readonly commutator?: string;
  /** The operator that answers the opposite: `>=` for `<`. */
  readonly negator?: string;
}

/** The running state of an aggregate over one group. */
export interface AggregateState {
  /** Takes one row's arguments; a strict aggregate never sees NULL. */
  step(args: readonly Nullable[]): void;
  /** The result so far. */
  finish(): Nullable;
}

/** An aggregate. */
export interface AggregateDefinition {
  /** The name, lower case. */
  readonly name: string;
  /** The types of the arguments; empty for `count(*)`. */
  readonly argumentTypes: readonly DataType[];
  /** The type of the result. */
  readonly returnType: DataType;
  /** Whether rows with NULL in an argument are left out. */
  readonly strict: boolean;
  /** A new group's state. */
  create(): AggregateState;
}

/** A cast from one type to another (pg_cast). */
export interface CastDefinition {
  /** From which type. */
  readonly source: DataType;
  /** To which type. */
  readonly target: DataType;
  /**
   * Where it applies by itself: `implicit` anywhere, `assignment` when storing
   * into a column, `explicit` only when asked for.
   */
  readonly context: "implicit" | "assignment" | "explicit";
  /** Converts; absent where both have the same form (binary coercible). */
  readonly convert?: (value: SqlValue) => SqlValue;
}
