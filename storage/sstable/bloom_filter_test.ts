import { assert, assertEquals, assertThrows } from "@std/assert";
import { KriyaError } from "../../base/errors.ts";
import { bytes } from "../../tests/support/lsm_contents.ts";
import {
  BloomFilter,
  BloomFilterBuilder,
  filterHash,
  hashKey,
} from "./bloom_filter.ts";

function filterOf(keys: readonly string[], bitsPerKey?: number): BloomFilter {
  const builder = new BloomFilterBuilder(bitsPerKey);
  for (const key of keys) {
    const encoded = bytes(key);
    builder.add(encoded, 0, encoded.length);
  }
  return new BloomFilter(builder.finish(), "sst/x");
}

const has = (filter: BloomFilter, key: string): boolean => {
  const encoded = bytes(key);
  return filter.mayContain(filterHash(encoded, 0, encoded.length));
};

const numbered = (count: number, prefix: string): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}${i}`);

Deno.test("[L-055] a filter has every key that was added", () => {
  for (const count of [0, 1, 2, 5, 100, 1025, 30_000]) {
    const keys = numbered(count, "key-");
    for (const bits of [1, 10, 24]) {
      const filter = filterOf(keys, bits);
      assert(keys.every((key) => has(filter, key)), `${count} keys, ${bits}`);
    }
  }
});

Deno.test("[L-055] of keys that were not added fewer than 1.5 % pass at 10 bits a key", () => {
  // Just under a power of two of bits and just over it: the worst and the best.
  for (const count of [1000, 6500, 6600, 13_100, 50_000]) {
    const filter = filterOf(numbered(count, "row/"));
    const probes = numbered(50_000, "absent/");
    const passed = probes.filter((key) => has(filter, key)).length;
    assert(passed < 750, `${count} keys: ${passed} of 50,000 pass`);
  }
});

Deno.test("keys in order, as row keys are, are told apart as well", () => {
  const key = (n: number): Uint8Array => {
    const bytes = new Uint8Array(12);
    new DataView(bytes.buffer).setUint32(8, n);
    return bytes;
  };
  const builder = new BloomFilterBuilder(10);
  for (let n = 0; n < 10_000; n++) builder.add(key(n), 0, 12);
  const filter = new BloomFilter(builder.finish(), "sst/x");
  let passed = 0;
  for (let n = 10_000; n < 60_000; n++) {
    if (filter.mayContain(filterHash(key(n), 0, 12))) passed++;
  }
  assert(passed < 750, `${passed} of 50,000 pass`);
});

Deno.test("without bits every key may be there", () => {
  const filter = filterOf(["a"], 0);
  assertEquals([has(filter, "a"), has(filter, "b")], [true, true]);
  assertEquals(filter.memoryBytes, 4);
});

Deno.test("a filter of no keys has none", () => {
  assertEquals(has(filterOf([]), "a"), false);
});

Deno.test("hashKey is MurmurHash3 of 32 bits", () => {
  const hash = (text: string, seed: number): number => {
    const encoded = bytes(text);
    return hashKey(encoded, 0, encoded.length, seed);
  };
  // Vectors of the reference implementation.
  assertEquals(hash("", 0), 0);
  assertEquals(hash("", 1), 0x514e28b7);
  assertEquals(hash("test", 0), 0xba6bd213);
  assertEquals(hash("Hello, world!", 0), 0xc0363e43);
  assertEquals(
    hash("The quick brown fox jumps over the lazy dog", 0x9747b28c),
    0x2fa826cd,
  );
});

Deno.test("bytes that are no filter are corrupt", () => {
  const broken = [
    new Uint8Array(0),
    new Uint8Array(3),
    Uint8Array.of(1, 0, 0, 0),
    Uint8Array.of(31, 0, 0, 0, ...new Uint8Array(8)),
    Uint8Array.of(7, 0, 0, 0, ...new Uint8Array(7)),
    Uint8Array.of(7, 0, 0, 0, ...new Uint8Array(24)),
  ];
  for (const filter of broken) {
    const error = assertThrows(
      () => new BloomFilter(filter, "sst/x"),
      KriyaError,
      `"sst/x"`,
    );
    assertEquals(error.kind, "corrupt");
  }
});
