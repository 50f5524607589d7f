/**
 * Geometric values in their binary form: floats of 8 bytes. A path begins with
 * whether it is closed (1) and how many points it has (4), a polygon with how
 * many points it has (4).
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import type { DataType } from "../../types/data_type.ts";
import {
  boxBetween,
  pointIn,
  shapeOfBox,
} from "../../types/geometry/shapes.ts";
import type { BinaryReader, BinaryWriter } from "./binary_bytes.ts";

/** Types of a fixed number of floats. */
const FLOATS: Readonly<Record<string, number>> = {
  point: 2,
  lseg: 4,
  box: 4,
  line: 3,
  circle: 3,
};

/** Whether it is a geometric type. */
export function isGeometric({ category }: DataType): boolean {
  return category === "G";
}

/** Writes a value. */
export function writeBinaryShape(
  writer: BinaryWriter,
  { name }: DataType,
  value: Float64Array,
): void {
  const first = name === "path" ? 1 : 0;
  if (name === "path") writer.u8(value[0]!);
  if (FLOATS[name] === undefined) writer.i32((value.length - first) / 2);
  for (let i = first; i < value.length; i++) writer.f64(value[i]!);
}

/** Reads a value. */
export function readBinaryShape(
  reader: BinaryReader,
  { name }: DataType,
): Float64Array {
  const count = FLOATS[name];
  const bad = (what: string): SqlError =>
    new SqlError("22P03", `invalid ${what} in external "${name}" value`);
  if (count === undefined) return readPoints(reader, name, bad);
  const value = Float64Array.from({ length: count }, () => reader.f64());
  if (name === "box") {
    return shapeOfBox(boxBetween(pointIn(value), pointIn(value, 2)));
  }
  if (name === "circle" && value[2]! < 0) throw bad("radius");
  if (name === "line" && value[0] === 0 && value[1] === 0) {
    throw new SqlError(
      "22P03",
      "invalid line specification: A and B cannot both be zero",
    );
  }
  return value;
}

function readPoints(
  reader: BinaryReader,
  name: string,
  bad: (what: string) => SqlError,
): Float64Array {
  const isPath = name === "path";
  const head = isPath ? [reader.u8() === 0 ? 0 : 1] : [];
  const points = reader.i32();
  // A point takes sixteen bytes.
  if (points <= 0 || points * 16 > reader.left) throw bad("number of points");
  const floats = Array.from({ length: points * 2 }, () => reader.f64());
  return Float64Array.from([...head, ...floats]);
}
