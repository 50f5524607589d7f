/**
 * Advisory locks (PostgreSQL, chapter 9.28.10); the host keeps them.
 *
 * @module
 */
import { bool } from "../../types/bool_type.ts";
import type { DataType } from "../../types/data_type.ts";
import { int4, int8 } from "../../types/int_types.ts";
import { voidType } from "../../types/pseudo_types.ts";
import type { FunctionDefinition } from "../registry.ts";

function hosted(
  name: string,
  argumentTypes: readonly DataType[],
  returnType: DataType,
): FunctionDefinition {
  return {
    name,
    argumentTypes,
    returnType,
    strict: true,
    volatility: "volatile",
    async: (args, context) => context.host(name, args),
  };
}

/** Both forms of a key. */
function both(name: string, returnType: DataType): FunctionDefinition[] {
  return [[int8], [int4, int4]].map((types) => hosted(name, types, returnType));
}

/** Functions that take advisory locks, and give them back. */
export const advisoryFunctions: readonly FunctionDefinition[] = [
  ...["", "_shared"].flatMap((suffix) => [
    ...both(`pg_advisory_lock${suffix}`, voidType),
    ...both(`pg_try_advisory_lock${suffix}`, bool),
    ...both(`pg_advisory_xact_lock${suffix}`, voidType),
    ...both(`pg_try_advisory_xact_lock${suffix}`, bool),
    ...both(`pg_advisory_unlock${suffix}`, bool),
  ]),
  hosted("pg_advisory_unlock_all", [], voidType),
];
