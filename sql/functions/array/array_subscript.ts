/**
 * Subscripts as functions: what the analyzer puts for `a[1]`, `a[1:2]` and for
 * assignments to them.
 *
 * A shape says what the subscripts look like: `i` a subscript, then for a slice,
 * two letters a dimension, `b` for a bound that is there and `-` for one that
 * is not. The arguments are the array, then what the shape asks for, then the
 * new value of an assignment.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { SqlArray } from "../../types/array/array_value.ts";
import type { DataType, Nullable } from "../../types/data_type.ts";
import { int4 } from "../../types/int_types.ts";
import { define } from "../define.ts";
import type { FunctionDefinition } from "../registry.ts";
import {
  elementAt,
  type SliceBounds,
  sliceOf,
  withElement,
  withSlice,
} from "./array_parts.ts";

/** What the subscripts of one access look like. */
export interface SubscriptShape {
  /** Whether there is a slice among them: then all are. */
  readonly isSlice: boolean;
  /** Which of lower and upper bound is given; a subscript is an upper bound. */
  readonly given: readonly (readonly [lower: boolean, upper: boolean])[];
}

/** How many arguments the shape has. */
function argumentCount({ given }: SubscriptShape): number {
  return given.flat().filter((is) => is).length;
}

/** The name of a function over the shape: no two shapes share one. */
function nameOf(prefix: string, { isSlice, given }: SubscriptShape): string {
  if (!isSlice) return `${prefix}[${given.length}]`;
  const marks = given.map(([lower, upper]) =>
    `${lower ? "b" : "-"}:${upper ? "b" : "-"}`
  );
  return `${prefix}[${marks.join(",")}]`;
}

/** `[a]`, `[a:b]`: the subscripts as text, from the texts of the arguments. */
function textOf(shape: SubscriptShape, texts: readonly string[]): string {
  let next = 0;
  return shape.given.map(([lower, upper]) => {
    const first = lower ? texts[next++]! : "";
    const second = upper ? texts[next++]! : "";
    return shape.isSlice ? `[${first}:${second}]` : `[${second}]`;
  }).join("");
}

function boundsOf(
  { given }: SubscriptShape,
  args: readonly Nullable[],
): SliceBounds[] {
  let next = 1;
  return given.map(([lower, upper]) => ({
    lower: lower ? args[next++] as number : undefined,
    upper: upper ? args[next++] as number : undefined,
  }));
}

/** `array[…]` over the array type `type`. */
export function subscriptFunction(
  type: DataType,
  shape: SubscriptShape,
): FunctionDefinition {
  const count = argumentCount(shape);
  return {
    ...define(
      nameOf("subscript", shape),
      [type, ...new Array<DataType>(count).fill(int4)],
      shape.isSlice ? type : type.element!,
      shape.isSlice
        ? (args) => sliceOf(args[0] as SqlArray, boundsOf(shape, args))
        : (args) => elementAt(args[0] as SqlArray, args.slice(1) as number[]),
    ),
    deparse: ([array, ...texts]) => `${base(array!)}${textOf(shape, texts)}`,
  };
}

/** A name stands as it is before brackets, anything else in parentheses. */
function base(text: string): string {
  return /^[\w.$"]+$/.test(text) || text.startsWith("(") ? text : `(${text})`;
}

/** The array with `array[…]` assigned to. */
export function assignFunction(
  type: DataType,
  shape: SubscriptShape,
): FunctionDefinition {
  const count = argumentCount(shape);
  return define(
    nameOf("assign", shape),
    [
      type,
      ...new Array<DataType>(count).fill(int4),
      shape.isSlice ? type : type.element!,
    ],
    type,
    (args): Nullable => {
      const array = (args[0] ?? SqlArray.EMPTY) as SqlArray;
      const subscripts = args.slice(1, count + 1);
      const value = args[count + 1]!;
      if (subscripts.includes(null)) {
        throw new SqlError(
          "22004",
          "array subscript in assignment must not be null",
        );
      }
      if (!shape.isSlice) {
        return withElement(array, subscripts as number[], value);
      }
      return value === null
        ? array
        : withSlice(array, boundsOf(shape, args), value as SqlArray);
    },
    { strict: false },
  );
}
