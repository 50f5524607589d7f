/**
 * Operators that an application writes in TypeScript: `Database.operator`.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type { OperatorDefinition } from "../functions/registry.ts";
import {
  type FunctionOptions,
  hostFunction,
  type NamedTypes,
} from "./host_functions.ts";

/** What `Database.operator` has to know. */
export interface OperatorOptions<
  L extends string,
  T extends string,
  R extends string,
  S extends boolean,
> {
  /** The type of the left operand; absent: it stands before its operand. */
  readonly left?: L;
  /** The type of the right operand. */
  readonly right: T;
  /** The type of the result. */
  readonly returns: R;
  /** As {@linkcode FunctionOptions.volatility}. */
  readonly volatility?: FunctionOptions<[], R, S>["volatility"];
  /** Whether NULL in any operand gives NULL without a call (default false). */
  readonly strict?: S;
}

/** Comparisons, of which the planner knows what they mean. */
const COMPARISONS: ReadonlySet<string> = new Set([
  "=",
  "<>",
  "<",
  "<=",
  ">",
  ">=",
]);

/** @throws {SqlError} `42602` for what SQL does not read as one operator. */
function checkSymbol(symbol: string): void {
  const isSymbol = /^[-+*\/<>=~!@#%^&|`?]{1,63}$/.test(symbol) &&
    !symbol.includes("--") && !symbol.includes("/*") && symbol !== "=>" &&
    symbol !== "!=" &&
    (symbol.length === 1 || !/[-+]$/.test(symbol) ||
      /[~!@#%^&|`?]/.test(symbol));
  if (!isSymbol || COMPARISONS.has(symbol)) {
    throw new SqlError("42602", `invalid operator name "${symbol}"`);
  }
}

/** The definition of an operator that an application wrote. */
export function hostOperator(
  types: NamedTypes,
  symbol: string,
  options: OperatorOptions<string, string, string, boolean>,
  implementation: (...args: never[]) => unknown,
): OperatorDefinition {
  checkSymbol(symbol);
  const { left, right, returns, volatility, strict } = options;
  const definition = hostFunction(
    types,
    symbol,
    {
      arguments: left === undefined ? [right] : [left, right],
      returns,
      ...volatility !== undefined && { volatility },
      ...strict !== undefined && { strict },
    },
    implementation,
  );
  const [first, second] = definition.argumentTypes;
  return {
    name: symbol,
    ...second !== undefined && { left: first! },
    right: second ?? first!,
    function: definition,
  };
}
