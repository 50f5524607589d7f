/**
 * Short ways to write set-returning functions.
 *
 * @module
 */
import type { DataType, Nullable } from "../../types/data_type.ts";
import type { FunctionContext, FunctionDefinition } from "../registry.ts";
import {
  rowsSource,
  type SetColumn,
  type SetSource,
  valuesSource,
} from "./set_source.ts";

/** What a definition may say besides name, types and form. */
export interface SetOptions {
  /** Default true: no rows where an argument is NULL. */
  readonly strict?: boolean;
  /** Default `immutable`. */
  readonly volatility?: FunctionDefinition["volatility"];
  /** The name of the one column, where it has one: an OUT parameter. */
  readonly columnName?: string;
}

/** A function that gives rows of one column. */
export function setFunction(
  name: string,
  argumentTypes: readonly DataType[],
  returnType: DataType,
  values: (args: readonly Nullable[], context: FunctionContext) =>
    | SetSource
    | Iterable<Nullable>,
  options: SetOptions = {},
): FunctionDefinition {
  const { columnName } = options;
  return {
    name,
    argumentTypes,
    returnType,
    strict: options.strict ?? true,
    volatility: options.volatility ?? "immutable",
    set: (args, context) => {
      const rows = values(args, context);
      return typeof rows === "object" && "fill" in rows &&
          !(Symbol.iterator in rows)
        ? rows
        : valuesSource(rows as Iterable<Nullable>);
    },
    ...(columnName === undefined ? {} : {
      columns: [{ name: columnName, type: { type: returnType, typmod: -1 } }],
    }),
  };
}

/** A function that gives rows of several columns; `returnType` is `record`. */
export function rowSetFunction(
  name: string,
  argumentTypes: readonly DataType[],
  returnType: DataType,
  columns: readonly (readonly [name: string, type: DataType])[],
  rows: (
    args: readonly Nullable[],
    context: FunctionContext,
  ) => Iterable<readonly Nullable[]>,
  options: Omit<SetOptions, "columnName"> = {},
): FunctionDefinition {
  return {
    name,
    argumentTypes,
    returnType,
    strict: options.strict ?? true,
    volatility: options.volatility ?? "immutable",
    set: (args, context) => rowsSource(rows(args, context)),
    columns: columns.map(([column, type]): SetColumn => ({
      name: column,
      type: { type, typmod: -1 },
    })),
  };
}
