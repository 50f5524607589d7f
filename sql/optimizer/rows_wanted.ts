/**
 * How many rows a LIMIT and an OFFSET need of what is below them.
 *
 * @module
 */
import type { LimitNode } from "../planner/logical_plan.ts";
import { isVolatile } from "../planner/volatility.ts";

/** LIMIT and OFFSET together as a LIMIT, if that is known and stays the same. */
export function rowsWanted(
  { limit, offset }: Pick<LimitNode, "limit" | "offset">,
): Pick<LimitNode, "limit" | "offset"> | undefined {
  if (offset === undefined) {
    return limit !== undefined && isVolatile(limit)
      ? undefined
      : { limit, offset };
  }
  if (limit?.kind !== "constant" || offset.kind !== "constant") {
    return undefined;
  }
  if (limit.value === null || offset.value === null) return undefined;
  const wanted = Number(limit.value);
  const rows = wanted + Number(offset.value);
  if (wanted < 0 || rows < wanted || !Number.isSafeInteger(rows)) {
    return undefined;
  }
  const value = typeof limit.value === "bigint" ? BigInt(rows) : rows;
  return { limit: { ...limit, value }, offset: undefined };
}
