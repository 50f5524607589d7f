/**
 * Functions that look for elements: `array_position`, `array_remove`,
 * `array_replace`, and `width_bucket` over thresholds. NULL is found like any
 * other element.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { arrayTypeOf } from "../../types/array/array_type.ts";
import { SqlArray } from "../../types/array/array_value.ts";
import type { DataType, Nullable } from "../../types/data_type.ts";
import { int4 } from "../../types/int_types.ts";
import { anyCompatible, anyCompatibleArray } from "../../types/pseudo_types.ts";
import type { FunctionDefinition } from "../registry.ts";
import { polymorphic, polymorphicTo } from "./array_define.ts";
import { requireComparison } from "./array_operators.ts";

/** Whether two elements are the same, NULL the same as NULL. */
function same(type: DataType, a: Nullable, b: Nullable): boolean {
  return a === null || b === null ? a === b : type.compare(a, b) === 0;
}

function requireOneDimension({ dims }: SqlArray, doing: string): void {
  if (dims.length <= 1) return;
  throw new SqlError(
    "0A000",
    `${doing} multidimensional arrays is not supported`,
  );
}

function elementOf(type: DataType | undefined): DataType {
  const element = type!.element!;
  requireComparison(element, "an equality operator");
  return element;
}

function positionFunction(hasStart: boolean): FunctionDefinition {
  const declared = [anyCompatibleArray, anyCompatible];
  return polymorphicTo(
    "array_position",
    hasStart ? [...declared, int4] : declared,
    int4,
    ([type]) => {
      const element = elementOf(type);
      return ([value, wanted, start]) => {
        if (value === null) return null;
        if (hasStart && start === null) {
          throw new SqlError("22004", "initial position must not be null");
        }
        const array = value as SqlArray;
        requireOneDimension(array, "searching for elements in");
        const lower = array.lowerBounds[0] ?? 1;
        const first = hasStart ? Math.max(0, (start as number) - lower) : 0;
        for (let i = first; i < array.elements.length; i++) {
          if (same(element, array.elements[i]!, wanted!)) return lower + i;
        }
        return null;
      };
    },
    { strict: false },
  );
}

const positions: FunctionDefinition = polymorphicTo(
  "array_positions",
  [anyCompatibleArray, anyCompatible],
  arrayTypeOf(int4)!,
  ([type]) => {
    const element = elementOf(type);
    return ([value, wanted]) => {
      if (value === null) return null;
      const array = value as SqlArray;
      requireOneDimension(array, "searching for elements in");
      const lower = array.lowerBounds[0] ?? 1;
      const found: number[] = [];
      array.elements.forEach((item, i) => {
        if (same(element, item, wanted!)) found.push(lower + i);
      });
      return SqlArray.of(found);
    };
  },
  { strict: false },
);

const remove: FunctionDefinition = polymorphic(
  "array_remove",
  [anyCompatibleArray, anyCompatible],
  anyCompatibleArray,
  ([type]) => {
    const element = elementOf(type);
    return {
      returns: type!,
      scalar: ([value, unwanted]) => {
        if (value === null) return null;
        const array = value as SqlArray;
        requireOneDimension(array, "removing elements from");
        const kept = array.elements.filter((item) =>
          !same(element, item, unwanted!)
        );
        return SqlArray.of(kept, array.lowerBounds[0]);
      },
    };
  },
  { strict: false },
);

const replace: FunctionDefinition = polymorphic(
  "array_replace",
  [anyCompatibleArray, anyCompatible, anyCompatible],
  anyCompatibleArray,
  ([type]) => {
    const element = elementOf(type);
    return {
      returns: type!,
      scalar: ([value, from, to]) =>
        value === null
          ? null
          : (value as SqlArray).map((item) =>
            same(element, item, from!) ? to! : item
          ),
    };
  },
  { strict: false },
);

const bucket: FunctionDefinition = polymorphicTo(
  "width_bucket",
  [anyCompatible, anyCompatibleArray],
  int4,
  ([element]) => {
    requireComparison(element!, "a comparison function");
    return ([value, thresholds]) => {
      const { dims, elements } = thresholds as SqlArray;
      if (dims.length > 1) {
        throw new SqlError(
          "2202E",
          "thresholds must be one-dimensional array",
        );
      }
      if (elements.includes(null)) {
        throw new SqlError(
          "22004",
          "thresholds array must not contain NULLs",
        );
      }
      let low = 0;
      let high = elements.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (element!.compare(value!, elements[middle]!) < 0) high = middle;
        else low = middle + 1;
      }
      return low;
    };
  },
);

/** Functions that look for elements. */
export const arraySearchFunctions: readonly FunctionDefinition[] = [
  positionFunction(false),
  positionFunction(true),
  positions,
  remove,
  replace,
  bucket,
];
