/**
 * Comparison of rows as values, and rows as JSON.
 *
 * @module
 */
import { bool } from "../../types/bool_type.ts";
import { json } from "../../types/json_types.ts";
import { record } from "../../types/row/row_type.ts";
import { COMPARISONS, holds } from "../comparison/comparison_operators.ts";
import { binary, define, infix } from "../define.ts";
import { rowTextOf } from "../json/json_build.ts";
import type { FunctionDefinition, OperatorDefinition } from "../registry.ts";

/** The operators of comparison between rows. */
export const rowOperators: readonly OperatorDefinition[] = COMPARISONS.map(
  ([operator, commutator, negator]) =>
    infix(
      binary(operator, [record, record], bool, holds(record, operator)),
      { commutator, negator },
    ),
);

/** Functions of rows. */
export const rowFunctions: readonly FunctionDefinition[] = [
  define(
    "row_to_json",
    [record],
    json,
    ([row], { datetime }) => rowTextOf(row!, datetime),
    { volatility: "stable" },
  ),
  define(
    "row_to_json",
    [record, bool],
    json,
    ([row, pretty], { datetime }) => rowTextOf(row!, datetime, pretty === true),
    { volatility: "stable" },
  ),
];
