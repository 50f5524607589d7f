/**
 * The extension `intarray`: arrays of integers as sets of them.
 *
 * @module
 */
import { SqlArray } from "../../../types/array/array_value.ts";
import { arrayTypeOf } from "../../../types/array/array_type.ts";
import { bool } from "../../../types/bool_type.ts";
import type { DataType, Nullable } from "../../../types/data_type.ts";
import {
  matchesQueryInt,
  queryInt,
  readQueryInt,
} from "../../../types/extensions/query_int.ts";
import { int4 } from "../../../types/int_types.ts";
import { text } from "../../../types/text_types.ts";
import { SqlError } from "../../../errors/sql_error.ts";
import { define, infix, prefix } from "../../define.ts";
import type {
  FunctionDefinition,
  OperatorDefinition,
} from "../../definition.ts";
import type { ExtensionParts } from "../extension.ts";

const numbers = arrayTypeOf(int4)!;

/** The numbers of an array. @throws {SqlError} `22004` for one with NULLs. */
function numbersOf(array: Nullable): readonly number[] {
  const { elements } = array as SqlArray;
  if (elements.includes(null)) {
    throw new SqlError("22004", "array must not contain nulls");
  }
  return elements as number[];
}

function arrayOf(values: Iterable<number>): SqlArray {
  return SqlArray.of([...values]);
}

function ascending(values: Iterable<number>): number[] {
  return [...values].sort((a, b) => a - b);
}

/** Each number once, in order. */
function setOf(values: Iterable<number>): SqlArray {
  return arrayOf(ascending(new Set(values)));
}

type Form = (args: readonly Nullable[]) => Nullable;

function of(
  name: string,
  types: readonly DataType[],
  result: DataType,
  form: Form,
): FunctionDefinition {
  return define(name, types, result, form);
}

const ONE = [numbers];
const WITH_NUMBER = [numbers, int4];
const PAIR = [numbers, numbers];

const icount = of(
  "icount",
  ONE,
  int4,
  ([a]) => (a as SqlArray).elements.length,
);
const idx = of(
  "idx",
  WITH_NUMBER,
  int4,
  ([a, item]) => numbersOf(a!).indexOf(item as number) + 1,
);
const pushElement = of(
  "intarray_push_elem",
  WITH_NUMBER,
  numbers,
  ([a, item]) => arrayOf([...numbersOf(a!), item as number]),
);
const pushArray = of(
  "intarray_push_array",
  PAIR,
  numbers,
  ([a, b]) => arrayOf([...numbersOf(a!), ...numbersOf(b!)]),
);
const deleteElement = of(
  "intarray_del_elem",
  WITH_NUMBER,
  numbers,
  ([a, item]) => arrayOf(numbersOf(a!).filter((each) => each !== item)),
);
const subtract = of("intset_subtract", PAIR, numbers, ([a, b]) => {
  const gone = new Set(numbersOf(b!));
  return setOf(numbersOf(a!).filter((each) => !gone.has(each)));
});
const unionElement = of(
  "intset_union_elem",
  WITH_NUMBER,
  numbers,
  ([a, item]) => setOf([...numbersOf(a!), item as number]),
);
const union = of(
  "_int_union",
  PAIR,
  numbers,
  ([a, b]) => setOf([...numbersOf(a!), ...numbersOf(b!)]),
);
const intersect = of("_int_inter", PAIR, numbers, ([a, b]) => {
  const both = new Set(numbersOf(b!));
  return setOf(numbersOf(a!).filter((each) => both.has(each)));
});

function containsAll(a: Nullable, b: Nullable): boolean {
  const all = new Set(numbersOf(a));
  return numbersOf(b).every((each) => all.has(each));
}

const contains = of(
  "_int_contains",
  PAIR,
  bool,
  ([a, b]) => containsAll(a!, b!),
);
const contained = of(
  "_int_contained",
  PAIR,
  bool,
  ([a, b]) => containsAll(b!, a!),
);
const overlap = of("_int_overlap", PAIR, bool, ([a, b]) => {
  const some = new Set(numbersOf(b!));
  return numbersOf(a!).some((each) => some.has(each));
});

