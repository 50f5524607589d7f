/**
 * A digest of a set that knows no order: what is added and what is taken away
 * may come in any order, and the sum is that of what is left.
 *
 * Each item is hashed to 256 bits, read as eight numbers of 32 bits; the sum is
 * kept column by column modulo the eight largest primes below 2^32. (After
 * Robert Escriva's "setsum".) Two sets with the same sum are the same set, but
 * for a chance of about 2^-256 and for someone who searches for a collision:
 * it finds mistakes, not forgers.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { hashItem, Setsum } from "./setsum.ts";
 *
 * const sum = new Setsum();
 * sum.add(hashItem("a"));
 * sum.add(hashItem("b"));
 * sum.remove(hashItem("a"));
 * const other = new Setsum();
 * other.add(hashItem("b"));
 * assertEquals(sum.toHex(), other.toHex());
 * ```
 *
 * @module
 */
import { createHash } from "node:crypto";

/** The eight largest primes below 2^32. */
const PRIMES = [
  4294967291,
  4294967279,
  4294967231,
  4294967197,
  4294967189,
  4294967161,
  4294967143,
  4294967111,
] as const;

const HEX = /^[0-9a-f]{64}$/;

/** The hash of an item: eight numbers of 32 bits. */
export type ItemHash = Uint32Array;

/** The sum of a set. */
export class Setsum {
  readonly #columns = new Float64Array(PRIMES.length);

  /** The sum that `toHex` wrote; `undefined` if it did not. */
  static fromHex(hex: string): Setsum | undefined {
    if (!HEX.test(hex)) return undefined;
    const sum = new Setsum();
    for (let i = 0; i < PRIMES.length; i++) {
      const column = parseInt(hex.slice(8 * i, 8 * i + 8), 16);
      if (column >= PRIMES[i]!) return undefined;
      sum.#columns[i] = column;
    }
    return sum;
  }

  /** Adds an item. */
  add(hash: ItemHash): void {
    for (let i = 0; i < PRIMES.length; i++) {
      const prime = PRIMES[i]!;
      this.#columns[i] = (this.#columns[i]! + hash[i]!) % prime;
    }
  }

  /** Takes an item away. */
  remove(hash: ItemHash): void {
    for (let i = 0; i < PRIMES.length; i++) {
      const prime = PRIMES[i]!;
      const value = hash[i]! % prime;
      this.#columns[i] = (this.#columns[i]! + prime - value) % prime;
    }
  }

  /** 64 hexadecimal digits. */
  toHex(): string {
    return Array.from(
      this.#columns,
      (column) => column.toString(16).padStart(8, "0"),
    ).join("");
  }
}

/** The hash of an item. */
export function hashItem(item: string): ItemHash {
  const digest = createHash("sha256").update(item).digest();
  const view = new DataView(digest.buffer, digest.byteOffset);
  return Uint32Array.from(PRIMES, (_, i) => view.getUint32(4 * i));
}
