/**
 * The functions, operators and aggregates that every database has.
 *
 * @module
 */
import { comparisonOperators } from "./comparison_operators.ts";
import { floatOperators } from "./float_operators.ts";
import { integerOperators } from "./integer_operators.ts";
import { numericOperators } from "./numeric_operators.ts";
import { FunctionRegistry } from "./registry.ts";
import { sumAggregates } from "./sum_aggregates.ts";
import { systemFunctions } from "./system_functions.ts";
import { textOperators } from "./text_operators.ts";
import { valueAggregates } from "./value_aggregates.ts";
import { vectorFunctions, vectorOperators } from "./vector_operators.ts";

/**
 * A registry of the functions, operators and aggregates that every database
 * has.
 */
export function createFunctionRegistry(): FunctionRegistry {
  const registry = new FunctionRegistry();
  registry.registerOperators(comparisonOperators);
  registry.registerOperators(integerOperators);
  registry.registerOperators(floatOperators);
  registry.registerOperators(numericOperators);
  registry.registerOperators(textOperators);
  registry.registerOperators(vectorOperators);
  registry.registerFunctions(vectorFunctions);
  registry.registerFunctions(systemFunctions);
  registry.registerAggregates(sumAggregates);
  registry.registerAggregates(valueAggregates);
  return registry;
}
