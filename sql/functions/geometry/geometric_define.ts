/**
 * Short ways to write operators of geometric types.
 *
 * @module
 */
import { bool } from "../../types/bool_type.ts";
import type { DataType, Nullable, SqlValue } from "../../types/data_type.ts";
import { float8 } from "../../types/float_types.ts";
import { minus, over, plus, times } from "../../types/geometry/fuzzy.ts";
import { point } from "../../types/geometry/geometric_types.ts";
import {
  type Point,
  pointIn,
  type Shape,
  shapeOfPoint,
} from "../../types/geometry/shapes.ts";
import { binary, infix, prefix, unary } from "../define.ts";
import type { OperatorOptions } from "../define.ts";
import type { OperatorDefinition } from "../registry.ts";

/** An operator between two shapes. */
export function between(
  name: string,
  left: DataType,
  right: DataType,
  returnType: DataType,
  form: (a: Shape, b: Shape) => Nullable,
  options: OperatorOptions = {},
): OperatorDefinition {
  return infix(
    binary<SqlValue, SqlValue>(
      name,
      [left, right],
      returnType,
      (a, b) => form(a as Shape, b as Shape),
    ),
    options,
  );
}

/** An operator that answers yes or no. */
export function test(
  name: string,
  left: DataType,
  right: DataType,
  form: (a: Shape, b: Shape) => boolean,
  options: OperatorOptions = {},
): OperatorDefinition {
  return between(name, left, right, bool, form, options);
}

/** An operator before a shape. */
export function before(
  name: string,
  type: DataType,
  returnType: DataType,
  form: (a: Shape) => Nullable,
): OperatorDefinition {
  return prefix(
    unary<SqlValue>(name, type, returnType, (value) => form(value as Shape)),
  );
}

/** `<->`, both ways round where the types differ. */
export function distances(
  left: DataType,
  right: DataType,
  form: (a: Shape, b: Shape) => Nullable,
): OperatorDefinition[] {
  const one = between("<->", left, right, float8, form, { commutator: "<->" });
  if (left === right) return [one];
  const other = between("<->", right, left, float8, (b, a) => form(a, b), {
    commutator: "<->",
  });
  return [one, other];
}

/** A point, or NULL. */
export function pointOrNull(found: Point | undefined): Nullable {
  return found === undefined ? null : shapeOfPoint(found);
}

/** Points as complex numbers. */
export const COMPLEX: Readonly<
  Record<"+" | "-" | "*" | "/", (a: Point, b: Point) => Point>
> = {
  "+": (a, b) => ({ x: plus(a.x, b.x), y: plus(a.y, b.y) }),
  "-": (a, b) => ({ x: minus(a.x, b.x), y: minus(a.y, b.y) }),
  "*": (a, b) => ({
    x: minus(times(a.x, b.x), times(a.y, b.y)),
    y: plus(times(a.x, b.y), times(a.y, b.x)),
  }),
  "/": (a, b) => {
    const square = plus(times(b.x, b.x), times(b.y, b.y));
    return {
      x: over(plus(times(a.x, b.x), times(a.y, b.y)), square),
      y: over(minus(times(a.y, b.x), times(a.x, b.y)), square),
    };
  },
};

/** `+ - * /` of a shape and a point: `move` does it to each of its points. */
export function arithmetic(
  type: DataType,
  move: (
    shape: Shape,
    each: (a: Point) => Point,
    name: "+" | "-" | "*" | "/",
    by: Point,
  ) => Shape,
): OperatorDefinition[] {
  return (["+", "-", "*", "/"] as const).map((name) =>
    between(name, type, point, type, (shape, by) => {
      const other = pointIn(by);
      return move(shape, (each) => COMPLEX[name](each, other), name, other);
    })
  );
}
