/**
 * What a window function sees of the rows around one, and what it says about
 * itself. Rows are numbered within their partition, in the window's order.
 *
 * @module
 */
import type { DataType, Nullable } from "../../types/data_type.ts";

/** The rows of one partition. */
export interface WindowRows {
  /** How many there are. */
  readonly count: number;
  /** The value of an argument in a row. */
  argument(index: number, row: number): Nullable;
  /** The number of the row's peer group, from 0. */
  groupOf(row: number): number;
  /** The first row of its peer group. */
  groupStart(row: number): number;
  /** The row behind its peer group. */
  groupEnd(row: number): number;
  /** The `place`-th row of a row's frame, from 0; -1 if there is none. */
  inFrame(row: number, place: number): number;
  /** The last row of a row's frame; -1 if it is empty. */
  lastInFrame(row: number): number;
}

/** A window function. */
export interface WindowFunctionDefinition {
  /** The name, lower case. */
  readonly name: string;
  /** The types of the arguments. */
  readonly argumentTypes: readonly DataType[];
  /** The type of the result. */
  readonly returnType: DataType;
  /** As for functions: the definition for the types of one call. */
  readonly specialize?: (
    types: readonly DataType[],
  ) => WindowFunctionDefinition;
  /** Begins with a partition: what it gives for each of its rows, in order. */
  open(rows: WindowRows): (row: number) => Nullable;
}
