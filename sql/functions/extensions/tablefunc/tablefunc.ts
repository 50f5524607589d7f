/**
 * The extension `tablefunc`: functions that give tables.
 *
 * @module
 */
import { SqlError } from "../../../errors/sql_error.ts";
import type { Nullable } from "../../../types/data_type.ts";
import { float8 } from "../../../types/float_types.ts";
import { int4 } from "../../../types/int_types.ts";
import type { FunctionContext } from "../../definition.ts";
import { setFunction } from "../../sets/set_define.ts";
import type { ExtensionParts } from "../extension.ts";
import { connectbyFunctions } from "./connectby.ts";
import { crosstabFunctions } from "./crosstab.ts";

/** Random numbers of a normal distribution (Box and Muller). */
function* normalRand(
  [count, mean, deviation]: readonly Nullable[],
  context: FunctionContext,
): Iterable<number> {
  if (count as number < 0) {
    throw new SqlError("22023", "number of rows cannot be negative");
  }
  for (let i = 0; i < (count as number); i++) {
    const radius = Math.sqrt(-2 * Math.log(1 - context.random()));
    const angle = 2 * Math.PI * context.random();
    yield (mean as number) + (deviation as number) * radius * Math.cos(angle);
  }
}

/** What `tablefunc` adds. */
export const tablefunc: ExtensionParts = {
  functions: [
    ...crosstabFunctions,
    ...connectbyFunctions,
    setFunction("normal_rand", [int4, float8, float8], float8, normalRand, {
      volatility: "volatile",
    }),
  ],
};
