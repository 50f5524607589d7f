/**
 * Arrays in another order: `array_reverse`, `array_sort`, `array_shuffle`,
 * `array_sample`. What is moved are the items of the first dimension.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { SqlArray } from "../../types/array/array_value.ts";
import { bool } from "../../types/bool_type.ts";
import type { DataType, Nullable } from "../../types/data_type.ts";
import { int4 } from "../../types/int_types.ts";
import { anyArray } from "../../types/pseudo_types.ts";
import type { FunctionContext, FunctionDefinition } from "../registry.ts";
import { polymorphic } from "./array_define.ts";

/** The array with the items `order` of its first dimension, in that order. */
function reorder(
  array: SqlArray,
  order: readonly number[],
  lowerBound: number,
): SqlArray {
  const [, ...rest] = array.dims;
  const size = rest.reduce((product, length) => product * length, 1);
  const elements: Nullable[] = [];
  for (const item of order) {
    for (let i = 0; i < size; i++) {
      elements.push(array.elements[item * size + i]!);
    }
  }
  return SqlArray.shaped(elements, [order.length, ...rest], [
    lowerBound,
    ...array.lowerBounds.slice(1),
  ]);
}

function indexesOf({ dims }: SqlArray): number[] {
  return Array.from({ length: dims[0] ?? 0 }, (_, i) => i);
}

/** `count` items in random order: the beginning of a Fisher-Yates shuffle. */
function draw(
  array: SqlArray,
  count: number,
  context: FunctionContext,
): number[] {
  const order = indexesOf(array);
  for (let i = 0; i < count; i++) {
    const other = i + Math.floor(context.random() * (order.length - i));
    [order[i], order[other]] = [order[other]!, order[i]!];
  }
  return order.slice(0, count);
}

function sortFunction(flags: number): FunctionDefinition {
  const declared = [anyArray, ...new Array<DataType>(flags).fill(bool)];
  return polymorphic("array_sort", declared, anyArray, ([type]) => {
    const element = type!.element!;
    if (element.comparable === false) {
      throw new SqlError(
        "0A000",
        `could not identify a comparison function for type ${element.displayName}`,
      );
    }
    return {
      returns: type!,
      scalar: ([value, descending, nullsFirst]) =>
        sort(element, value as SqlArray, {
          descending: descending === true,
          nullsFirst: (nullsFirst ?? descending) === true,
        }),
    };
  });
}

function sort(
  element: DataType,
  array: SqlArray,
  { descending, nullsFirst }: {
    readonly descending: boolean;
    readonly nullsFirst: boolean;
  },
): SqlArray {
  if (array.dims.length === 0) return array;
  const size = array.elements.length / array.dims[0]!;
  const isFlat = array.dims.length === 1;
  const compareItems = (a: number, b: number): number => {
    for (let i = 0; i < size; i++) {
      const x = array.elements[a * size + i]!;
      const y = array.elements[b * size + i]!;
      if (x === null || y === null) {
        if (x === y) continue;
        if (isFlat) return (x === null) === nullsFirst ? -1 : 1;
        return (x === null) === descending ? -1 : 1;
      }
      const order = element.compare(x, y);
      if (order !== 0) return descending ? -order : order;
    }
    return 0;
  };
  return reorder(
    array,
    indexesOf(array).sort(compareItems),
    array.lowerBounds[0]!,
  );
}

const sample: FunctionDefinition = polymorphic(
  "array_sample",
  [anyArray, int4],
  anyArray,
  ([type]) => ({
    returns: type!,
    scalar: ([value, count], context) => {
      const array = value as SqlArray;
      const length = array.dims[0] ?? 0;
      if ((count as number) < 0 || (count as number) > length) {
        throw new SqlError(
          "22023",
          `sample size must be between 0 and ${length}`,
        );
      }
      return reorder(array, draw(array, count as number, context), 1);
    },
  }),
  { volatility: "volatile" },
);

const shuffle: FunctionDefinition = polymorphic(
  "array_shuffle",
  [anyArray],
  anyArray,
  ([type]) => ({
    returns: type!,
    scalar: ([value], context) => {
      const array = value as SqlArray;
      const count = array.dims[0] ?? 0;
      return reorder(
        array,
        draw(array, count, context),
        array.lowerBounds[0] ?? 1,
      );
    },
  }),
  { volatility: "volatile" },
);

const reverse: FunctionDefinition = polymorphic(
  "array_reverse",
  [anyArray],
  anyArray,
  ([type]) => ({
    returns: type!,
    scalar: ([value]) => {
      const array = value as SqlArray;
      return reorder(
        array,
        indexesOf(array).reverse(),
        array.lowerBounds[0] ?? 1,
      );
    },
  }),
);

/** Functions that give arrays in another order. */
export const arrayOrderFunctions: readonly FunctionDefinition[] = [
  reverse,
  sortFunction(0),
  sortFunction(1),
  sortFunction(2),
  shuffle,
  sample,
];
