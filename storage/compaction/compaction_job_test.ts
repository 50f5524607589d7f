import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  CompactedTree,
  seenFrom,
  TINY_TABLES,
} from "../../tests/support/compacted_tree.ts";
import { bytes, type PlainEntry } from "../../tests/support/lsm_contents.ts";
import type { PlainTombstone } from "../../tests/support/plain_runs.ts";
import { SeededRandom } from "../../testing/seeded_random.ts";
import { systemEnvironment } from "../../base/environment.ts";
import type { TableMeta } from "../manifest/manifest.ts";
import { compactionEdit } from "./compaction_edit.ts";
import { olderThan, runCompaction } from "./compaction_job.ts";
import { pickCompaction, pickFullCompaction } from "./picker.ts";
import type { CompactionPlan, PickerOptions } from "./plan.ts";
import type { Retention } from "./retention.ts";

const NO_FLOORS: ReadonlyMap<number, number> = new Map();

function keepFrom(horizon: number): Retention {
  return { horizon, floors: NO_FLOORS, expiries: [] };
}

function pickerOptions(
  retention: Retention,
  compaction: PickerOptions["compaction"] = "leveled",
): PickerOptions {
  return {
    compaction,
    l0CompactionTrigger: 3,
    levelSizeRatio: 3,
    levelBaseBytes: 1500,
    tableBytesMax: TINY_TABLES.tableBytesMax,
    droppableTo: () => retention.horizon,
    isExpired: () => false,
  };
}

/** A table's worth of commits from `sequence` on. */
function randomTable(
  random: SeededRandom,
  sequence: number,
): { entries: PlainEntry[]; tombstones: PlainTombstone[]; next: number } {
  const entries: PlainEntry[] = [];
  const tombstones: PlainTombstone[] = [];
  const key = (): string => `k${String(random.below(60)).padStart(3, "0")}`;
  for (let commits = 3 + random.below(8); commits > 0; commits--) {
    if (random.chance(0.15)) {
      const [start, end] = [key(), key()].sort();
      // An end that is a key and a zero byte, as a cut leaves it.
      const after = random.chance(0.3) ? `${end}\0` : `${end}~`;
      tombstones.push({ start: start!, end: after, sequence });
    }
    const written = new Set<string>();
    for (let count = 1 + random.below(6); count > 0; count--) {
      const name = key();
      if (written.has(name)) continue;
      written.add(name);
      const value = random.chance(0.25)
        ? undefined
        : `${sequence}`.repeat(1 + random.below(20));
      entries.push({ key: name, sequence, value });
    }
    sequence++;
  }
  return { entries, tombstones, next: sequence };
}

for (const strategy of ["leveled", "size-tiered"] as const) {
  Deno.test(`[K-041, K-071] ${strategy}: after every compaction, every snapshot from the horizon on sees what it saw`, async () => {
    for (let seed = 1; seed <= 8; seed++) {
      const random = new SeededRandom(`${strategy} ${seed}`);
      const tree = new CompactedTree();
      const all: { entries: PlainEntry[]; tombstones: PlainTombstone[] } = {
        entries: [],
        tombstones: [],
      };
      let next = 1;
      let horizon = 0;
      let compactions = 0;
      for (let step = 0; step < 20; step++) {
        const table = randomTable(random, next);
        next = table.next;
        all.entries.push(...table.entries);
        all.tombstones.push(...table.tombstones);
        await tree.flush(table.entries, table.tombstones, next - 1);
        if (random.chance(0.5)) horizon += random.below(next - horizon);
        const retention = keepFrom(horizon);
        const options = pickerOptions(retention, strategy);
        for (let limit = 0;; limit++) {
          assert(limit < 50, `seed ${seed}: no end of compactions`);
          const state = {
            levels: tree.manifest.levels,
            busy: new Set<string>(),
          };
          const plan = random.chance(0.1) && limit < 10
            ? pickFullCompaction(state, options)
            : pickCompaction(state, options);
          if (plan === undefined) break;
          await tree.compact(plan, retention);
          compactions++;
        }
        const found = await tree.contents();
        assertEquals(tree.manifest.horizon <= horizon, true);
        assertEquals(
          seenFrom(found, horizon, next),
          seenFrom(all, horizon, next),
          `${strategy} seed ${seed} step ${step} horizon ${horizon}`,
        );
      }
      assert(compactions > 5);
    }
  });
}

