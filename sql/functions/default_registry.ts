/**
 * The functions, operators and aggregates that every database has; each concept
 * has a folder of its own.
 *
 * @module
 */
import type { TypeRegistry } from "../types/type_registry.ts";
import { arrayAggregates } from "./array/array_aggregates.ts";
import { arrayFunctions } from "./array/array_functions.ts";
import { arrayOperators } from "./array/array_operators.ts";
import { binaryFunctions } from "./text/binary_functions.ts";
import { catalogFunctions } from "./system/catalog_functions.ts";
import { comparisonOperators } from "./comparison/comparison_operators.ts";
import { registerHostType } from "./comparison/host_type_functions.ts";
import {
  datetimeFunctions,
  datetimeOperators,
} from "./datetime/datetime_functions.ts";
import { enumFunctions, enumOperators } from "./comparison/enum_functions.ts";
import { floatOperators } from "./numeric/float_operators.ts";
import { zoneFunctions, zoneOperators } from "./datetime/zone_functions.ts";
import {
  timetzFunctions,
  timetzOperators,
} from "./datetime/timetz_functions.ts";
import { overlapsFunctions } from "./datetime/overlaps.ts";
import { formattingFunctions } from "./formatting/formatting_functions.ts";
import { formatFunctions } from "./text/format_functions.ts";
import { keywordFunctions } from "./system/keyword_functions.ts";
import { integerOperators } from "./numeric/integer_operators.ts";
import {
  intervalFunctions,
  intervalOperators,
} from "./datetime/interval_operators.ts";
import {
  jsonAccessFunctions,
  jsonAccessOperators,
} from "./json/json_access.ts";
import { jsonAggregates } from "./json/json_aggregates.ts";
import { jsonBuildFunctions } from "./json/json_build.ts";
import {
  jsonPathFunctions,
  jsonPathOperators,
} from "./json/path/path_functions.ts";
import { jsonPairFunctions } from "./json/json_pairs.ts";
import { jsonPopulateFunctions } from "./json/json_populate.ts";
import { jsonSetFunctions } from "./json/json_sets.ts";
import {
  jsonChangeFunctions,
  jsonChangeOperators,
} from "./json/json_change.ts";
import { mathFunctions } from "./numeric/math_functions.ts";
import {
  numericFunctions,
  numericPowerOperators,
} from "./numeric/numeric_math.ts";
import { moneyFunctions, moneyOperators } from "./numeric/money_functions.ts";
import {
  hardwareFunctions,
  hardwareOperators,
} from "./network/hardware_functions.ts";
import {
  networkFunctions,
  networkOperators,
} from "./network/network_functions.ts";
import { snapshotFunctions } from "./system/snapshot_functions.ts";
import {
  linearFunctions,
  linearOperators,
} from "./geometry/point_operators.ts";
import {
  polygonalFunctions,
  polygonalOperators,
} from "./geometry/polygon_operators.ts";
import { roundFunctions, roundOperators } from "./geometry/round_operators.ts";
import { conversionFunctions } from "./geometry/conversion_functions.ts";
import { placeOperators } from "./system/place_functions.ts";
import { numericOperators } from "./numeric/numeric_operators.ts";
import { regexSetFunctions } from "./text/regex_sets.ts";
import { unicodeFunctions } from "./text/unicode_functions.ts";
import { specialFunctions } from "./numeric/special_functions.ts";
import { regressionAggregates } from "./aggregates/regression_aggregates.ts";
import { sizeFunctions } from "./system/size_functions.ts";
import { regexFunctions } from "./text/regex_functions.ts";
import { rowFunctions, rowOperators } from "./row/row_operators.ts";
import {
  bitAggregates,
  bitFunctions,
  bitOperators,
} from "./bits/bit_functions.ts";
import { byteBitFunctions } from "./bits/byte_bits.ts";
import { rangeAggregates } from "./range/range_aggregates.ts";
import { rangeFunctions } from "./range/range_functions.ts";
import { rangeOperators } from "./range/range_operators.ts";
import { FunctionRegistry } from "./registry.ts";
import { seriesFunctions } from "./sets/generate_series.ts";
import { sumAggregates } from "./aggregates/sum_aggregates.ts";
import { advisoryFunctions } from "./system/advisory_functions.ts";
import { sequenceFunctions } from "./system/sequence_functions.ts";
import { privilegeFunctions } from "./system/privilege_functions.ts";
import { sessionFunctions } from "./system/session_functions.ts";
import { systemFunctions } from "./system/system_functions.ts";
import { serverFunctions } from "./system/server_functions.ts";
import { timeZoneFunctions } from "./system/time_zone_functions.ts";
import { valueSizeFunctions } from "./system/value_size.ts";
import {
  tsQueryFunctions,
  tsQueryOperators,
} from "./text_search/ts_query_functions.ts";
import {
  tsVectorFunctions,
  tsVectorOperators,
} from "./text_search/ts_vector_functions.ts";
import { jsonVectorFunctions } from "./text_search/json_vectors.ts";
import { tsStatFunctions } from "./text_search/ts_stat.ts";
import { textFunctions } from "./text/text_functions.ts";
import { textOperators } from "./text/text_operators.ts";
import { valueAggregates } from "./aggregates/value_aggregates.ts";
import { varianceAggregates } from "./aggregates/variance_aggregates.ts";
import { vectorAggregates } from "./aggregates/vector_aggregates.ts";
import {
  distanceFunctions,
  distanceOperators,
} from "./vector/distance_functions.ts";
import { vectorFunctions, vectorOperators } from "./vector/vector_operators.ts";
import {
  hypotheticalAggregates,
  orderedSetAggregates,
} from "./aggregates/ordered_set.ts";
import { windowFunctions } from "./window/window_functions.ts";

