/**
 * The functions, operators and aggregates that every database has.
 *
 * @module
 */
import { binaryFunctions } from "./binary_functions.ts";
import { comparisonOperators } from "./comparison_operators.ts";
import { datetimeFunctions, datetimeOperators } from "./datetime_functions.ts";
import { floatOperators } from "./float_operators.ts";
import { formatFunctions } from "./format_functions.ts";
import { integerOperators } from "./integer_operators.ts";
import { intervalFunctions, intervalOperators } from "./interval_operators.ts";
import { jsonAccessFunctions, jsonAccessOperators } from "./json_access.ts";
import { jsonAggregates, jsonBuildFunctions } from "./json_build.ts";
import { jsonChangeFunctions, jsonChangeOperators } from "./json_change.ts";
import { mathFunctions } from "./math_functions.ts";
import { numericFunctions, numericPowerOperators } from "./numeric_math.ts";
import { numericOperators } from "./numeric_operators.ts";
import { regexFunctions } from "./regex_functions.ts";
import { FunctionRegistry } from "./registry.ts";
import { sumAggregates } from "./sum_aggregates.ts";
import { systemFunctions } from "./system_functions.ts";
import { textFunctions } from "./text_functions.ts";
import { textOperators } from "./text_operators.ts";
import { valueAggregates } from "./value_aggregates.ts";
import { varianceAggregates } from "./variance_aggregates.ts";
import { vectorFunctions, vectorOperators } from "./vector_operators.ts";

/**
 * A registry of the functions, operators and aggregates that every database
 * has.
 */
export function createFunctionRegistry(): FunctionRegistry {
  const registry = new FunctionRegistry();
  registry.registerOperators([
    ...comparisonOperators,
    ...integerOperators,
    ...floatOperators,
    ...numericOperators,
    ...numericPowerOperators,
    ...textOperators,
    ...datetimeOperators,
    ...intervalOperators,
    ...jsonAccessOperators,
    ...jsonChangeOperators,
    ...vectorOperators,
  ]);
  registry.registerFunctions([
    ...mathFunctions,
    ...numericFunctions,
    ...textFunctions,
    ...formatFunctions,
    ...regexFunctions,
    ...binaryFunctions,
    ...datetimeFunctions,
    ...intervalFunctions,
    ...jsonAccessFunctions,
    ...jsonChangeFunctions,
    ...jsonBuildFunctions,
    ...vectorFunctions,
    ...systemFunctions,
  ]);
  registry.registerAggregates([
    ...sumAggregates,
    ...varianceAggregates,
    ...valueAggregates,
    ...jsonAggregates,
  ]);
  return registry;
}
