/**
 * What functions, operators and aggregates say about themselves; `registry.ts`
 * finds them by name.
 *
 * @module
 */
import type { Column } from "../chunk/chunk.ts";
import type { MaybePromise } from "../../base/maybe_promise.ts";
import type {
  DataType,
  Nullable,
  RowField,
  TypeRef,
} from "../types/data_type.ts";
import type { DateTimeSettings } from "../types/datetime_settings.ts";
import type { ImplicitCasts } from "./resolution.ts";
import type { SetColumn, SetSource } from "./sets/set_source.ts";

/** What a running statement tells the functions in it. */
export interface FunctionContext {
  /** `now()`: when the transaction began, microseconds since 2000-01-01. */
  readonly transactionTimestamp: number;
  /** When the statement began; absent: as the transaction. */
  readonly statementTimestamp?: number;
  /** How the session writes dates and times; absent: the defaults. */
  readonly datetime?: DateTimeSettings | undefined;
  /** The clock, microseconds since 2000-01-01. */
  clock(): number;
  /** A number in [0, 1). */
  random(): number;
  /** Random bytes. */
  randomBytes(bytes: Uint8Array): Uint8Array;
  /** A setting's value as text, as SHOW gives it. */
  setting(name: string): string | undefined;
  /**
   * What a function about the catalog answers, at once: `pg_get_viewdef`.
   * Absent: there is no catalog.
   */
  catalog?(name: string, args: readonly Nullable[]): Nullable;
  /**
   * What a function about the session answers, at once: `pg_notify`. Absent:
   * there is no session.
   */
  session?(name: string, args: readonly Nullable[]): Nullable;
  /** The sequences; absent where there are none. */
  readonly sequences?: SequenceAccess | undefined;
  /** What runs the routines of the database; absent where there are none. */
  readonly routines?: RoutineAccess | undefined;
  /** What a function of the database itself answers: `lsm_s3_flush`. */
  host(name: string, args: readonly Nullable[]): Promise<Nullable>;
}

/** A routine of the catalog as one call has it. */
export interface RoutineCall {
  /** The entry of the catalog. */
  readonly entry: unknown;
  /** The types of what it is given, in the order of its declaration. */
  readonly argumentTypes: readonly DataType[];
  /** What it returns, in this call. */
  readonly returnType: TypeRef;
  /** The columns of its result where that is a row. */
  readonly columns: readonly SetColumn[] | undefined;
  /** Whether whoever calls waits for the result. */
  readonly waits: boolean;
}

/** The rows of a query, and what their columns are. */
export interface QueryRows {
  readonly fields: readonly RowField[];
  readonly rows: readonly (readonly Nullable[])[];
}

/** What runs routines of the catalog. */
export interface RoutineAccess {
  /** How many triggers fire now, one within another. */
  readonly triggerDepth: number;
  /** The rows of a query that a function is given as text. */
  query(text: string): MaybePromise<QueryRows>;
  /** The value that a call gives. */
  value(call: RoutineCall, args: readonly Nullable[]): MaybePromise<Nullable>;
  /** The rows that a call gives. */
  rows(
    call: RoutineCall,
    args: readonly Nullable[],
    columns: readonly SetColumn[],
  ): MaybePromise<SetSource>;
  /** The rows of a transition table of the trigger that fires. */
  transition(name: string): SetSource;
}

