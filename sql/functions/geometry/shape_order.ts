/**
 * `<`, `<=`, `>`, `>=` of shapes by their size.
 *
 * @module
 */
import type { DataType } from "../../types/data_type.ts";
import {
  isAtLeast,
  isAtMost,
  isLess,
  isMore,
} from "../../types/geometry/fuzzy.ts";
import type { Shape } from "../../types/geometry/shapes.ts";
import type { OperatorDefinition } from "../registry.ts";
import { test } from "./geometric_define.ts";

const ORDERINGS: readonly (readonly [
  string,
  string,
  string,
  (a: number, b: number) => boolean,
])[] = [
  ["<", ">", ">=", isLess],
  ["<=", ">=", ">", isAtMost],
  [">", "<", "<=", isMore],
  [">=", "<=", "<", isAtLeast],
];

/** The operators that compare sizes. */
export function orderings(
  type: DataType,
  sizeOf: (shape: Shape) => number,
): OperatorDefinition[] {
  return ORDERINGS.map(([name, commutator, negator, form]) =>
    test(name, type, type, (a, b) => form(sizeOf(a), sizeOf(b)), {
      commutator,
      negator,
    })
  );
}
