import { assert, assertEquals, assertThrows } from "@std/assert";
import { KriyaError } from "../../base/errors.ts";
import { bytes, type PlainEntry } from "../../tests/support/lsm_contents.ts";
import { runOf } from "../../tests/support/plain_runs.ts";
import { buildTable } from "../../tests/support/sstables.ts";
import { decodeFooter } from "./format.ts";
import { SstableBuilder } from "./sstable_builder.ts";

const entry = (
  key: string,
  sequence = 1,
  value: string | undefined = "v",
): PlainEntry => ({ key, sequence, value });

Deno.test("[K-061] entries that are out of order are refused", () => {
  const broken: PlainEntry[][] = [
    [entry("b"), entry("a")],
    [entry("a", 1), entry("a", 1)],
    [entry("a", 1), entry("a", 2)],
    [entry("ab"), entry("a")],
  ];
  for (const entries of broken) {
    const builder = new SstableBuilder();
    const run = runOf(entries);
    builder.add(run, 0);
    assertThrows(
      () => builder.add(run, 1),
      KriyaError,
      "sstable entries out of order",
    );
    // The last key is remembered across the end of a block, too.
    const small = new SstableBuilder({ blockBytes: 1 });
    small.add(run, 0);
    assertThrows(() => small.add(run, 1), KriyaError, "out of order");
  }
});

Deno.test("[K-065] the footer counts the entries", () => {
  for (const count of [1, 2, 17, 1000]) {
    const entries = Array.from(
      { length: count },
      (_, i) => ({
        key: String(i).padStart(6, "0"),
        sequence: 1,
        value: i % 3 === 0 ? undefined : "v",
      }),
    );
    const built = buildTable(entries, { blockBytes: 200 });
    const { bytes: file } = built;
    const footer = decodeFooter(file, file.length, "sst/x");
    assertEquals(footer.entryCount, count);
    assertEquals(built.entryCount, count);
    assertEquals(
      built.properties.deletionCount,
      entries.filter(({ value }) => value === undefined).length,
    );
  }
});

Deno.test("[K-063, K-067] compression is what the builder was told, and pays on text", () => {
  const entries = Array.from(
    { length: 500 },
    (_, i) => entry(`key${String(i).padStart(6, "0")}`, i, `a value, ${i} `),
  );
  const [none, zstd] = (["none", "zstd"] as const).map((compression) =>
    buildTable(entries, { compression })
  );
  const footerOf = (file: Uint8Array): string =>
    decodeFooter(file, file.length, "sst/x").compression;
  assertEquals(footerOf(none!.bytes), "none");
  assertEquals(footerOf(zstd!.bytes), "zstd");
  const ratio = none!.metaOffset / zstd!.metaOffset;
  assert(ratio > 2, `the data is ${ratio} times smaller`);
});

Deno.test("properties say what is in the table", () => {
  const built = buildTable(
    [
      entry("aaaa1", 7),
      { key: "aaaa1", sequence: 3, value: undefined },
      entry("bbbb", 5, "value"),
    ],
    {},
    [
      { start: "a", end: "az", sequence: 2 },
      { start: "b", end: "c", sequence: 9 },
    ],
  );
  assertEquals(built.tombstoneCount, 2);
  assertEquals(built.properties, {
    firstKey: bytes("a"),
    lastKey: bytes("c"),
    sequenceMin: 2,
    sequenceMax: 9,
    deletionCount: 1,
    keyBytes: 14,
    valueBytes: 6,
    prefixes: [
      { prefix: 0x61616161, entries: 2, deletions: 1, bytes: 11 },
      { prefix: 0x62626262, entries: 1, deletions: 0, bytes: 9 },
    ],
  });
});

Deno.test("a table of nothing is not built", () => {
  const builder = new SstableBuilder();
  assertEquals([builder.isEmpty, builder.length], [true, 0]);
  assertThrows(() => builder.finish(), KriyaError, "needs an entry");
});
