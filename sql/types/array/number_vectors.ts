/**
 * `int2vector` and `oidvector`: arrays of numbers as the tables of the catalog
 * have them, written with blanks between, their first subscript 0.
 *
 * @module
 */
import type { DataType, SqlValue } from "../data_type.ts";
import { int2, oid } from "../int_types.ts";
import { arrayTypeOf } from "./array_type.ts";
import { SqlArray } from "./array_value.ts";

function numberVector(
  typeOid: number,
  name: string,
  element: DataType,
): DataType {
  const input = (text: string): SqlValue => {
    const words = text.split(/\s+/).filter((word) => word !== "");
    const elements = words.map((word) => element.input(word, -1));
    return SqlArray.of(elements, 0);
  };
  return {
    ...arrayTypeOf(element)!,
    oid: typeOid,
    name,
    displayName: name,
    input,
    output: (value) =>
      (value as SqlArray).elements.map((item) => element.output(item!))
        .join(" "),
    toJs: (value) =>
      (value as SqlArray).elements.map((item) => element.toJs(item!)),
  };
}

/** `int2vector`. */
export const int2vector: DataType = numberVector(22, "int2vector", int2);

/** `oidvector`. */
export const oidvector: DataType = numberVector(30, "oidvector", oid);
