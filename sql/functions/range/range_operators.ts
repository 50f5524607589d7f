/**
 * The operators of ranges and multiranges: those that ask take any pairing of
 * the two, `+`, `*` and `-` two of one kind.
 *
 * @module
 */
import { bool } from "../../types/bool_type.ts";
import type { DataType, SqlValue } from "../../types/data_type.ts";
import {
  anyElement,
  anyMultirange,
  anyRange,
} from "../../types/pseudo_types.ts";
import {
  type RangeKind,
  SqlMultirange,
  type SqlRange,
} from "../../types/range/range_value.ts";
import { polymorphic, polymorphicTo } from "../array/array_define.ts";
import {
  COMPARISONS,
  holds as compares,
} from "../comparison/comparison_operators.ts";
import { infix } from "../define.ts";
import type { OperatorDefinition } from "../registry.ts";
import {
  areAdjacent,
  beginsWithin,
  difference,
  endsWithin,
  holds,
  holdsValue,
  intersection,
  intersections,
  isBefore,
  overlap,
  type Ranges,
  rangesOf,
  remainders,
  union,
} from "./range_algebra.ts";

/** What the bounds of a range or multirange type are. */
export function kindOf(type: DataType): RangeKind {
  return (type.range ?? type.multirangeOf!.range)!;
}

type Test = (kind: RangeKind, a: Ranges, b: Ranges) => boolean;

const TESTS: readonly (readonly [string, string, Test])[] = [
  ["&&", "&&", overlap],
  ["@>", "<@", holds],
  ["<@", "@>", (kind, a, b) => holds(kind, b, a)],
  ["<<", ">>", isBefore],
  [">>", "<<", (kind, a, b) => isBefore(kind, b, a)],
  ["&<", "", endsWithin],
  ["&>", "", beginsWithin],
  ["-|-", "-|-", areAdjacent],
];

const PAIRS: readonly (readonly [DataType, DataType])[] = [
  [anyRange, anyRange],
  [anyRange, anyMultirange],
  [anyMultirange, anyRange],
  [anyMultirange, anyMultirange],
];

function tests(): OperatorDefinition[] {
  return TESTS.flatMap(([name, commutator, test]) =>
    PAIRS.map((pair) =>
      infix(
        polymorphicTo(name, pair, bool, ([type]) => {
          const kind = kindOf(type!);
          return ([a, b]) => test(kind, rangesOf(a!), rangesOf(b!));
        }),
        commutator === "" ? {} : { commutator },
      )
    )
  );
}

/** A range and a value of what its bounds are. */
function memberships(range: DataType): OperatorDefinition[] {
  return [
    infix(
      polymorphicTo("@>", [range, anyElement], bool, ([type]) => {
        const kind = kindOf(type!);
        return ([a, value]) => holdsValue(kind, rangesOf(a!), value!);
      }),
      { commutator: "<@" },
    ),
    infix(
      polymorphicTo("<@", [anyElement, range], bool, ([, type]) => {
        const kind = kindOf(type!);
        return ([value, a]) => holdsValue(kind, rangesOf(a!), value!);
      }),
      { commutator: "@>" },
    ),
  ];
}

function comparisons(declared: DataType): OperatorDefinition[] {
  return COMPARISONS.map(([operator, commutator, negator]) =>
    infix(
      polymorphicTo(operator, [declared, declared], bool, ([type]) => {
        const form = compares(type!, operator);
        return ([a, b]) => form(a!, b!);
      }),
      { commutator, negator },
    )
  );
}

function combination(
  name: string,
  declared: DataType,
  form: (kind: RangeKind, a: SqlValue, b: SqlValue) => SqlValue,
  isCommutative: boolean,
): OperatorDefinition {
  return infix(
    polymorphic(name, [declared, declared], declared, ([type]) => {
      const kind = kindOf(type!);
      return { returns: type!, scalar: ([a, b]) => form(kind, a!, b!) };
    }),
    isCommutative ? { commutator: name } : {},
  );
}

type OfRanges = (kind: RangeKind, a: SqlRange, b: SqlRange) => SqlRange;
type OfLists = (kind: RangeKind, a: Ranges, b: Ranges) => SqlRange[];

function combinations(
  name: string,
  ofRanges: OfRanges,
  ofLists: OfLists,
  isCommutative: boolean,
): OperatorDefinition[] {
  return [
    combination(
      name,
      anyRange,
      (kind, a, b) => ofRanges(kind, a as SqlRange, b as SqlRange),
      isCommutative,
    ),
    combination(
      name,
      anyMultirange,
      (kind, a, b) =>
        SqlMultirange.of(kind, ofLists(kind, rangesOf(a), rangesOf(b))),
      isCommutative,
    ),
  ];
}

/** The operators of ranges and multiranges. */
export const rangeOperators: readonly OperatorDefinition[] = [
  ...comparisons(anyRange),
  ...comparisons(anyMultirange),
  ...tests(),
  ...memberships(anyRange),
  ...memberships(anyMultirange),
  ...combinations("+", union, (_, a, b) => [...a, ...b], true),
  ...combinations("*", intersection, intersections, true),
  ...combinations("-", difference, remainders, false),
];