/** What functions ask of sequences, each named by a text. */
export interface SequenceAccess {
  /** Draws the next number. */
  next(name: string): bigint;
  /** The last number that this session drew from it. */
  current(name: string): bigint;
  /** The last number that this session drew from any. */
  last(): bigint;
  /** Sets where it stands; `called`: the number counts as drawn. */
  set(name: string, value: bigint, called: boolean): void;
  /** Where it stands. */
  place(name: string): { readonly last: bigint; readonly called: boolean };
  /** The name of the sequence that goes with a column. */
  ofColumn(table: string, column: string): string | undefined;
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

/**
 * The form of a set-returning function: the rows of one call. `columns` are those
 * wanted, which only a function of type `record` needs to look at.
 */
export type SetForm = (
  args: readonly Nullable[],
  context: FunctionContext,
  columns: readonly SetColumn[],
) => MaybePromise<SetSource>;

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
  /**
   * Makes the definition for the argument types of one call, where an argument
   * is `any`, `anyelement` or `anynonarray`; `resolveFunction` has called it
   * already, so that what it returns has a form and no such types.
   */
  readonly specialize?: (types: readonly DataType[]) => FunctionDefinition;
  /** The definition; exactly one of `scalar`, `async` and `set` is there. */
  readonly scalar?: ScalarForm;
  /** The definition of a function that waits for storage. */
  readonly async?: AsyncForm;
  /** The definition of a set-returning function. */
  readonly set?: SetForm;
  /** The columns of its rows, where they have names of their own. */
  readonly columns?: readonly SetColumn[] | "record";
  /** The same over a chunk, where it pays. */
  readonly column?: ColumnForm;
  /** What stands in its place in FROM: rows of the fields of its value. */
  readonly inFrom?: FunctionDefinition;
  /** What makes rows: their fields, which the last arguments are. */
  readonly rowFields?: readonly RowField[];
  /** A call as SQL text, where it is not written `name(arguments)`. */
  readonly deparse?: (args: readonly string[]) => string;
  /** The routine of the catalog that it calls. */
  readonly routine?: RoutineCall;
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
  /** The operator of the catalog that it is; absent: every database has it. */
  readonly entry?: { readonly id: number; readonly schema: string };
}

/** Operators and casts that a catalog has besides. */
export interface CatalogOperators {
  /** The operators of a symbol; `schema` absent: by the search path. */
  operators(
    schema: string | undefined,
    name: string,
  ): readonly OperatorDefinition[];
  /** Whether a cast of the catalog makes the one the other by itself. */
  readonly casts: ImplicitCasts;
}

/** The running state of an aggregate over one group. */
export interface AggregateState {
  /** Takes one row's arguments; a strict aggregate never sees NULL. */
  step(args: readonly Nullable[]): void;
  /**
   * Takes the rows `rows` (all below `rowCount` when absent) of the arguments'
   * columns at once, NULLs included: the same as `step` for each of them.
   */
  stepColumns?(
    args: readonly Column[],
    rowCount: number,
    rows: Uint32Array | undefined,
  ): void;
  /** The result so far. */
  finish(): Nullable;
}

/**
 * The running state of an aggregate over rows that come at one end and go at the
 * other, as a window's frame moves on.
 */
export interface SlidingState extends AggregateState {
  /** Takes back the oldest row; `args` are what `step` was given for it. */
  remove(args: readonly Nullable[]): void;
}

/** The states of an aggregate for all groups: what a state for each would give. */
export interface GroupStates {
  /** About how many bytes a group takes. */
  readonly groupBytes: number;
  /** Makes room for groups with numbers below `count`. */
  grow(count: number): void;
  /**
   * Takes the rows `rows` (all below `rowCount` when absent) of the arguments' columns,
   * NULLs included; `groups` has their groups, by row.
   */
  step(
    args: readonly Column[],
    rowCount: number,
    rows: Uint32Array | undefined,
    groups: Int32Array,
  ): void;
  /** The results of the first `count` groups, a row each. */
  finish(count: number): Column;
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
  /** Whether its state keeps the values it takes (default false). */
  readonly gathers?: boolean | undefined;
  /** As for functions: the definition for the types of one call. */
  readonly specialize?: (types: readonly DataType[]) => AggregateDefinition;
  /** A new group's state. */
  create(context: FunctionContext): AggregateState;
  /** States for many groups, without an object for each; absent where there are none. */
  readonly grouped?: (() => GroupStates) | undefined;
  /**
   * A new state that can take back rows, with the same result as a new state
   * over the rows that are left; absent where that is not possible.
   */
  readonly sliding?: () => SlidingState;
}
