/**
 * Functions about the catalog: the session answers them, through
 * `context.catalog`, for the transaction's catalog and the search path.
 *
 * @module
 */
import { bool } from "../../types/bool_type.ts";
import type { DataType } from "../../types/data_type.ts";
import { arrayTypeOf } from "../../types/array/array_type.ts";
import { name } from "../../types/text_types.ts";
import { define } from "../define.ts";
import type { FunctionDefinition } from "../registry.ts";

/** A function that the session answers, under the same name. */
function asked(
  functionName: string,
  argumentTypes: readonly DataType[],
  returnType: DataType,
): FunctionDefinition {
  return define(
    functionName,
    argumentTypes,
    returnType,
    (args, context) => context.catalog?.(functionName, args) ?? null,
    { volatility: "stable" },
  );
}

/** Functions about the catalog. */
export const catalogFunctions: readonly FunctionDefinition[] = [
  asked("current_schema", [], name),
  asked("current_schemas", [bool], arrayTypeOf(name)!),
];
