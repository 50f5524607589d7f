import { assert, assertEquals, assertThrows } from "@std/assert";
import { fc } from "fast-check";
import { ByteWriter } from "../../base/bytes.ts";
import { KriyaError } from "../../base/errors.ts";
import {
  bytes,
  entriesOf,
  keyAt,
  type PlainEntry,
} from "../../tests/support/lsm_contents.ts";
import { compareEntries, runOf } from "../../tests/support/plain_runs.ts";
import { BlockBuilder, decodeBlock, RESTART_INTERVAL } from "./block.ts";

function build(builder: BlockBuilder, entries: readonly PlainEntry[]): void {
  const run = runOf(entries);
  for (let i = 0; i < run.count; i++) {
    builder.add(
      run.keys,
      run.keyStarts[i]!,
      run.keyEnds[i]!,
      run.values,
      run.valueStarts[i]!,
      run.valueEnds[i]!,
      run.sequences[i]!,
      run.kinds[i]!,
    );
    assertEquals(builder.lastKey, keyAt(run, i));
  }
}

async function decoded(
  block: Uint8Array,
  commitSequence?: number,
): Promise<PlainEntry[]> {
  let run: ReturnType<typeof decodeBlock> | undefined = decodeBlock(
    block,
    "sst/x",
    commitSequence,
  );
  return await entriesOf({
    nextRun: () => {
      const given = run;
      run = undefined;
      return given;
    },
  });
}

const entries = fc.uniqueArray(
  fc.record({
    key: fc.string({ minLength: 1, maxLength: 30, size: "max" })
      .map((s) => s.toWellFormed()),
    sequence: fc.integer({ min: 0, max: 2 ** 51 - 1 }),
    value: fc.option(
      fc.string({ maxLength: 200, size: "max" }).map((s) => s.toWellFormed()),
      { nil: undefined },
    ),
  }, { noNullPrototype: true }),
  {
    selector: ({ key, sequence }) => `${key}@${sequence}`,
    minLength: 1,
    maxLength: 100,
    size: "max",
  },
).map((entries) => entries.sort(compareEntries));

Deno.test("[K-062] a block comes back as it was built, one after another from one builder", async () => {
  const builder = new BlockBuilder();
  await fc.assert(
    fc.asyncProperty(entries, async (entries) => {
      build(builder, entries);
      assertEquals(builder.count, entries.length);
      assertEquals(builder.lastKey, bytes(entries.at(-1)!.key));
      const block = builder.finish().slice();
      assertEquals(await decoded(block), entries);
      assertEquals([builder.count, builder.length], [0, 0]);
    }),
    { numRuns: 200 },
  );
});

Deno.test("[L-037, L-054] keys that begin alike are stored once every 16 entries", () => {
  const prefix = "p".repeat(100);
  const key = (i: number): string => prefix + String(i).padStart(3, "0");
  const sized = (count: number): number => {
    const builder = new BlockBuilder();
    build(
      builder,
      Array.from({ length: count }, (_, i) => ({
        key: key(i),
        sequence: 1,
        value: "",
      })),
    );
    return builder.finish().length;
  };
  // An entry that shares costs a few bytes, one at a restart point 103 more.
  const perEntry = sized(RESTART_INTERVAL) - sized(RESTART_INTERVAL - 1);
  const restart = sized(RESTART_INTERVAL + 1) - sized(RESTART_INTERVAL);
  assert(perEntry <= 7, `${perEntry} bytes`);
  assert(restart >= 103 && restart <= 112, `${restart} bytes`);
});

Deno.test("an override gives every entry the commit's sequence", async () => {
  const builder = new BlockBuilder();
  build(builder, [
    { key: "a", sequence: 3, value: "1" },
    { key: "b", sequence: 9, value: undefined },
  ]);
  assertEquals(await decoded(builder.finish().slice(), 77), [
    { key: "a", sequence: 77, value: "1" },
    { key: "b", sequence: 77, value: undefined },
  ]);
});

Deno.test("a long key after a short one, and a value of a megabyte", async () => {
  const entries = [
    { key: "a", sequence: 1, value: "v".repeat(2 ** 20) },
    { key: "b".repeat(65_535), sequence: 1, value: "" },
    { key: "b".repeat(65_535), sequence: 0, value: undefined },
    { key: "c", sequence: 1, value: "w" },
  ];
  const builder = new BlockBuilder();
  build(builder, entries);
  assertEquals(await decoded(builder.finish().slice()), entries);
});

Deno.test("keys that grow past every buffer share what they share", async () => {
  const prefix = "abcdefgh".repeat(30);
  const entries = [10, 250, 300, 700, 701, 5000].map((length) => ({
    key: prefix + "x".repeat(length),
    sequence: 1,
    value: "",
  })).flatMap((entry) => [entry, { ...entry, key: `${entry.key}y` }])
    .sort(compareEntries);
  const builder = new BlockBuilder();
  build(builder, entries);
  assertEquals(await decoded(builder.finish().slice()), entries);
});

