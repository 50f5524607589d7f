/**
 * `text[]`, of one dimension: what paths into JSON are given as. A value is the
 * canonical text of the array; in JavaScript it is an array of strings and
 * nulls.
 *
 * @module
 */
import { type ArrayElement, formatArray, parseArray } from "./array_text.ts";
import type { DataType, SqlValue } from "./data_type.ts";
import { textOfJs } from "./js_value.ts";
import { compareText } from "./text_order.ts";
import { checkText } from "./text_types.ts";

/** The elements of a value of `text[]`. */
export function elementsOf(value: SqlValue): ArrayElement[] {
  return parseArray(value as string);
}

function input(text: string): SqlValue {
  return formatArray(parseArray(checkText(text)));
}

/** Element by element, NULL last; a prefix before what it begins. */
function compare(a: SqlValue, b: SqlValue): number {
  if (a === b) return 0;
  const left = elementsOf(a);
  const right = elementsOf(b);
  const n = Math.min(left.length, right.length);
  for (let i = 0; i < n; i++) {
    const x = left[i]!;
    const y = right[i]!;
    if (x === null || y === null) {
      if (x !== y) return x === null ? 1 : -1;
    } else {
      const order = compareText(x, y);
      if (order !== 0) return order;
    }
  }
  return left.length - right.length;
}

/** `text[]`. */
export const textArray: DataType = {
  oid: 1009,
  name: "_text",
  displayName: "text[]",
  category: "A",
  preferred: false,
  length: -1,
  storage: "reference",
  input,
  output: (value) => value as string,
  compare,
  hashKey: (value) => value as string,
  fromJs: (value) =>
    Array.isArray(value)
      ? formatArray(
        value.map((item: unknown) =>
          item === null || item === undefined ? null : checkText(textOfJs(item))
        ),
      )
      : input(textOfJs(value)),
  toJs: elementsOf,
};
