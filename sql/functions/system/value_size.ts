/**
 * How many bytes a value takes in PostgreSQL, without compression:
 * `pg_column_size`, and how it is compressed: not at all.
 *
 * | type | bytes |
 * | --- | --- |
 * | of a fixed length | that |
 * | `numeric` | a header of 4, 2 more, 2 for each 4 digits |
 * | arrays | a header of 20 and 8 for each dimension, the elements, each at a multiple of 4 |
 * | others | a header of 4, the binary form |
 *
 * @module
 */
import { encodeBinary } from "../../encoding/binary/binary_values.ts";
import { utf8Encode } from "../../../base/bytes.ts";
import type { SqlArray } from "../../types/array/array_value.ts";
import type { DataType, SqlValue } from "../../types/data_type.ts";
import { int4 } from "../../types/int_types.ts";
import { anyType } from "../../types/pseudo_types.ts";
import { text } from "../../types/text_types.ts";
import { define } from "../define.ts";
import type { FunctionDefinition } from "../registry.ts";

const HEADER = 4;

function aligned(bytes: number, to: number): number {
  return Math.ceil(bytes / to) * to;
}

function arraySize(element: DataType, { elements, dims }: SqlArray): number {
  const count = elements.length;
  const hasNull = elements.includes(null);
  const head = HEADER + 12 + 8 * dims.length;
  let size = hasNull ? aligned(head + Math.ceil(count / 8), 8) : head;
  for (const item of elements) {
    if (item === null) continue;
    const bytes = sizeOf(element, item);
    size += element.length > 0 && element.length < 4
      ? bytes
      : aligned(bytes, element.length === 8 ? 8 : 4);
  }
  return size;
}

function sizeOf(type: DataType, value: SqlValue): number {
  if (type.element !== undefined) {
    return arraySize(type.element, value as SqlArray);
  }
  if (type.length > 0) return type.length;
  if (type === text || type.category === "S") {
    return HEADER + utf8Encode(value as string).length;
  }
  const bytes = encodeBinary(type, value).length;
  // The binary form of a number begins with how many digits, weight, sign, scale.
  return type.name === "numeric" ? bytes - 8 + HEADER + 2 : HEADER + bytes;
}

function sized(
  name: string,
  returnType: DataType,
  form: (type: DataType, value: SqlValue) => number | string | null,
): FunctionDefinition {
  const options = { volatility: "stable" } as const;
  return {
    ...define(name, [anyType], returnType, () => null, options),
    specialize: ([type]) =>
      define(
        name,
        [type!],
        returnType,
        ([value]) => form(type!, value!),
        options,
      ),
  };
}

/** Functions that say how values are stored. */
export const valueSizeFunctions: readonly FunctionDefinition[] = [
  sized("pg_column_size", int4, sizeOf),
  sized("pg_column_compression", text, () => null),
];
