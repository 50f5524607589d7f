/**
 * Subscripts of shapes: `p[0]` is the x of a point, `s[1]` the second end of a
 * segment. They begin with 0; beyond the last one is NULL. A part can be
 * assigned to, `p[0] = 1`.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import type { DataType } from "../../types/data_type.ts";
import { float8 } from "../../types/float_types.ts";
import {
  box,
  line,
  lseg,
  point,
} from "../../types/geometry/geometric_types.ts";
import type { Shape } from "../../types/geometry/shapes.ts";
import { int4 } from "../../types/int_types.ts";
import { define } from "../define.ts";
import type { FunctionDefinition } from "../registry.ts";

/** What the parts of a type are. */
const PARTS: ReadonlyMap<DataType, DataType> = new Map([
  [point, float8],
  [line, float8],
  [lseg, point],
  [box, point],
]);

/** Whether a shape of the type has parts. */
export function hasParts(type: DataType): boolean {
  return PARTS.has(type);
}

/** What a part of a shape of the type is. */
export function partOf(type: DataType): DataType | undefined {
  return PARTS.get(type);
}

/**
 * A shape with another part, `shape[…] = part`: of NULL, or to NULL, nothing
 * is assigned.
 *
 * @throws {SqlError} `0A000` for a slice.
 */
export function assignShapePart(
  type: DataType,
  count: number,
  isSlice: boolean,
): FunctionDefinition {
  if (isSlice) {
    throw new SqlError(
      "0A000",
      "updates on slices of fixed-length arrays not implemented",
    );
  }
  const part = PARTS.get(type)!;
  const size = part === point ? 2 : 1;
  return define(
    `shape_assign[${count}]`,
    [type, ...new Array<DataType>(count).fill(int4), part],
    type,
    (args) => {
      const shape = args[0] as Shape | null;
      const value = args.at(-1)!;
      if (args.slice(1, -1).includes(null)) {
        throw new SqlError(
          "22004",
          "array subscript in assignment must not be null",
        );
      }
      if (shape === null || value === null) return shape;
      if (count > 1) {
        throw new SqlError("2202E", "wrong number of array subscripts");
      }
      const at = (args[1] as number) * size;
      if (at < 0 || at >= shape.length) {
        throw new SqlError("2202E", "array subscript out of range");
      }
      const changed = shape.slice();
      if (typeof value === "number") changed[at] = value;
      else changed.set(value as Shape, at);
      return changed;
    },
    { strict: false },
  );
}

/**
 * `shape[…]` with so many subscripts; there is nothing behind the first.
 *
 * @throws {SqlError} `0A000` for a slice.
 */
export function shapeSubscript(
  type: DataType,
  count: number,
  isSlice: boolean,
): FunctionDefinition {
  if (isSlice) {
    throw new SqlError(
      "0A000",
      "slices of fixed-length arrays not implemented",
    );
  }
  const part = PARTS.get(type)!;
  const size = part === point ? 2 : 1;
  return {
    ...define(
      `shape_subscript[${count}]`,
      [type, ...new Array<DataType>(count).fill(int4)],
      part,
      ([value, index]) => {
        const shape = value as Shape;
        const at = (index as number) * size;
        if (count > 1 || at < 0 || at >= shape.length) return null;
        return size === 1 ? shape[at]! : shape.slice(at, at + size);
      },
    ),
    deparse: ([value, ...subscripts]) =>
      `(${value})${subscripts.map((each) => `[${each}]`).join("")}`,
  };
}