/**
 * A registry of the functions, operators and aggregates that every database
 * has.
 */
export function createFunctionRegistry(
  types?: TypeRegistry,
): FunctionRegistry {
  const registry = new FunctionRegistry();
  registry.registerOperators([
    ...comparisonOperators,
    ...enumOperators,
    ...integerOperators,
    ...floatOperators,
    ...numericOperators,
    ...numericPowerOperators,
    ...textOperators,
    ...datetimeOperators,
    ...zoneOperators,
    ...timetzOperators,
    ...intervalOperators,
    ...jsonAccessOperators,
    ...jsonChangeOperators,
    ...jsonPathOperators,
    ...vectorOperators,
    ...distanceOperators,
    ...arrayOperators,
    ...rowOperators,
    ...rangeOperators,
    ...bitOperators,
    ...tsVectorOperators,
    ...tsQueryOperators,
    ...moneyOperators,
    ...networkOperators,
    ...hardwareOperators,
    ...placeOperators,
    ...linearOperators,
    ...roundOperators,
    ...polygonalOperators,
  ]);
  registry.registerFunctions([
    ...mathFunctions,
    ...numericFunctions,
    ...textFunctions,
    ...formatFunctions,
    ...regexFunctions,
    ...regexSetFunctions,
    ...unicodeFunctions,
    ...specialFunctions,
    ...sizeFunctions,
    ...binaryFunctions,
    ...datetimeFunctions,
    ...zoneFunctions,
    ...timetzFunctions,
    ...overlapsFunctions,
    ...formattingFunctions,
    ...intervalFunctions,
    ...jsonAccessFunctions,
    ...jsonChangeFunctions,
    ...jsonBuildFunctions,
    ...jsonPairFunctions,
    ...jsonPathFunctions,
    ...jsonSetFunctions,
    ...jsonPopulateFunctions,
    ...tsVectorFunctions,
    ...tsQueryFunctions,
    ...vectorFunctions,
    ...distanceFunctions,
    ...arrayFunctions,
    ...rowFunctions,
    ...rangeFunctions,
    ...bitFunctions,
    ...byteBitFunctions,
    ...privilegeFunctions,
    ...sessionFunctions,
    ...systemFunctions,
    ...timeZoneFunctions,
    ...serverFunctions,
    ...tsStatFunctions,
    ...jsonVectorFunctions,
    ...valueSizeFunctions,
    ...seriesFunctions,
    ...catalogFunctions,
    ...keywordFunctions,
    ...enumFunctions,
    ...sequenceFunctions,
    ...advisoryFunctions,
    ...moneyFunctions,
    ...networkFunctions,
    ...linearFunctions,
    ...conversionFunctions,
    ...roundFunctions,
    ...polygonalFunctions,
    ...snapshotFunctions,
    ...hardwareFunctions,
  ]);
  registry.registerAggregates([
    ...sumAggregates,
    ...vectorAggregates,
    ...varianceAggregates,
    ...regressionAggregates,
    ...valueAggregates,
    ...jsonAggregates,
    ...arrayAggregates,
    ...rangeAggregates,
    ...bitAggregates,
  ]);
  registry.registerOrderedSets(orderedSetAggregates, hypotheticalAggregates);
  registry.registerWindowFunctions(windowFunctions);
  types?.eachHostType((type) => registerHostType(registry, type));
  return registry;
}
