/**
 * The function or operator that a name with argument types means among those of
 * the name.
 *
 * @module
 */
import type { DataType } from "../types/data_type.ts";
import type { OperatorDefinition } from "./definition.ts";
import {
  type Candidate,
  chooseCandidate,
  exactCandidate,
  type ImplicitCasts,
} from "./resolution.ts";

/** What functions and aggregates have in common. */
export interface Callable {
  readonly argumentTypes: readonly DataType[];
  readonly variadic?: boolean;
}

/** The candidates of a call with `count` arguments, variadic ones expanded. */
function candidatesOf<T extends Callable>(
  items: readonly T[],
  count: number,
): Candidate<T>[] {
  const candidates: Candidate<T>[] = [];
  for (const item of items) {
    const declared = item.argumentTypes;
    if (item.variadic !== true) {
      if (declared.length === count) candidates.push({ item, types: declared });
      continue;
    }
    if (count < declared.length) continue;
    const repeated = declared[declared.length - 1]!;
    const types = [...declared];
    while (types.length < count) types.push(repeated);
    candidates.push({ item, types });
  }
  return candidates;
}

/** The item that a call with arguments of these types means. */
export function choose<T extends Callable>(
  items: readonly T[],
  types: readonly DataType[],
  more: readonly Candidate<T>[],
  casts: ImplicitCasts | undefined,
): Candidate<T> | "none" | "ambiguous" {
  const candidates = [...candidatesOf(items, types.length), ...more];
  return exactCandidate(candidates, types) ??
    chooseCandidate(candidates, types, casts);
}

/** The same for operators. */
export function chooseOperator(
  operators: readonly OperatorDefinition[],
  types: readonly DataType[],
  casts: ImplicitCasts | undefined,
): Candidate<OperatorDefinition> | "none" | "ambiguous" {
  const candidates: Candidate<OperatorDefinition>[] = [];
  for (const item of operators) {
    if ((item.left === undefined) !== (types.length === 1)) continue;
    const declared = item.left === undefined
      ? [item.right]
      : [item.left, item.right];
    candidates.push({ item, types: declared });
  }
  return exactCandidate(candidates, assumeSame(types)) ??
    chooseCandidate(candidates, types, casts);
}

/** An operand of unknown type is first taken for one of the other's. */
function assumeSame(types: readonly DataType[]): readonly DataType[] {
  const [left, right] = types;
  if (left === undefined || right === undefined) return types;
  if (left.name === "unknown") return [right, right];
  if (right.name === "unknown") return [left, left];
  return types;
}
