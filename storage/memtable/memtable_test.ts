import { assert, assertEquals, assertThrows } from "@std/assert";
import { fc } from "fast-check";
import { KriyaError } from "../../base/errors.ts";
import { KIND_DELETE, KIND_PUT, SEQUENCE_MAX } from "../mvcc/internal_key.ts";
import {
  bytes,
  entriesOf,
  type PlainEntry,
  text,
} from "../../tests/support/lsm_contents.ts";
import { compareEntries } from "../../tests/support/plain_runs.ts";
import { seededRandom } from "../../tests/support/seeded_random.ts";
import { Memtable, NOT_FOUND } from "./memtable.ts";

function insertAll(memtable: Memtable, entries: readonly PlainEntry[]): void {
  for (const { key, sequence, value } of entries) {
    const kind = value === undefined ? KIND_DELETE : KIND_PUT;
    memtable.insert(bytes(key), bytes(value ?? ""), sequence, kind);
  }
}

const entries = fc.uniqueArray(
  fc.record({
    key: fc.integer({ min: 0, max: 300 }).map((n) => `k${n}`),
    sequence: fc.integer({ min: 1, max: 30 }),
    value: fc.option(fc.string({ maxLength: 8 }).map((s) => s.toWellFormed()), {
      nil: undefined,
    }),
  }, { noNullPrototype: true }),
  {
    selector: ({ key, sequence }) => `${key}@${sequence}`,
    maxLength: 700,
    size: "max",
  },
);

Deno.test("runs give every entry of a range in order, forward and backward", async () => {
  await fc.assert(
    fc.asyncProperty(
      entries,
      fc.option(fc.constantFrom("k0", "k1", "k15", "k2", "k250", "k9", "l")),
      fc.option(fc.constantFrom("k0", "k1", "k15", "k2", "k250", "k9", "l")),
      async (entries, start, end) => {
        const memtable = new Memtable();
        insertAll(memtable, entries);
        memtable.check();
        const range = {
          start: start === null ? undefined : bytes(start),
          end: end === null ? undefined : bytes(end),
        };
        const want = entries.toSorted(compareEntries).filter(({ key }) =>
          (start === null || key >= start) && (end === null || key < end)
        );
        const inRange = ({ key }: PlainEntry): boolean =>
          (start === null || key >= start) && (end === null || key < end);
        const forward = await entriesOf(memtable.runs(range));
        assertEquals(forward.filter(inRange), want);
        // Backward runs are ascending; the last run comes first.
        const source = memtable.runs(range, true);
        const backward: PlainEntry[][] = [];
        for (let run = await source.nextRun(); run;) {
          backward.unshift(
            await entriesOf({ nextRun: takeOnce(run) }),
          );
          run = await source.nextRun();
        }
        assertEquals(backward.flat().filter(inRange), want);
      },
    ),
    { numRuns: 60 },
  );
});

/** A source of one run. */
function takeOnce<T>(value: T): () => T | undefined {
  let taken = false;
  return () => {
    if (taken) return undefined;
    taken = true;
    return value;
  };
}

Deno.test("[L-099] find gives the newest version that a snapshot sees", () => {
  fc.assert(
    fc.property(entries, fc.integer({ min: 0, max: 31 }), (entries, at) => {
      const memtable = new Memtable();
      insertAll(memtable, entries);
      for (const key of new Set(entries.map(({ key }) => key))) {
        const want = entries
          .filter((entry) => entry.key === key && entry.sequence <= at)
          .sort(compareEntries)[0];
        const found = memtable.find(bytes(key), at);
        assertEquals(found === NOT_FOUND, want === undefined);
        if (want === undefined) continue;
        assertEquals(memtable.sequenceOf(found), want.sequence);
        assertEquals(text(memtable.keyOf(found)), key);
        assertEquals(
          memtable.kindOf(found) === KIND_DELETE
            ? undefined
            : text(memtable.valueOf(found)),
          want.value,
        );
      }
      assertEquals(memtable.find(bytes("nothing"), SEQUENCE_MAX), NOT_FOUND);
    }),
    { numRuns: 60 },
  );
});

Deno.test("[K-034] a frozen memtable takes no entry, no tombstone and no bytes", () => {
  const memtable = new Memtable();
  memtable.insert(bytes("a"), bytes("1"), 1, KIND_PUT);
  assertEquals(memtable.frozen, false);
  memtable.freeze();
  assertEquals(memtable.frozen, true);
  for (
    const write of [
      () => memtable.insert(bytes("b"), bytes("2"), 2, KIND_PUT),
      () => memtable.insertTombstone(bytes("a"), bytes("b"), 2),
      () => memtable.append(bytes("b")),
      () => memtable.insertAppended(0, 1, 0, 1, 2, KIND_PUT),
    ]
  ) assertThrows(write, KriyaError, "memtable is frozen");
  assertEquals([memtable.count, memtable.sequenceMax], [1, 1]);
  assertEquals(text(memtable.valueOf(memtable.find(bytes("a"), 9))), "1");
});

Deno.test("cutBack takes back what is above a sequence, tombstones too, frozen or not", async () => {
  const memtable = new Memtable();
  insertAll(memtable, [
    { key: "a", sequence: 1, value: "1" },
    { key: "b", sequence: 2, value: "2" },
  ]);
  memtable.insertTombstone(bytes("a"), bytes("c"), 3);
  insertAll(memtable, [
    { key: "a", sequence: 4, value: "4" },
    { key: "c", sequence: 4, value: undefined },
  ]);
  memtable.insertTombstone(bytes("x"), bytes("y"), 5);
  memtable.freeze();
  memtable.cutBack(4);
  assertEquals(memtable.tombstones.length, 1);
  assertEquals(memtable.count, 4);
  memtable.cutBack(2);
  memtable.check();
  assertEquals(memtable.tombstones, []);
  assertEquals(memtable.sequenceMax, 2);
  assertEquals(await entriesOf(memtable.runs({})), [
    { key: "a", sequence: 1, value: "1" },
    { key: "b", sequence: 2, value: "2" },
  ]);
  memtable.cutBack(0);
  assertEquals([memtable.count, memtable.isEmpty], [0, true]);
  assertEquals(memtable.find(bytes("a"), SEQUENCE_MAX), NOT_FOUND);
});

