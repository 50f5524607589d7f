/**
 * A plan for one run: parameters whose values are known become constants, so
 * that estimates, bounds of partitions and conditions of indexes see them.
 *
 * Values that are large stay parameters: nothing is learned from looking at them,
 * and each run would carry them through every pass.
 *
 * @module
 */
import { replaceExpressions } from "../analyzer/walk.ts";
import type { ArrayValue, Nullable } from "../types/data_type.ts";
import { Numeric } from "../types/numeric.ts";
import { mapExpressions } from "./expressions_of.ts";
import type { LogicalPlan } from "./logical_plan.ts";
import { mapPlan } from "./plan_tree.ts";

const TEXT_MAX = 1000;
const ELEMENTS_MAX = 100;

/** `plan` with constants for parameters, by their values. */
export function withParameters(
  plan: LogicalPlan,
  values: readonly Nullable[],
): LogicalPlan {
  return mapPlan(plan, (node) =>
    mapExpressions(
      node,
      (expression) =>
        replaceExpressions(expression, (part) => {
          if (part.kind !== "parameter") return undefined;
          const value = values[part.index];
          if (value === undefined || !isSmall(value)) return undefined;
          const { type, offset } = part;
          return { kind: "constant", value, type, offset };
        }),
    ));
}

function isSmall(value: Nullable): boolean {
  if (typeof value === "string") return value.length <= TEXT_MAX;
  if (value === null || typeof value !== "object") return true;
  if (value instanceof Numeric) return true;
  const { elements } = value as Partial<ArrayValue>;
  return Array.isArray(elements) && elements.length <= ELEMENTS_MAX &&
    elements.every((each) => isSmall(each));
}
