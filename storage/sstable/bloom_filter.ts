/**
 * Bloom filter over the user keys of a table (Bloom, 1970), probed by double
 * hashing (Kirsch and Mitzenmacher, "Less Hashing, Same Performance", 2006).
 *
 * | size | field |
 * | ---: | --- |
 * |    1 | probe count, 1–30; 0: no filter, every key may be there |
 * |    3 | zero |
 * |    n | bits, a power of two of 8 bytes or more |
 *
 * @module
 */
import { ByteReader } from "../../base/bytes.ts";

const HEADER_BYTES = 4;
const PROBES_MAX = 30;

/**
 * A 32-bit hash of `bytes[start, end)`: MurmurHash3's x86 form (Appleby), with
 * a seed.
 */
export function hashKey(
  bytes: Uint8Array,
  start: number,
  end: number,
  seed: number,
): number {
  let h = seed | 0;
  let i = start;
  for (; i + 4 <= end; i += 4) {
    let k = bytes[i]! | bytes[i + 1]! << 8 | bytes[i + 2]! << 16 |
      bytes[i + 3]! << 24;
    k = Math.imul(k, 0xcc9e2d51);
    k = k << 15 | k >>> 17;
    h ^= Math.imul(k, 0x1b873593);
    h = h << 13 | h >>> 19;
    h = Math.imul(h, 5) + 0xe6546b64 | 0;
  }
  let tail = 0;
  for (let shift = 0; i < end; i++, shift += 8) tail |= bytes[i]! << shift;
  tail = Math.imul(tail, 0xcc9e2d51);
  tail = tail << 15 | tail >>> 17;
  h ^= Math.imul(tail, 0x1b873593);
  h ^= end - start;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  h ^= h >>> 16;
  return h >>> 0;
}

const SEED = 0x9747b28c;

/** The hash that builder and filter share. */
export function filterHash(
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  return hashKey(bytes, start, end, SEED);
}

/** Collects the hashes of keys while a table is built. */
export class BloomFilterBuilder {
  #hashes = new Uint32Array(1024);
  #count = 0;
  #cut = 0;
  readonly #bitsPerKey: number;

  /** A builder of `bitsPerKey` bits a key at least (default 10); 0: none. */
  constructor(bitsPerKey = 10) {
    this.#bitsPerKey = bitsPerKey;
  }

  /** How many keys were added. */
  get count(): number {
    return this.#count;
  }

  /** A filter may begin here: what comes next counts, whatever came before. */
  cut(): void {
    this.#cut = this.#count;
  }

  /** Adds a key; the same key twice in a row counts once. */
  add(bytes: Uint8Array, start: number, end: number): void {
    if (this.#bitsPerKey === 0) return;
    const hash = filterHash(bytes, start, end);
    if (
      this.#count > this.#cut && this.#hashes[this.#count - 1] === hash
    ) return;
    if (this.#count === this.#hashes.length) {
      const grown = new Uint32Array(this.#count * 2);
      grown.set(this.#hashes);
      this.#hashes = grown;
    }
    this.#hashes[this.#count++] = hash;
  }

  /** The bytes of a filter of the keys from `first` to `end` (default: all). */
  finish(first = 0, end: number = this.#count): Uint8Array {
    if (this.#bitsPerKey === 0) return new Uint8Array(HEADER_BYTES);
    const count = end - first;
    let bits = 64;
    while (bits < count * this.#bitsPerKey) bits *= 2;
    const perKey = count === 0 ? this.#bitsPerKey : bits / count;
    const probes = Math.max(
      1,
      Math.min(PROBES_MAX, 12, Math.round(perKey * Math.LN2)),
    );
    const bytes = new Uint8Array(HEADER_BYTES + bits / 8);
    bytes[0] = probes;
    const mask = bits - 1;
    for (let i = first; i < end; i++) {
      let hash = this.#hashes[i]!;
      const step = stepOf(hash);
      for (let probe = 0; probe < probes; probe++) {
        const bit = hash & mask;
        bytes[HEADER_BYTES + (bit >>> 3)]! |= 1 << (bit & 7);
        hash = hash + step >>> 0;
      }
    }
    return bytes;
  }
}

/** The second hash, odd so that probes differ. */
function stepOf(hash: number): number {
  return Math.imul(hash ^ hash >>> 15, 0x2c1b3c6d) >>> 0 | 1;
}

/** The filter of an open table. */
export class BloomFilter {
  readonly #bytes: Uint8Array;
  readonly #probes: number;
  readonly #mask: number;

  /**
   * Takes over a filter's bytes.
   *
   * @throws {KriyaError} `corrupt`, naming `source`.
   */
  constructor(bytes: Uint8Array, source: string) {
    const reader = new ByteReader(bytes, source);
    this.#probes = reader.u8();
    reader.skip(HEADER_BYTES - 1);
    const bits = reader.remaining * 8;
    if (
      this.#probes > PROBES_MAX ||
      (this.#probes > 0 && (bits < 64 || (bits & (bits - 1)) !== 0))
    ) throw reader.corrupt("bad filter", 0);
    this.#bytes = bytes;
    this.#mask = bits - 1;
  }

  /** Bytes of memory it takes. */
  get memoryBytes(): number {
    return this.#bytes.length;
  }

  /** Whether a key with this {@linkcode filterHash} may be in the table. */
  mayContain(keyHash: number): boolean {
    const bytes = this.#bytes;
    const mask = this.#mask;
    let hash = keyHash;
    const step = stepOf(hash);
    for (let probe = 0; probe < this.#probes; probe++) {
      const bit = hash & mask;
      if ((bytes[HEADER_BYTES + (bit >>> 3)]! & 1 << (bit & 7)) === 0) {
        return false;
      }
      hash = hash + step >>> 0;
    }
    return true;
  }
}
