/**
 * Subscripts of `hstore` as functions: what the analyzer puts for `h['key']`
 * and for assignments to it.
 *
 * @module
 */
import { hstore } from "../../../types/extensions/hstore_type.ts";
import { text } from "../../../types/text_types.ts";
import { define } from "../../define.ts";
import type { FunctionDefinition } from "../../definition.ts";
import { assign, valueOf } from "./hstore_operators.ts";

/** `value[key]`. */
export const hstoreSubscript: FunctionDefinition = {
  ...define(
    "hstore_subscript",
    [hstore, text],
    text,
    ([value, key]) => valueOf(value as string, key as string),
  ),
  deparse: ([value, key]) => `(${value})[${key}]`,
};

/** The value with `value[key]` assigned to. */
export const hstoreAssign: FunctionDefinition = define(
  "hstore_assign",
  [hstore, text, text],
  hstore,
  ([value, key, item]) => assign(value!, key!, item!),
  { strict: false },
);
