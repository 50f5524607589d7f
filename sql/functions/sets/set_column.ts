/**
 * One column of a function that gives rows of several: what a select list makes of
 * such a call, a column at a time.
 *
 * @module
 */
import { then } from "../../../base/maybe_promise.ts";
import { ColumnBuilder, valueAt } from "../../chunk/chunk.ts";
import type { FunctionDefinition } from "../definition.ts";
import type { SetColumn, SetSource } from "./set_source.ts";

/** The function that gives column `index` of the rows of `definition`. */
export function setColumnFunction(
  definition: FunctionDefinition,
  columns: readonly SetColumn[],
  index: number,
): FunctionDefinition {
  const { name, argumentTypes, strict, volatility, set } = definition;
  const column = columns[index]!;
  return {
    name: `${name}.${column.name}`,
    argumentTypes,
    returnType: column.type.type,
    strict,
    volatility,
    set: (args, context) =>
      then(
        set!(args, context, columns),
        (rows) => columnSource(rows, columns, index),
      ),
  };
}

function columnSource(
  rows: SetSource,
  columns: readonly SetColumn[],
  index: number,
): SetSource {
  return {
    fill([wanted], count): number {
      const builders = columns.map(({ type }) => new ColumnBuilder(type.type));
      const filled = rows.fill(builders, count);
      const values = builders[index]!.finish();
      for (let row = 0; row < filled; row++) {
        wanted!.append(valueAt(values, row));
      }
      return filled;
    },
  };
}
