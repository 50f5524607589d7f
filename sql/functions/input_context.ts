/**
 * What the input of types may ask while a statement runs.
 *
 * @module
 */
import type { FunctionContext } from "./registry.ts";
import type { InputContext } from "../types/data_type.ts";

/** What `functions` may ask, as the input of types asks it. */
export function inputContextOf(functions: FunctionContext): InputContext {
  return {
    now: () => functions.transactionTimestamp,
    get datetime() {
      return functions.datetime;
    },
    catalog: (question, args) => functions.catalog?.(question, args) ?? null,
  };
}