/** Whether two arrays have the same numbers, as often. */
function isSame([a, b]: readonly Nullable[]): boolean {
  const first = ascending(numbersOf(a!));
  const second = ascending(numbersOf(b!));
  return first.length === second.length &&
    first.every((each, i) => each === second[i]);
}

const boolop = of(
  "boolop",
  [numbers, queryInt],
  bool,
  ([a, query]) =>
    matchesQueryInt(readQueryInt(query as string), new Set(numbersOf(a!))),
);
const rboolop = of(
  "rboolop",
  [queryInt, numbers],
  bool,
  ([query, a]) =>
    matchesQueryInt(readQueryInt(query as string), new Set(numbersOf(a!))),
);

function sorted(array: Nullable, direction: string): SqlArray {
  if ((array as SqlArray).elements.length < 2) return array as SqlArray;
  const values = ascending(numbersOf(array));
  switch (direction.toLowerCase()) {
    case "asc":
      return arrayOf(values);
    case "desc":
      return arrayOf(values.reverse());
    default:
      throw new SqlError(
        "22023",
        'second parameter must be "ASC" or "DESC"',
      );
  }
}

/** The numbers from the `start`th on; negative: from the end. */
function subarray(array: Nullable, start: number, length: number): SqlArray {
  const all = numbersOf(array);
  const first = start > 0 ? start - 1 : start < 0 ? all.length + start : 0;
  const end = length < 0
    ? all.length + length
    : length === 0
    ? all.length
    : first + length;
  return arrayOf(end <= 0 ? [] : all.slice(Math.max(first, 0), end));
}

const FUNCTIONS: readonly FunctionDefinition[] = [
  of("intset", [int4], numbers, ([value]) => arrayOf([value as number])),
  of("sort", ONE, numbers, ([a]) => sorted(a!, "asc")),
  of(
    "sort",
    [numbers, text],
    numbers,
    ([a, direction]) => sorted(a!, direction as string),
  ),
  of("sort_asc", ONE, numbers, ([a]) => sorted(a!, "asc")),
  of("sort_desc", ONE, numbers, ([a]) => sorted(a!, "desc")),
  of(
    "uniq",
    ONE,
    numbers,
    ([a]) =>
      arrayOf(numbersOf(a!).filter((each, i, all) => each !== all[i - 1])),
  ),
  of(
    "subarray",
    WITH_NUMBER,
    numbers,
    ([a, start]) => subarray(a!, start as number, 0),
  ),
  of(
    "subarray",
    [numbers, int4, int4],
    numbers,
    ([a, start, length]) => subarray(a!, start as number, length as number),
  ),
  of("_int_same", PAIR, bool, isSame),
  of("_int_different", PAIR, bool, (args) => !isSame(args)),
];

const OPERATORS: readonly OperatorDefinition[] = [
  prefix(icount, "#"),
  infix(idx, {}, "#"),
  infix(pushElement, {}, "+"),
  infix(pushArray, { commutator: "+" }, "+"),
  infix(deleteElement, {}, "-"),
  infix(subtract, {}, "-"),
  infix(unionElement, {}, "|"),
  infix(union, { commutator: "|" }, "|"),
  infix(intersect, { commutator: "&" }, "&"),
  infix(contains, { commutator: "<@" }, "@>"),
  infix(contained, { commutator: "@>" }, "<@"),
  infix(overlap, { commutator: "&&" }, "&&"),
  infix(boolop, { commutator: "~~" }, "@@"),
  infix(rboolop, { commutator: "@@" }, "~~"),
];

/** What `intarray` adds. */
export const intarray: ExtensionParts = {
  functions: [...FUNCTIONS, ...OPERATORS.map((each) => each.function)],
  operators: OPERATORS,
};
