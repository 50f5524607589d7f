/**
 * `inet` and `cidr` in a key.
 *
 * Networks order by the bits that both have, then the shorter first: as words
 * of two letters, with an end that is less than both. Two bits say one of them:
 * 0 the end, 1 a zero, 2 a one; an address has a fixed number of bytes.
 *
 * | bytes | what |
 * | ---: | --- |
 * | 1 | 4 or 16: the bytes of the address |
 * | 9 or 33 | the bits of the network, two bits for one, from the highest; zeros behind the end |
 * | 4 or 16 | the address |
 *
 * @module
 */
import type { ByteWriter } from "../../base/bytes.ts";
import type { KriyaError } from "../../base/errors.ts";
import { maskBits, networkOf } from "../types/network/network_value.ts";

/** How many bytes the network of an address of so many bytes takes. */
function prefixBytes(addressBytes: number): number {
  return addressBytes * 2 + 1;
}

/** The bits of the network, two bits for one. */
function prefixOf(address: Uint8Array, bits: number): Uint8Array {
  const prefix = new Uint8Array(prefixBytes(address.length));
  for (let i = 0; i < bits; i++) {
    const bit = (address[i >> 3]! >> (7 - (i & 7))) & 1;
    prefix[i >> 2]! |= (bit + 1) << (6 - 2 * (i & 3));
  }
  return prefix;
}

/** Writes the key of an address. */
export function writeKeyNetwork(writer: ByteWriter, value: Uint8Array): void {
  const address = value.subarray(1);
  writer.u8(address.length);
  writer.raw(prefixOf(address, maskBits(value)));
  writer.raw(address);
}

/** As much of a reader of keys as an address needs. */
export interface KeySource {
  readonly offset: number;
  /** The next byte. */
  byte(): number;
  /** The next `count` bytes: a copy. */
  take(count: number): Uint8Array;
  /** An error of kind `corrupt`. */
  corrupt(what: string, at?: number): KriyaError;
}

/** Reads the key of an address. */
export function readKeyNetwork(reader: KeySource): Uint8Array {
  const at = reader.offset;
  const length = reader.byte();
  if (length !== 4 && length !== 16) {
    throw reader.corrupt("bad network address in a key", at);
  }
  const prefix = reader.take(prefixBytes(length));
  const address = reader.take(length);
  let bits = 0;
  while (((prefix[bits >> 2]! >> (6 - 2 * (bits & 3))) & 3) !== 0) bits++;
  const isRight = bits <= length * 8 &&
    prefixOf(address, bits).every((byte, i) => byte === prefix[i]);
  if (!isRight) throw reader.corrupt("bad network address in a key", at);
  return networkOf([...address], bits);
}