/** A plan that merges all of level 0 into `outputLevel`. */
function everything(
  tree: CompactedTree,
  outputLevel: number,
): CompactionPlan {
  const inputs = tree.manifest.levels.flatMap((tables, level) =>
    tables.length === 0 || level > outputLevel ? [] : [{ level, tables }]
  );
  return {
    reason: "asked",
    inputs,
    outputLevel,
    move: false,
    grandparents: [],
  };
}

function entry(key: string, sequence: number, value?: string): PlainEntry {
  return { key, sequence, value };
}

Deno.test("[K-040, K-039] deletions and range tombstones stay while something older lies below, and go at the bottom", async () => {
  const tree = new CompactedTree();
  await tree.flush([entry("a", 1, "x"), entry("m", 1, "x")], [], 1);
  await tree.compact(everything(tree, 2), keepFrom(1));
  const cover = [{ start: "k", end: "z", sequence: 2 }];
  await tree.flush([entry("a", 2), entry("b", 2)], cover, 2);
  await tree.compact(everything(tree, 1), keepFrom(2));
  let found = await tree.contents();
  // "b" lies in no older table's range that matters: [a, m] does hold it.
  assertEquals(found.entries.filter(({ value }) => value === undefined), [
    entry("a", 2),
    entry("b", 2),
  ]);
  // Only as far as the table below reaches.
  assertEquals(found.tombstones, [{ start: "k", end: "m\0", sequence: 2 }]);
  await tree.compact(everything(tree, 2), keepFrom(2));
  found = await tree.contents();
  assertEquals(found, { entries: [], tombstones: [] });
  assertEquals(tree.manifest.levels.flat(), []);
  assertEquals(tree.manifest.horizon, 2);
});

Deno.test("[L-096, L-100, L-182] a version goes once no snapshot from the horizon on sees it, not earlier", async () => {
  const versions = [entry("a", 1, "1"), entry("a", 3, "3"), entry("a", 5, "5")];
  for (
    const [horizon, left] of [
      [0, [5, 3, 1]],
      [2, [5, 3, 1]],
      [3, [5, 3]],
      [4, [5, 3]],
      [5, [5]],
    ] as const
  ) {
    const tree = new CompactedTree();
    for (const each of versions) await tree.flush([each], [], each.sequence);
    await tree.compact(everything(tree, 3), keepFrom(horizon));
    const { entries } = await tree.contents();
    assertEquals(entries.map(({ sequence }) => sequence), [...left]);
  }
});

Deno.test("under the prefix of an index, versions that are newer than its segments stay", async () => {
  const tree = new CompactedTree();
  for (let sequence = 1; sequence <= 4; sequence++) {
    const value = sequence === 4 ? undefined : "v";
    await tree.flush(
      [entry("idx1a", sequence, value), entry("rows", sequence, value)],
      [],
      sequence,
    );
  }
  const prefix = new DataView(bytes("idx1").buffer).getUint32(0);
  const retention = { ...keepFrom(4), floors: new Map([[prefix, 2]]) };
  await tree.compact(everything(tree, 3), retention);
  const { entries } = await tree.contents();
  assertEquals(
    entries.map(({ key, sequence }) => `${key} ${sequence}`),
    ["idx1a 4", "idx1a 3", "idx1a 2"],
  );
});

Deno.test("what has outlived its time goes; over older tables it becomes a deletion", async () => {
  const tree = new CompactedTree();
  await tree.flush([entry("t/a", 1, "old"), entry("u/a", 1, "old")], [], 1);
  await tree.compact(everything(tree, 2), keepFrom(0));
  await tree.flush([entry("t/a", 2, "new"), entry("t/z", 2, "new")], [], 2);
  await tree.flush([entry("t/b", 3, "young")], [], 3);
  const expiries = [{ prefix: bytes("t/"), to: 2 }];
  await tree.compact(everything(tree, 1), { ...keepFrom(3), expiries });
  assertEquals(
    (await tree.contents()).entries.map(({ key, value }) => `${key} ${value}`),
    ["t/a undefined", "t/b young", "t/z undefined", "t/a old", "u/a old"],
  );
  await tree.compact(everything(tree, 2), { ...keepFrom(3), expiries });
  assertEquals((await tree.contents()).entries.map(({ key }) => key), [
    "t/b",
    "u/a",
  ]);
});

