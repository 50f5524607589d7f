/**
 * The ranges of an index that a plan means, with the values of this run.
 *
 * @module
 */
import type { RangeRequest } from "../access/index_access.ts";
import { SqlError } from "../errors/sql_error.ts";
import { evaluate } from "../planner/evaluate.ts";
import type { IndexRange, KeyEnd, KeyValues } from "../planner/logical_plan.ts";
import type { ArrayValue, Nullable } from "../types/data_type.ts";
import type { RunState } from "./run_state.ts";

/** What is asked of an index but for how. */
export type KeyRangeRequest = Omit<
  RangeRequest,
  "backward" | "leading" | "wantsKeys"
>;

/** The most ranges of one scan that several keys make together. */
const RANGES_MAX = 100_000;

/** The ranges, none twice; none where a value is NULL. */
export function rangeRequests(
  range: IndexRange,
  run: RunState,
): KeyRangeRequest[] {
  const lower = endOf(range.lower, run);
  const upper = endOf(range.upper, run);
  if (lower === null || upper === null) return [];
  let prefixes: Nullable[][] = [[]];
  for (const key of range.equal) {
    const values = valuesOf(key, run);
    const count = prefixes.length * values.length;
    // An array alone is as long as it is.
    if (prefixes.length > 1 && count > RANGES_MAX) {
      throw new SqlError(
        "54000",
        "too many combinations of values in a filter",
      );
    }
    prefixes = prefixes.flatMap((prefix) =>
      values.map((value) => [...prefix, value])
    );
  }
  const { notNull } = range;
  return prefixes.map((equal) => ({ equal, lower, upper, notNull }));
}

/** An end of a range; null where its value is NULL: nothing is in the range. */
function endOf(
  end: KeyEnd | undefined,
  run: RunState,
): RangeRequest["lower"] | null {
  if (end === undefined) return undefined;
  const value = evaluate(end.value, run);
  return value === null ? null : { value, inclusive: end.inclusive };
}

/** The values of a key, none twice; NULL only where it is meant. */
export function valuesOf(
  { values, isArray, isNull }: KeyValues,
  run: RunState,
): Nullable[] {
  const [first] = values;
  if (isNull) return [null];
  if (values.length === 1 && !isArray) {
    const value = evaluate(first!, run);
    return value === null ? [] : [value];
  }
  const all = isArray
    ? (evaluate(first!, run) as ArrayValue | null)?.elements ?? []
    : values.map((value) => evaluate(value, run));
  const type = isArray ? first!.type.type.element! : first!.type.type;
  const sorted = all.filter((value) => value !== null)
    .sort((a, b) => type.compare(a, b));
  return sorted.filter((value, i) =>
    i === 0 || type.compare(value, sorted[i - 1]!) !== 0
  );
}
