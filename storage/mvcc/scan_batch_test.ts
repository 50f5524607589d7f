import { assert, assertEquals } from "@std/assert";
import { fc } from "fast-check";
import {
  entriesOf,
  type PlainEntry,
} from "../../tests/support/lsm_contents.ts";
import { runOf } from "../../tests/support/plain_runs.ts";
import { ScanBatch } from "./scan_batch.ts";

/** A run of `count` entries with keys that begin with `name`. */
function named(name: string, count: number, length = 1): PlainEntry[] {
  return Array.from({ length: count }, (_, i) => ({
    key: `${name}${i}`,
    sequence: i + 1,
    value: name.repeat(length),
  }));
}

/** What a batch holds. */
function contents(batch: ScanBatch): Promise<PlainEntry[]> {
  let given = false;
  return entriesOf({
    nextRun: () => {
      if (given) return undefined;
      given = true;
      return batch;
    },
  });
}

Deno.test("a batch of one run points into it; one of two runs is a copy", async () => {
  const a = named("a", 3);
  const b = named("b", 2);
  const [runA, runB] = [runOf(a), runOf(b)];
  const batch = new ScanBatch();
  batch.add(runA, 0);
  batch.add(runA, 2);
  assert(batch.keys === runA.keys && batch.values === runA.values);
  assertEquals(await contents(batch), [a[0], a[2]]);
  batch.add(runB, 1);
  assert(batch.keys !== runA.keys && batch.keys !== runB.keys);
  assertEquals(await contents(batch), [a[0], a[2], b[1]]);
  batch.reset();
  assertEquals(batch.count, 0);
  batch.add(runB, 0);
  assert(batch.keys === runB.keys);
  assertEquals(await contents(batch), [b[0]]);
});

Deno.test("a batch holds what was added, however the runs change", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(3), fc.nat(19)), {
        minLength: 1,
        maxLength: 600,
        size: "max",
      }),
      async (adds) => {
        const plain = ["a", "b", "c", "d"].map((name, i) =>
          named(name, 20, 1 + i * 40)
        );
        const runs = plain.map(runOf);
        const batch = new ScanBatch();
        const want: PlainEntry[] = [];
        for (const [run, index] of adds) {
          batch.add(runs[run]!, index);
          want.push(plain[run]![index]!);
        }
        assertEquals(await contents(batch), want);
      },
    ),
    { numRuns: 40 },
  );
});

Deno.test("a batch is full for another run once it has 16 of one, or 256 copies", () => {
  const [a, b] = [runOf(named("a", 300)), runOf(named("b", 300))];
  const direct = new ScanBatch();
  assertEquals(direct.isFullFor(a), false);
  for (let i = 0; i < 15; i++) direct.add(a, i);
  assertEquals([direct.isFullFor(a), direct.isFullFor(b)], [false, false]);
  direct.add(a, 15);
  assertEquals([direct.isFullFor(a), direct.isFullFor(b)], [false, true]);
  const copied = new ScanBatch();
  for (let i = 0; i < 255; i++) copied.add(i % 2 === 0 ? a : b, i);
  assertEquals([copied.isFullFor(a), copied.isFullFor(b)], [false, false]);
  copied.add(b, 255);
  assertEquals([copied.isFullFor(a), copied.isFullFor(b)], [true, true]);
});

Deno.test("a copied batch is full by bytes before it is by entries", () => {
  const long = runOf(named("a", 2, 200_000));
  const short = runOf(named("b", 2));
  const batch = new ScanBatch();
  batch.add(short, 0);
  batch.add(long, 0);
  assertEquals(batch.isFullFor(long), false);
  batch.add(long, 1);
  assertEquals(batch.isFullFor(short), true);
});

Deno.test("runs that share their keys and not their values are two runs", async () => {
  const one = runOf(named("a", 2));
  const other = { ...one, values: one.values.slice().fill(0x7a) };
  const batch = new ScanBatch();
  batch.add(one, 0);
  batch.add(other, 1);
  const values = (await contents(batch)).map(({ value }) => value);
  assertEquals(values, ["a", "z"]);
});
