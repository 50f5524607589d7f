import { assertEquals, assertThrows } from "@std/assert";
import { fc } from "fast-check";
import { ByteWriter, compareBytes } from "../../base/bytes.ts";
import { KriyaError } from "../../base/errors.ts";
import { bytes } from "../../tests/support/lsm_contents.ts";
import {
  decodeProperties,
  decodeTombstones,
  encodeProperties,
  encodeTombstones,
  PrefixCounter,
  prefixOf,
  type TableProperties,
} from "./properties.ts";

const count = fc.maxSafeNat();
const some = fc.uint8Array({ maxLength: 10 });

Deno.test("properties come back", () => {
  fc.assert(
    fc.property(
      some,
      some,
      fc.array(count, { minLength: 5, maxLength: 5 }),
      fc.array(
        fc.record({
          prefix: fc.integer({ min: 0, max: 0xffff_ffff }),
          entries: count,
          deletions: count,
          bytes: count,
        }, { noNullPrototype: true }),
      ),
      (a, b, counts, prefixes) => {
        const [firstKey, lastKey] = compareBytes(a, b) <= 0 ? [a, b] : [b, a];
        const [sequenceMin, sequenceMax, deletionCount, keyBytes, valueBytes] =
          counts;
        const properties: TableProperties = {
          firstKey,
          lastKey,
          sequenceMin: sequenceMin!,
          sequenceMax: sequenceMax!,
          deletionCount: deletionCount!,
          keyBytes: keyBytes!,
          valueBytes: valueBytes!,
          prefixes,
        };
        const encoded = encodeProperties(properties);
        assertEquals(decodeProperties(encoded, "sst/x"), properties);
        for (let end = 0; end < encoded.length; end++) {
          const error = assertThrows(
            () => decodeProperties(encoded.subarray(0, end), "sst/x"),
            KriyaError,
            `Cannot read "sst/x" at byte`,
          );
          assertEquals(error.kind, "corrupt");
        }
      },
    ),
    { numRuns: 50 },
  );
});

Deno.test("tombstones come back, with the commit's sequence if it overrides theirs", () => {
  const tombstones = [
    { start: new Uint8Array(0), end: bytes("a"), sequence: 0 },
    { start: bytes("a"), end: bytes("b"), sequence: 2 ** 52 },
  ];
  const encoded = encodeTombstones(tombstones);
  assertEquals(decodeTombstones(encoded, "sst/x"), tombstones);
  assertEquals(
    decodeTombstones(encoded, "sst/x", 7).map(({ sequence }) => sequence),
    [7, 7],
  );
  for (let end = 0; end < encoded.length; end++) {
    assertThrows(
      () => decodeTombstones(encoded.subarray(0, end), "sst/x"),
      KriyaError,
      `Cannot read "sst/x"`,
    );
  }
});

Deno.test("properties and tombstones that break a rule are corrupt", () => {
  const writer = new ByteWriter();
  writer.bytes(bytes("b"));
  writer.bytes(bytes("a"));
  for (let i = 0; i < 6; i++) writer.varint(0);
  const lists = new ByteWriter();
  lists.varint(2 ** 50);
  const empty = encodeTombstones([
    { start: bytes("a"), end: bytes("a"), sequence: 1 },
  ]);
  for (
    const decode of [
      () => decodeProperties(writer.toBytes(), "sst/x"),
      () => decodeTombstones(lists.toBytes(), "sst/x"),
      () => decodeTombstones(empty, "sst/x"),
    ]
  ) assertEquals(assertThrows(decode, KriyaError).kind, "corrupt");
});

Deno.test("entries are counted by the first four bytes of their keys", () => {
  const counter = new PrefixCounter();
  const add = (key: string, deletion = false): void => {
    const encoded = bytes(key);
    counter.add(
      prefixOf(encoded, 0, encoded.length),
      encoded.length,
      deletion,
    );
  };
  assertEquals(new PrefixCounter().finish(), []);
  for (const key of ["ab", "abcd", "abcde"]) add(key);
  add("abcdf", true);
  add("abce");
  assertEquals(counter.finish(), [
    { prefix: 0x61620000, entries: 1, deletions: 0, bytes: 2 },
    { prefix: 0x61626364, entries: 3, deletions: 1, bytes: 14 },
    { prefix: 0x61626365, entries: 1, deletions: 0, bytes: 4 },
  ]);
});