Deno.test("a tombstone is cut where outputs end, and tables stay apart", async () => {
  const tree = new CompactedTree();
  const rows = Array.from(
    { length: 200 },
    (_, i) => entry(`r${1000 + i}`, 5, "x".repeat(40)),
  );
  await tree.flush([entry("r1000", 1, "old"), entry("r1300", 1, "old")], [], 1);
  await tree.compact(everything(tree, 6), keepFrom(0));
  await tree.flush(rows, [{ start: "a", end: "z", sequence: 4 }], 5);
  await tree.compact(everything(tree, 1), keepFrom(0));
  const tables = tree.manifest.levels[1]!;
  assert(tables.length > 3);
  assert(tables.every(({ tombstoneCount }) => tombstoneCount === 1));
  const { tombstones } = await tree.contents();
  const pieces = tombstones.sort((a, b) => a.start < b.start ? -1 : 1);
  assertEquals(pieces[0]!.start, "a");
  assertEquals(pieces.at(-1)!.end, "z");
  for (let i = 1; i < pieces.length; i++) {
    assertEquals(pieces[i - 1]!.end, pieces[i]!.start);
  }
});

Deno.test("a table that a tombstone hides as a whole is not read", async () => {
  const tree = new CompactedTree();
  await tree.flush([entry("a", 1, "x"), entry("c", 1, "x")], [], 1);
  await tree.compact(everything(tree, 1), keepFrom(0));
  await tree.flush([], [{ start: "a", end: "d", sequence: 2 }], 2);
  const hidden = tree.manifest.levels[1]![0]!;
  await tree.objects.delete(hidden.path);
  await tree.compact(everything(tree, 1), keepFrom(2));
  assertEquals(tree.manifest.levels.flat(), []);
});

Deno.test("blocks of which all stays are written as they were stored", async () => {
  const tree = new CompactedTree();
  const rows = (from: number, sequence: number): PlainEntry[] =>
    Array.from(
      { length: 300 },
      (_, i) => entry(`rows${from + i}`, sequence, "value"),
    );
  await tree.flush(rows(1000, 1), [], 1);
  await tree.flush(rows(2000, 2), [], 2);
  const table = { tableBytesMax: 1 << 20, blockBytes: 120 };
  const result = await tree.compact(everything(tree, 1), keepFrom(2), table);
  assert(result !== undefined && result.copiedBlocks >= 48);
  assertEquals((await tree.contents()).entries.length, 600);
});

Deno.test("an aborted compaction ends with the signal's reason", async () => {
  const tree = new CompactedTree();
  await tree.flush([entry("a", 1, "x")], [], 1);
  const plan = everything(tree, 1);
  await assertRejects(
    () =>
      runCompaction({
        plan,
        older: olderThan(tree.manifest.levels, plan),
        retention: keepFrom(0),
        objects: tree.objects,
        store: (bytes) => tree.store(bytes),
        table: TINY_TABLES,
        environment: systemEnvironment,
        signal: AbortSignal.abort(new Error("enough")),
      }),
    Error,
    "enough",
  );
});

Deno.test("an edit is refused once an input is gone, something lies in the way, or an index needs more", async () => {
  const tree = new CompactedTree();
  await tree.flush([entry("a", 1, "x"), entry("m", 1, "x")], [], 1);
  const plan = everything(tree, 1);
  const { manifest } = tree;
  const outputs: readonly TableMeta[] = [
    { ...manifest.levels[0]![0]!, path: "sst/out" },
  ];
  const edit = (changed: typeof manifest): unknown =>
    compactionEdit(changed, plan, outputs, keepFrom(1));
  assert(edit(manifest) !== undefined);
  const levels = manifest.levels;
  const without = { ...manifest, levels: [[], ...levels.slice(1)] };
  assertEquals(edit(without), undefined);
  const other = { ...levels[0]![0]!, path: "sst/other" };
  const occupied = [levels[0]!, [other], ...levels.slice(2)];
  assertEquals(edit({ ...manifest, levels: occupied }), undefined);
  const segment = { path: "vec/1", size: 1, owner: 7, info: { coveredTo: 0 } };
  assertEquals(edit({ ...manifest, segments: [segment] }), undefined);
  // Made again on a manifest that has it already, it changes nothing.
  const done = [[], outputs, ...levels.slice(2)];
  assertEquals(edit({ ...manifest, levels: done }), {});
});
