/**
 * Operators between arrays of one type: comparison, containment, overlap, and
 * `||` between arrays and with elements.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import type { SqlArray } from "../../types/array/array_value.ts";
import { bool } from "../../types/bool_type.ts";
import type { DataType, Nullable, SqlValue } from "../../types/data_type.ts";
import {
  anyArray,
  anyCompatible,
  anyCompatibleArray,
} from "../../types/pseudo_types.ts";
import { COMPARISONS, holds } from "../comparison/comparison_operators.ts";
import { infix } from "../define.ts";
import type { FunctionDefinition, OperatorDefinition } from "../registry.ts";
import { polymorphicTo } from "./array_define.ts";
import {
  appendFunction,
  concatenateFunction,
  prependFunction,
} from "./array_growth.ts";

/**
 * Refuses types whose values cannot be compared.
 *
 * @throws {SqlError} `42883`.
 */
export function requireComparison(
  type: DataType,
  what: "a comparison function" | "an equality operator",
): void {
  if (type.comparable !== false) return;
  throw new SqlError(
    "42883",
    `could not identify ${what} for type ${type.displayName}`,
  );
}

/** The operators of comparison. */
function comparisons(): OperatorDefinition[] {
  return COMPARISONS.map(([operator, commutator, negator]) =>
    infix(
      polymorphicTo(operator, [anyArray, anyArray], bool, ([type]) => {
        const isEquality = operator === "=" || operator === "<>";
        requireComparison(
          type!.element!,
          isEquality ? "an equality operator" : "a comparison function",
        );
        const form = holds(type!, operator);
        return ([a, b]) => form(a!, b!);
      }),
      { commutator, negator },
    )
  );
}

/** The keys of the elements that are not NULL. */
function keysOf(
  type: DataType,
  { elements }: SqlArray,
): Set<string | number | bigint | boolean> {
  const keys = new Set<string | number | bigint | boolean>();
  for (const element of elements) {
    if (element !== null) keys.add(type.hashKey(element));
  }
  return keys;
}

/** Whether each element of `part` is one of `whole`; NULL is none. */
function contains(type: DataType, whole: SqlValue, part: SqlValue): boolean {
  const keys = keysOf(type, whole as SqlArray);
  return (part as SqlArray).elements.every((element) =>
    element !== null && keys.has(type.hashKey(element))
  );
}

function overlaps(type: DataType, a: SqlValue, b: SqlValue): boolean {
  const keys = keysOf(type, a as SqlArray);
  return (b as SqlArray).elements.some((element) =>
    element !== null && keys.has(type.hashKey(element))
  );
}

function setFunction(
  name: string,
  form: (element: DataType, a: SqlValue, b: SqlValue) => Nullable,
): FunctionDefinition {
  return polymorphicTo(name, [anyArray, anyArray], bool, ([type]) => {
    const { element } = type!;
    requireComparison(element!, "an equality operator");
    return ([a, b]) => form(element!, a!, b!);
  });
}

/** The operators between arrays. */
export const arrayOperators: readonly OperatorDefinition[] = [
  ...comparisons(),
  infix(setFunction("@>", contains), { commutator: "<@" }),
  infix(setFunction("<@", (type, a, b) => contains(type, b, a)), {
    commutator: "@>",
  }),
  infix(setFunction("&&", overlaps), { commutator: "&&" }),
  infix(concatenateFunction("||", anyCompatibleArray)),
  infix(appendFunction("||", anyCompatibleArray, anyCompatible)),
  infix(prependFunction("||", anyCompatible, anyCompatibleArray)),
];
