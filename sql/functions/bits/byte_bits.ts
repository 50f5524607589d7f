/**
 * Bits of `bytea`: `get_bit`, `set_bit`, `bit_count`. The first bit of a byte is
 * its lowest.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { bytea } from "../../types/bytea_type.ts";
import { int4, int8 } from "../../types/int_types.ts";
import { binary, define, unary } from "../define.ts";
import type { FunctionDefinition } from "../registry.ts";

/** The index as a number, if there is such a bit. */
function checkIndex(bytes: Uint8Array, index: number | bigint): number {
  const last = bytes.length * 8 - 1;
  if (index >= 0 && index <= last) return Number(index);
  throw new SqlError("2202E", `index ${index} out of valid range, 0..${last}`);
}

function setBit(
  bytes: Uint8Array,
  index: number | bigint,
  value: number,
): Uint8Array {
  const at = checkIndex(bytes, index);
  if (value !== 0 && value !== 1) {
    throw new SqlError("22023", "new bit must be 0 or 1");
  }
  const result = bytes.slice();
  const mask = 1 << (at & 7);
  if (value === 1) result[at >>> 3]! |= mask;
  else result[at >>> 3]! &= ~mask;
  return result;
}

function countBits(bytes: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < bytes.length; i++) {
    for (let rest = bytes[i]!; rest !== 0; rest &= rest - 1) count++;
  }
  return count;
}

/** Functions of the bits of byte strings. */
export const byteBitFunctions: readonly FunctionDefinition[] = [
  unary<Uint8Array>("bit_count", bytea, int8, countBits),
  binary<Uint8Array, number | bigint>(
    "get_bit",
    [bytea, int8],
    int4,
    (bytes, index) => {
      const at = checkIndex(bytes, index);
      return bytes[at >>> 3]! >>> (at & 7) & 1;
    },
  ),
  define(
    "set_bit",
    [bytea, int8, int4],
    bytea,
    ([bytes, index, value]) =>
      setBit(bytes as Uint8Array, index as number | bigint, value as number),
  ),
];