Deno.test("newestSequence and rangeChangedSince regard deletions and tombstones", () => {
  const memtable = new Memtable();
  insertAll(memtable, [
    { key: "a", sequence: 1, value: "1" },
    { key: "b", sequence: 2, value: undefined },
  ]);
  memtable.insertTombstone(bytes("m"), bytes("p"), 3);
  const newest = (key: string): number => memtable.newestSequence(bytes(key));
  assertEquals(
    ["a", "b", "c", "l", "m", "o", "p"].map(newest),
    [1, 2, -1, -1, 3, 3, -1],
  );
  const changed = (start: string, end: string, since: number): boolean =>
    memtable.rangeChangedSince(bytes(start), bytes(end), since);
  assertEquals(changed("a", "b", 0), true);
  assertEquals(changed("a", "b", 1), false);
  assertEquals(changed("b", "c", 1), true);
  assertEquals(changed("c", "m", 0), false);
  assertEquals(changed("c", "m\0", 0), true);
  assertEquals(changed("p", "z", 0), false);
  assertEquals(changed("o", "z", 2), true);
  assertEquals(changed("o", "z", 3), false);
});

Deno.test("newestSequence forgets a tombstone that was cut back, and finds the one in its place", () => {
  const memtable = new Memtable();
  memtable.insertTombstone(bytes("a"), bytes("b"), 1);
  memtable.insertTombstone(bytes("m"), bytes("p"), 2);
  assertEquals(memtable.newestSequence(bytes("m")), 2);
  memtable.cutBack(1);
  memtable.insertTombstone(bytes("x"), bytes("z"), 3);
  assertEquals(
    ["a", "m", "x"].map((key) => memtable.newestSequence(bytes(key))),
    [1, -1, 3],
  );
});

Deno.test("an empty tombstone is none, and a memtable of one tombstone is not empty", () => {
  const memtable = new Memtable();
  memtable.insertTombstone(bytes("b"), bytes("b"), 1);
  memtable.insertTombstone(bytes("b"), bytes("a"), 1);
  assertEquals([memtable.isEmpty, memtable.sequenceMax], [true, 0]);
  memtable.insertTombstone(bytes("a"), bytes("b"), 1);
  assertEquals([memtable.isEmpty, memtable.sequenceMax], [false, 1]);
});

Deno.test("countKeys counts puts less deletions in a range", () => {
  const memtable = new Memtable();
  insertAll(memtable, [
    { key: "a", sequence: 1, value: "1" },
    { key: "b", sequence: 1, value: "1" },
    { key: "b", sequence: 2, value: undefined },
    { key: "c", sequence: 1, value: "1" },
  ]);
  const count = (start?: string, end?: string): number =>
    memtable.countKeys({
      start: start === undefined ? undefined : bytes(start),
      end: end === undefined ? undefined : bytes(end),
    });
  assertEquals([count(), count("b"), count("a", "b"), count("b", "c")], [
    2,
    1,
    1,
    0,
  ]);
});

Deno.test("[K-033] contentBytes counts keys and values; memoryBytes is not less", () => {
  const memtable = new Memtable();
  for (let i = 0; i < 2000; i++) {
    memtable.insert(bytes(`key${i}`), new Uint8Array(100), i, KIND_PUT);
  }
  const want = Array.from({ length: 2000 }, (_, i) => `key${i}`.length + 100)
    .reduce((a, b) => a + b);
  assertEquals(memtable.contentBytes, want);
  assert(memtable.memoryBytes > want);
});

Deno.test("compacted holds what was not taken back, and no other bytes; the one before stays as it was", async () => {
  await fc.assert(
    fc.asyncProperty(
      entries,
      fc.integer({ min: 0, max: 31 }),
      async (entries, sequence) => {
        const memtable = new Memtable();
        insertAll(
          memtable,
          entries.toSorted((a, b) => a.sequence - b.sequence),
        );
        memtable.insertTombstone(bytes("a"), bytes("b"), 31);
        const all = memtable.contentBytes;
        assertEquals(memtable.entryBytes, all);
        memtable.cutBack(sequence);
        const kept = await entriesOf(memtable.runs({}));
        assertEquals(memtable.contentBytes, all);
        const compacted = memtable.compacted();
        compacted.check();
        assertEquals(await entriesOf(compacted.runs({})), kept);
        assertEquals(compacted.contentBytes, memtable.entryBytes);
        assertEquals(compacted.tombstones, memtable.tombstones);
        compacted.insert(bytes("z"), bytes("later"), 99, KIND_PUT);
        assertEquals(await entriesOf(memtable.runs({})), kept);
      },
    ),
  );
});

Deno.test("[K-032] a memtable takes a write in microseconds", () => {
  const memtable = new Memtable();
  const value = new Uint8Array(100);
  const random = seededRandom(1);
  const times: number[] = [];
  for (let i = 0; i < 20_000; i++) {
    const key = bytes(`k${random()}`);
    const before = performance.now();
    memtable.insert(key, value, i + 1, KIND_PUT);
    times.push(performance.now() - before);
  }
  const median = times.sort((a, b) => a - b)[10_000]!;
  assert(median < 0.05, `${median} ms`);
});
