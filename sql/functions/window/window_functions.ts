/**
 * The window functions that are no aggregates.
 *
 * | function | looks at |
 * | --- | --- |
 * | `row_number` `rank` `dense_rank` `percent_rank` `cume_dist` | peers |
 * | `ntile` `lag` `lead` | the partition |
 * | `first_value` `last_value` `nth_value` | the frame |
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import type { DataType, Nullable } from "../../types/data_type.ts";
import { float8 } from "../../types/float_types.ts";
import { int4, int8 } from "../../types/int_types.ts";
import { anyElement } from "../../types/pseudo_types.ts";
import type {
  WindowFunctionDefinition,
  WindowRows,
} from "./window_function.ts";

type Open = WindowFunctionDefinition["open"];

function ranking(
  name: string,
  returnType: DataType,
  open: Open,
): WindowFunctionDefinition {
  return { name, argumentTypes: [], returnType, open };
}

/** A function whose result is of the type of its first argument. */
function ofElement(
  name: string,
  others: readonly DataType[],
  open: Open,
): WindowFunctionDefinition {
  return {
    name,
    argumentTypes: [anyElement, ...others],
    returnType: anyElement,
    specialize: ([type]) => ({
      name,
      argumentTypes: [
        type!,
        ...others.map((other) => other === anyElement ? type! : other),
      ],
      returnType: type!,
      open,
    }),
    open,
  };
}

/** `ntile(n)`: the larger buckets come first. */
function openNtile(rows: WindowRows): (row: number) => Nullable {
  const buckets = rows.count === 0 ? null : rows.argument(0, 0);
  if (buckets === null) return () => null;
  if (buckets as number <= 0) {
    throw new SqlError(
      "22014",
      "argument of ntile must be greater than zero",
    );
  }
  const size = Math.floor(rows.count / (buckets as number));
  const larger = rows.count % (buckets as number);
  const border = larger * (size + 1);
  return (row) =>
    row < border
      ? Math.floor(row / (size + 1)) + 1
      : larger + Math.floor((row - border) / size) + 1;
}

/** `lag` (`sign` -1) and `lead` (1), with a distance and a default if given. */
function shifted(sign: number, argumentCount: number): Open {
  return (rows) => (row) => {
    const distance = argumentCount > 1 ? rows.argument(1, row) : 1;
    if (distance === null) return null;
    const other = row + sign * (distance as number);
    if (other >= 0 && other < rows.count) return rows.argument(0, other);
    return argumentCount > 2 ? rows.argument(2, row) : null;
  };
}

function shiftedForms(name: string, sign: number): WindowFunctionDefinition[] {
  return [[], [int4], [int4, anyElement]].map((others) =>
    ofElement(name, others, shifted(sign, others.length + 1))
  );
}

function valueAt(rows: WindowRows, row: number): Nullable {
  return row < 0 ? null : rows.argument(0, row);
}

/** The window functions. */
export const windowFunctions: readonly WindowFunctionDefinition[] = [
  ranking("row_number", int8, () => (row) => row + 1),
  ranking("rank", int8, (rows) => (row) => rows.groupStart(row) + 1),
  ranking("dense_rank", int8, (rows) => (row) => rows.groupOf(row) + 1),
  ranking(
    "percent_rank",
    float8,
    (rows) => (row) =>
      rows.count > 1 ? rows.groupStart(row) / (rows.count - 1) : 0,
  ),
  ranking(
    "cume_dist",
    float8,
    (rows) => (row) => rows.groupEnd(row) / rows.count,
  ),
  { name: "ntile", argumentTypes: [int4], returnType: int4, open: openNtile },
  ...shiftedForms("lag", -1),
  ...shiftedForms("lead", 1),
  ofElement(
    "first_value",
    [],
    (rows) => (row) => valueAt(rows, rows.inFrame(row, 0)),
  ),
  ofElement(
    "last_value",
    [],
    (rows) => (row) => valueAt(rows, rows.lastInFrame(row)),
  ),
  ofElement("nth_value", [int4], (rows) => (row) => {
    const place = rows.argument(1, row);
    if (place === null) return null;
    if (place as number <= 0) {
      throw new SqlError(
        "22016",
        "argument of nth_value must be greater than zero",
      );
    }
    return valueAt(rows, rows.inFrame(row, place as number - 1));
  }),
];
