/**
 * What a cast is: a row of PostgreSQL's `pg_cast`.
 *
 * @module
 */
import type {
  DataType,
  InputContext,
  Nullable,
  SqlValue,
} from "./data_type.ts";

/** Where a cast is wanted: each allows what those before it allow. */
export type CoercionContext = "implicit" | "assignment" | "explicit";

/** Converts a value; NULL can come of it (`jsonb` null), never go in. */
export type Convert = (value: SqlValue, context?: InputContext) => Nullable;

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
  readonly context: CoercionContext;
  /** Converts; absent where both have the same form (binary coercible). */
  readonly convert?: Convert;
  /** What converts where the target has a modifier that says how. */
  readonly convertTo?: (typmod: number) => Convert;
}
