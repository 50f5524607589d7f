/**
 * What types of applications can do without a function of theirs: comparison,
 * `min` and `max`, where they have an order.
 *
 * @module
 */
import type { DataType } from "../../types/data_type.ts";
import { extremeAggregate } from "../aggregates/value_aggregates.ts";
import type { FunctionRegistry } from "../registry.ts";
import { comparisonOperatorsOf } from "./comparison_operators.ts";

/** Adds the operators and aggregates of a type that an application defines. */
export function registerHostType(
  registry: FunctionRegistry,
  type: DataType,
): void {
  if (type.comparable === false) return;
  registry.registerOperators(comparisonOperatorsOf(type));
  registry.registerAggregates([
    extremeAggregate("min", type),
    extremeAggregate("max", type),
  ]);
}
