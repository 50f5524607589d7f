/**
 * `inet` and `cidr` in their binary form.
 *
 * | bytes | what |
 * | ---: | --- |
 * | 1 | 2 for IPv4, 3 for IPv6 |
 * | 1 | the bits of the mask |
 * | 1 | whether it is a `cidr` |
 * | 1 | the bytes of the address |
 * | 4 or 16 | the address |
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import {
  checkNetwork,
  networkText,
} from "../../types/network/network_types.ts";
import { maskBits, networkOf } from "../../types/network/network_value.ts";
import type { BinaryReader, BinaryWriter } from "./binary_bytes.ts";

const FAMILIES: Readonly<Record<number, number>> = { 2: 4, 3: 16 };

/** Writes an address. */
export function writeBinaryNetwork(
  writer: BinaryWriter,
  value: Uint8Array,
  isNetwork: boolean,
): void {
  const length = value.length - 1;
  writer.u8(length === 4 ? 2 : 3);
  writer.u8(maskBits(value));
  writer.u8(isNetwork ? 1 : 0);
  writer.u8(length);
  writer.raw(value.subarray(1));
}

/** Reads an address. */
export function readBinaryNetwork(
  reader: BinaryReader,
  name: "inet" | "cidr",
): Uint8Array {
  const bad = (what: string): SqlError =>
    new SqlError("22P03", `invalid ${what} in external "${name}" value`);
  const length = FAMILIES[reader.u8()];
  if (length === undefined) throw bad("address family");
  const bits = reader.u8();
  if (bits > length * 8) throw bad("bits");
  reader.u8();
  if (reader.u8() !== length) throw bad("length");
  const value = networkOf([...reader.raw(length)], bits);
  return name === "inet" ? value : checkNetwork(value, networkText(value));
}
