/**
 * Functions of ranges and multiranges: constructors, bounds, `range_merge`,
 * and the aggregates `range_agg` and `range_intersect_agg`.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { bool } from "../../types/bool_type.ts";
import type { DataType, Nullable, SqlValue } from "../../types/data_type.ts";
import {
  anyElement,
  anyMultirange,
  anyRange,
} from "../../types/pseudo_types.ts";
import { rangeOf } from "../../types/range/range_text.ts";
import {
  checkFlags,
  MULTIRANGE_TYPES,
  multirangeTypeOf,
  RANGE_TYPES,
} from "../../types/range/range_type.ts";
import { SqlMultirange, SqlRange } from "../../types/range/range_value.ts";
import { text } from "../../types/text_types.ts";
import { polymorphic, polymorphicTo } from "../array/array_define.ts";
import { define } from "../define.ts";
import type { FunctionDefinition } from "../registry.ts";
import { setFunction } from "../sets/set_define.ts";
import { type Ranges, rangesOf, span } from "./range_algebra.ts";
import { kindOf } from "./range_operators.ts";

/** The functions that make ranges of a type. */
export function rangeConstructors(type: DataType): FunctionDefinition[] {
  const { subtype } = type.range!;
  return [
    define(
      type.name,
      [subtype, subtype],
      type,
      ([lower, upper]) => rangeOf(type.range!, lower!, upper!, "[)"),
      { strict: false },
    ),
    define(
      type.name,
      [subtype, subtype, text],
      type,
      ([lower, upper, flags]) => {
        if (flags === null) {
          throw new SqlError(
            "22000",
            "range constructor flags argument must not be null",
          );
        }
        return rangeOf(
          type.range!,
          lower!,
          upper!,
          checkFlags(flags as string),
        );
      },
      { strict: false },
    ),
  ];
}

/** None, one, or a list of ranges. */
export function multirangeConstructors(type: DataType): FunctionDefinition[] {
  const range = type.multirangeOf!;
  const kind = kindOf(type);
  const of = (values: readonly Nullable[]): SqlMultirange =>
    SqlMultirange.of(
      kind,
      values.map((value) => {
        if (value === null) {
          throw new SqlError(
            "22004",
            "multirange values cannot contain null members",
          );
        }
        return value as SqlRange;
      }),
    );
  return [
    define(type.name, [], type, () => of([])),
    define(
      type.name,
      [range],
      type,
      (args) => args.length === 1 && args[0] === null ? null : of(args),
      { variadic: true, strict: false },
    ),
  ];
}

/** A function of a range, and the same of a multirange. */
function ofBoth(
  name: string,
  returns: DataType,
  form: (ranges: Ranges) => Nullable,
): FunctionDefinition[] {
  return [anyRange, anyMultirange].map((declared) =>
    polymorphicTo(
      name,
      [declared],
      returns,
      () => ([value]) => form(rangesOf(value!)),
    )
  );
}

function boundFunctions(
  name: string,
  form: (ranges: Ranges) => Nullable,
): FunctionDefinition[] {
  return [anyRange, anyMultirange].map((declared) =>
    polymorphic(name, [declared], anyElement, ([type]) => ({
      returns: kindOf(type!).subtype,
      scalar: ([value]) => form(rangesOf(value!)),
    }))
  );
}

const merge: FunctionDefinition = polymorphic(
  "range_merge",
  [anyRange, anyRange],
  anyRange,
  ([type]) => ({
    returns: type!,
    scalar: ([a, b]) => span(kindOf(type!), a as SqlRange, b as SqlRange),
  }),
);

const mergeAll: FunctionDefinition = polymorphic(
  "range_merge",
  [anyMultirange],
  anyRange,
  ([type]) => ({
    returns: type!.multirangeOf!,
    scalar: ([value]) => {
      const ranges = rangesOf(value!);
      return ranges.length === 0
        ? SqlRange.EMPTY
        : span(kindOf(type!), ranges[0]!, ranges.at(-1)!);
    },
  }),
);

const toMultirange: FunctionDefinition = polymorphic(
  "multirange",
  [anyRange],
  anyMultirange,
  ([type]) => ({
    returns: multirangeTypeOf(type!)!,
    scalar: ([value]) => SqlMultirange.of(kindOf(type!), [value as SqlRange]),
  }),
);

function unnest(type: DataType): FunctionDefinition {
  return setFunction(
    "unnest",
    [type],
    type.multirangeOf ?? anyRange,
    ([value]) => rangesOf(value!) as readonly SqlValue[],
  );
}

/** Functions of ranges and multiranges. */
export const rangeFunctions: readonly FunctionDefinition[] = [
  ...RANGE_TYPES.flatMap(rangeConstructors),
  ...MULTIRANGE_TYPES.flatMap(multirangeConstructors),
  ...boundFunctions("lower", (ranges) => ranges[0]?.lower.value ?? null),
  ...boundFunctions("upper", (ranges) => ranges.at(-1)?.upper.value ?? null),
  ...ofBoth("isempty", bool, (ranges) => ranges.length === 0),
  ...ofBoth(
    "lower_inc",
    bool,
    (ranges) => ranges[0]?.lower.inclusive ?? false,
  ),
  ...ofBoth(
    "upper_inc",
    bool,
    (ranges) => ranges.at(-1)?.upper.inclusive ?? false,
  ),
  ...ofBoth(
    "lower_inf",
    bool,
    (ranges) => ranges.length > 0 && ranges[0]!.lower.value === null,
  ),
  ...ofBoth(
    "upper_inf",
    bool,
    (ranges) => ranges.length > 0 && ranges.at(-1)!.upper.value === null,
  ),
  merge,
  mergeAll,
  toMultirange,
  { ...unnest(anyMultirange), specialize: ([type]) => unnest(type!) },
];
