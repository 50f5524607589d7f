import { assert, assertEquals } from "@std/assert";
import { SeededRandom } from "../../testing/seeded_random.ts";
import { bytes, put } from "../../tests/support/lsm_contents.ts";
import { World } from "../../tests/support/world.ts";
import { BlockCache } from "../cache/block_cache.ts";
import type { Manifest, TableMeta } from "../manifest/manifest.ts";
import { Memtable } from "../memtable/memtable.ts";
import type { Damage } from "./damage.ts";
import { LSM_DEFAULTS } from "./options.ts";
import { checkTree } from "./tree_check.ts";
import { OpenTable, TreeState } from "./tree_state.ts";
import { WriteBatch } from "./write_batch.ts";

const QUIET = { gcIntervalMs: 0, flushIntervalMs: 0, blockBytes: 64 };

/** A world with a few tables, and the manifest that names them. */
async function sample(): Promise<{ world: World; manifest: Manifest }> {
  const world = new World();
  const manifest = await world.run(async () => {
    const { store } = await world.open({ ...QUIET, compaction: "off" });
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 5; j++) await put(store, { [`k${j}`]: `${i}` });
      await put(store, { [`k${i}`]: undefined });
      const batch = new WriteBatch();
      batch.deleteRange(bytes("k3"), bytes("k4"));
      await store.write(batch);
      await store.flush();
    }
    await store.close();
    return store.manifest;
  });
  return { world, manifest };
}

/** Checks the tables of a sample as another manifest describes them. */
async function checked(
  { world, manifest }: { world: World; manifest: Manifest },
  change: (level0: TableMeta[]) => readonly (readonly TableMeta[])[],
): Promise<readonly Damage[]> {
  const { objects } = world.handle();
  const changed = change([...manifest.levels[0]!]);
  const levels = manifest.levels.map((_, level) => changed[level] ?? []);
  const cache = new BlockCache(1 << 20);
  const state = new TreeState(
    new Memtable(),
    [],
    levels.map((tables) =>
      tables.map((meta) => OpenTable.of(meta, objects, cache, LSM_DEFAULTS))
    ),
  );
  // The manifest's own sum would tell of every change.
  const { setsum: _, ...rest } = { ...manifest, levels };
  return await checkTree(state, rest, { full: true });
}

Deno.test("a tree is well after any steps", async () => {
  for (let seed = 1; seed <= 6; seed++) {
    const world = new World();
    await world.run(async () => {
      const random = new SeededRandom(seed);
      const { store } = await world.open({ ...QUIET, walObjectsMax: 6 });
      for (let step = 0; step < 60; step++) {
        const what = random.below(10);
        const key = `k${random.below(9)}`;
        if (what < 7) await put(store, { [key]: `${step}` });
        else if (what < 8) await put(store, { [key]: undefined });
        else if (what < 9) await store.flush();
        else await store.collectGarbage();
        assertEquals(await store.check({ full: step % 5 === 0 }), []);
      }
      await store.close();
    });
  }
});

Deno.test("what the manifest says of a table is held against the table", async () => {
  const tree = await sample();
  assertEquals(await checked(tree, (tables) => [tables]), []);
  const wrongs: [Partial<TableMeta>, string][] = [
    [{ entryCount: 4 }, "entries"],
    [{ deletionCount: 0 }, "deletions"],
    [{ tombstoneCount: 2 }, "range tombstones"],
    [{ firstKey: bytes("k1") }, "a key outside"],
    [{ lastKey: bytes("k3") }, "a key outside"],
    [{ prefixes: [] }, "by prefix"],
  ];
  for (const [wrong, what] of wrongs) {
    const found = await checked(tree, ([first, ...rest]) => [
      [{ ...first!, ...wrong }, ...rest],
    ]);
    const { path } = tree.manifest.levels[0]![0]!;
    assert(
      found.some((each) => each.object === path && each.what.includes(what)),
      `${what}: ${JSON.stringify(found)}`,
    );
  }
});

Deno.test("sequences are held against the manifest and the table", async () => {
  const tree = await sample();
  const found = await checked(tree, ([first, ...rest]) => [
    [{ ...first!, sequenceMin: first!.sequenceMin + 1 }, ...rest],
  ]);
  assert(found.some(({ what }) => what.includes("a sequence outside")));
  const { manifest } = tree;
  const older = { ...tree, manifest: { ...manifest, sequence: 3 } };
  const beyond = await checked(older, (tables) => [tables]);
  assert(beyond.some(({ what }) => what.includes("sequences beyond 3")));
});

Deno.test("an older version above a newer one is found", async () => {
  const tree = await sample();
  const swapped = await checked(tree, ([a, b, c]) => [[b!, a!, c!]]);
  assert(swapped.some(({ what }) => what.includes("not older than")));
  // Over levels only the entries tell.
  const buried = await checked(tree, ([a, b, c]) => [[b!, c!], [a!]]);
  assert(buried.some(({ what }) => /sequence \d+ of a key below/.test(what)));
  assertEquals(await checked(tree, ([a, b, c]) => [[a!, b!], [c!]]), []);
});

Deno.test("tables of a level that overlap, and one that is named twice, are found", async () => {
  const tree = await sample();
  const overlap = await checked(tree, ([a, b, c]) => [[a!], [b!, c!]]);
  assert(overlap.some(({ what }) => what.includes("overlap")));
  const twice = await checked(tree, ([a, b]) => [[a!, b!], [a!]]);
  assert(twice.some(({ what }) => what.includes("twice")));
});

Deno.test("[L-234] a damaged block is found, and the rest is checked all the same", async () => {
  const { world, manifest } = await sample();
  const { path } = manifest.levels[0]![1]!;
  const damaged = world.bucket.object(path)!.bytes.slice();
  damaged[3]! ^= 1;
  world.bucket.set(path, damaged, 0);
  const found = await checked({ world, manifest }, (tables) => [tables]);
  assertEquals(found.map(({ object, offset }) => [object, offset]), [[
    path,
    0,
  ]]);
});
