/**
 * Queries that functions of `tablefunc` run, and values of theirs under other
 * types, by way of their text.
 *
 * @module
 */
import { SqlError } from "../../../errors/sql_error.ts";
import { castValue } from "../../../types/cast.ts";
import type { Nullable, RowField } from "../../../types/data_type.ts";
import { unknown } from "../../../types/text_types.ts";
import type { FunctionContext, RoutineAccess } from "../../definition.ts";
import { inputContextOf } from "../../input_context.ts";
import type { SetColumn } from "../../sets/set_source.ts";

/** What runs queries. @throws {SqlError} `0A000` where there is nothing. */
export function queriesOf({ routines }: FunctionContext): RoutineAccess {
  if (routines !== undefined) return routines;
  throw new SqlError("0A000", "a function that runs a query cannot run here");
}

/** What brings rows of `from` to the types of `to`. */
export function converters(
  from: readonly (RowField | undefined)[],
  to: readonly SetColumn[],
  context: FunctionContext,
): (row: readonly Nullable[]) => Nullable[] {
  const input = inputContextOf(context);
  const each = to.map(({ type: target }, i) => {
    const source = from[i]?.type.type;
    if (source === undefined || source === target.type) {
      return (value: Nullable): Nullable => value;
    }
    return (value: Nullable): Nullable =>
      value === null ? null : castValue(
        source.output(value, context.datetime),
        unknown,
        target,
        "assignment",
        input,
      );
  });
  return (row) => row.map((value, i) => each[i]!(value));
}