Deno.test("a decoded block keeps its keys when others are decoded after it", () => {
  const blockOf = (letter: string, count: number): Uint8Array => {
    const builder = new BlockBuilder();
    build(
      builder,
      Array.from({ length: count }, (_, i) => ({
        key: letter + String(i).padStart(4, "0"),
        sequence: 1,
        value: "",
      })),
    );
    return builder.finish().slice();
  };
  const first = decodeBlock(blockOf("a", 300), "sst/x");
  const keys = first.keys.slice();
  const second = decodeBlock(blockOf("b", 300), "sst/x");
  assertEquals(first.keys, keys);
  assert(first.keys.buffer !== second.keys.buffer);
  // Their memory is what they say, not what the decoder set aside.
  assertEquals(first.keys.buffer.byteLength, keys.length);
});

Deno.test("keys out of order are corrupt, at restart points too", () => {
  const put = 1 * 4 + 1;
  const rising = Array.from({ length: 17 }, (_, i) => `k${i + 10}`);
  for (const wrong of [5, 16]) {
    const parts = rising.map((key, i) => [
      0,
      3,
      0,
      put,
      i === wrong ? "k00" : key,
    ]);
    const size = crafted([parts[0]!], []).length - 8;
    assertThrows(
      () => decodeBlock(crafted(parts, [0, 16 * size]), "sst/x"),
      KriyaError,
      "keys out of order",
    );
  }
});

/** A block of hand-written entries; `restarts` as they are to be. */
function crafted(
  parts: readonly (number | string)[][],
  restarts: readonly number[],
  count: number = parts.length,
): Uint8Array {
  const writer = new ByteWriter();
  for (const part of parts) {
    for (const field of part) {
      if (typeof field === "number") writer.varint(field);
      else writer.raw(bytes(field));
    }
  }
  for (const restart of restarts) writer.u32(restart);
  writer.u32(restarts.length);
  writer.u32(count);
  return writer.toBytes();
}

Deno.test("a block that breaks a rule of the format is corrupt", () => {
  const put = 1 * 4 + 1;
  const fine = crafted([[0, 1, 1, put, "a", "v"]], [0]);
  assertEquals(decodeBlock(fine, "sst/x").count, 1);
  const broken: Record<string, Uint8Array> = {
    "too short for its tail": fine.subarray(fine.length - 7),
    "more entries than bytes": crafted([[0, 1, 1, put, "a", "v"]], [0], 16),
    "fewer restart points": crafted([[0, 1, 1, put, "a", "v"]], []),
    "more restart points": crafted([[0, 1, 1, put, "a", "v"]], [0, 1]),
    "a restart point elsewhere": crafted([[0, 1, 1, put, "a", "v"]], [1]),
    "a restart point past the end": crafted([[0, 1, 1, put, "a", "v"]], [99]),
    "a first key that shares": crafted([[1, 1, 1, put, "a", "v"]], [0]),
    "a key that shares more than there is": crafted([
      [0, 1, 0, put, "a"],
      [2, 1, 0, put, "b"],
    ], [0]),
    "a key past the end": crafted([[0, 99, 1, put, "a", "v"]], [0]),
    "a value past the end": crafted([[0, 1, 99, put, "a", "v"]], [0]),
    "a key over the limit": crafted(
      [[0, 65_536, 0, put, "a".repeat(65_536)]],
      [0],
    ),
    "an unknown kind": crafted([[0, 1, 1, 1 * 4 + 3, "a", "v"]], [0]),
    "bytes left over": crafted([[0, 1, 1, put, "a", "v", "rest"]], [0]),
  };
  for (const [what, block] of Object.entries(broken)) {
    const error = assertThrows(
      () => decodeBlock(block, "sst/x"),
      KriyaError,
      `Cannot read "sst/x" at byte`,
    );
    assertEquals(error.kind, "corrupt", what);
  }
});

Deno.test("a block cannot be made to take more than 16 times its size", () => {
  // Each of 64 keys shares 60,000 bytes with the one before: where restart
  // points are not held to their rule this is 4 MB out of 60 kB.
  const put = 1 * 4 + 1;
  const parts: (number | string)[][] = [[0, 60_000, 0, put, "k".repeat(6e4)]];
  for (let i = 1; i < 64; i++) parts.push([60_000, 0, 0, put]);
  const offsets = parts.map((part) => crafted([part], []).length - 8);
  const starts = offsets.map((_, i) =>
    offsets.slice(0, i).reduce((a, b) => a + b, 0)
  );
  const block = crafted(parts, starts.filter((_, i) => i % 16 === 0));
  assertThrows(
    () => decodeBlock(block, "sst/x"),
    KriyaError,
    "shared prefix too long",
  );
  const allowed = crafted(parts.slice(0, 16), [0]);
  const { memoryBytes } = decodeBlock(allowed, "sst/x");
  assert(memoryBytes <= 2 * 17 * allowed.length);
});
