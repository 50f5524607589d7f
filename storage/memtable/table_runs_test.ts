import { assert, assertEquals } from "@std/assert";
import { fc } from "fast-check";
import { bytes, text } from "../../tests/support/lsm_contents.ts";
import type { EntryRun } from "../mvcc/entry_run.ts";
import { KIND_DELETE, KIND_PUT } from "../mvcc/internal_key.ts";
import { MergingScan } from "../mvcc/merging_scan.ts";
import { Memtable } from "./memtable.ts";

const writes = fc.array(
  fc.record({
    key: fc.integer({ min: 0, max: 3000 }).map((n) => `k${n}`),
    isDelete: fc.boolean(),
  }, { noNullPrototype: true }),
  { maxLength: 3000, size: "max" },
);

function insertAll(
  memtable: Memtable,
  all: readonly { readonly key: string; readonly isDelete: boolean }[],
  deletes: number,
): void {
  all.forEach(({ key, isDelete }, i) => {
    const kind = isDelete && i % 10 < deletes ? KIND_DELETE : KIND_PUT;
    memtable.insert(bytes(key), bytes(`${i}`), i + 1, kind);
  });
}

function keyAt(run: EntryRun, index: number): string {
  return text(run.keys.subarray(run.keyStarts[index], run.keyEnds[index]))!;
}

async function runsOf(
  memtable: Memtable,
  reverse: boolean,
  visit: (run: EntryRun) => void,
): Promise<void> {
  const source = memtable.runs({}, reverse);
  for (let run = await source.nextRun(); run; run = await source.nextRun()) {
    visit(run);
  }
}

Deno.test("a run is plain only if it has nothing but newest puts, and says its highest sequence", async () => {
  let plain = 0;
  await fc.assert(
    fc.asyncProperty(
      writes,
      fc.constantFrom(0, 1, 9),
      fc.nat({ max: 3000 }),
      fc.boolean(),
      async (all, deletes, cut, reverse) => {
        const memtable = new Memtable();
        insertAll(memtable, all, deletes);
        memtable.cutBack(cut);
        let count = 0;
        const newest = new Set<string>();
        await runsOf(memtable, reverse, (run) => {
          const indexes = [...run.kinds.subarray(0, run.count).keys()];
          const keys = indexes.map((index) => keyAt(run, index));
          assertEquals(
            run.sequenceMax,
            Math.max(...run.sequences.subarray(0, run.count)),
          );
          count += run.count;
          if (run.isPlain !== true) return;
          plain++;
          assert(indexes.every((index) => run.kinds[index] === KIND_PUT));
          for (const key of keys) {
            assert(!newest.has(key), "two versions of a key in plain runs");
            newest.add(key);
          }
        });
        assertEquals(count, Math.min(cut, all.length));
      },
    ),
    { seed: 5, numRuns: 60 },
  );
  assert(plain > 5, `${plain} plain runs`);
});

Deno.test("scans over one memtable see the newest puts of a snapshot, run by run or by the entry", async () => {
  await fc.assert(
    fc.asyncProperty(
      writes,
      fc.constantFrom(0, 1, 9),
      fc.nat({ max: 3000 }),
      async (all, deletes, snapshot) => {
        const memtable = new Memtable();
        insertAll(memtable, all, deletes);
        const want = new Map<string, string>();
        all.slice(0, snapshot).forEach(({ key, isDelete }, i) => {
          if (isDelete && i % 10 < deletes) want.delete(key);
          else want.set(key, `${i}`);
        });
        const scan = new MergingScan({
          sources: [memtable.runs({})],
          range: {},
          snapshot,
          tombstones: [],
        });
        const found = new Map<string, string>();
        for (let run = await scan.next(); run; run = await scan.next()) {
          for (let i = 0; i < run.count; i++) {
            const value = run.values.subarray(
              run.valueStarts[i],
              run.valueEnds[i],
            );
            assert(!found.has(keyAt(run, i)));
            found.set(keyAt(run, i), text(value)!);
          }
        }
        assertEquals(await scan.next(), undefined);
        assertEquals(
          found,
          new Map([...want].sort(([a], [b]) => a < b ? -1 : 1)),
        );
      },
    ),
    { seed: 5, numRuns: 60 },
  );
});
