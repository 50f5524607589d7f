import { assert, assertEquals, assertRejects } from "@std/assert";
import { KriyaError } from "../../base/errors.ts";
import { SeededRandom } from "../../testing/seeded_random.ts";
import { contentsOf, put } from "../../tests/support/lsm_contents.ts";
import { type Process, World } from "../../tests/support/world.ts";
import { manifestPath } from "../object_store/object_path.ts";
import { CHECKPOINTS_MAX } from "./checkpoints.ts";

const QUIET = {
  compaction: "off" as const,
  gcIntervalMs: 0,
  flushIntervalMs: 0,
};

/** What a checkpoint shows. */
async function shown(
  world: World,
  checkpoint: string,
): Promise<[string, string][]> {
  const { store } = await world.open({ checkpoint });
  assertEquals(store.readOnly, true);
  const contents = await contentsOf(store);
  await store.close();
  return contents;
}

async function rejection(promise: Promise<unknown>): Promise<KriyaError> {
  return await assertRejects(() => promise, KriyaError) as KriyaError;
}

Deno.test("a checkpoint shows its moment for as long as it is kept, whatever happens", async () => {
  for (let seed = 1; seed <= 15; seed++) {
    const world = new World();
    await world.run(async () => {
      const random = new SeededRandom(seed);
      let process: Process = await world.open(QUIET);
      const kept = new Map<string, [string, string][]>();
      for (let step = 0; step < 40; step++) {
        const { store, objects } = process;
        const what = random.below(10);
        if (what < 4) {
          await put(store, {
            [`k${random.below(8)}`]: random.chance(0.2) ? undefined : `${step}`,
          });
        } else if (what < 5) await store.flush();
        else if (what < 7) {
          await store.createCheckpoint(`at ${step}`);
          kept.set(`at ${step}`, await contentsOf(store));
        } else if (what < 8 && kept.size > 0) {
          const name = [...kept.keys()][random.below(kept.size)]!;
          await store.dropCheckpoint(name);
          kept.delete(name);
        } else if (what < 9) await store.collectGarbage();
        else {
          if (random.chance(0.5)) await store.close();
          else objects.crash();
          process = await world.open(QUIET);
        }
        assertEquals(
          process.store.listCheckpoints().map(({ name }) => name),
          [...kept.keys()],
        );
      }
      await process.store.collectGarbage();
      for (const [name, contents] of kept) {
        assertEquals(
          await shown(world, name),
          contents,
          `seed ${seed} ${name}`,
        );
      }
      // Once they are dropped, what they kept goes.
      for (const name of kept.keys()) await process.store.dropCheckpoint(name);
      await process.store.flush();
      await process.store.collectGarbage();
      assertEquals(world.paths("manifest/").length, 1);
      await process.store.close();
    });
  }
});

Deno.test("a checkpoint costs one small object, and what is open goes on", async () => {
  const world = new World();
  await world.run(async () => {
    const { store, requests } = await world.open(QUIET);
    await put(store, { a: "1" });
    requests.length = 0;
    const checkpoint = await store.createCheckpoint("c");
    const puts = requests.filter(({ operation }) => operation === "put");
    assertEquals(puts.map(({ path }) => path), [
      manifestPath(checkpoint.manifest),
    ]);
    assertEquals(checkpoint.sequence, store.visibleSequence);
    const open = await world.open({ checkpoint: "c" });
    await put(store, { a: "2", b: "2" });
    await store.flush();
    await store.collectGarbage();
    assertEquals(await contentsOf(open.store), [["a", "1"]]);
    await open.store.close();
    await store.close();
  });
});

Deno.test("names are checked: taken, unknown, none", async () => {
  const world = new World();
  await world.run(async () => {
    const { store } = await world.open(QUIET);
    await store.createCheckpoint("c");
    const taken = await rejection(store.createCheckpoint("c"));
    assertEquals(taken.code, "42710");
    assertEquals((await rejection(store.dropCheckpoint("d"))).code, "42704");
    const unknown = await rejection(world.open({ checkpoint: "d" }));
    assertEquals([unknown.kind, unknown.code], ["invalid", "42704"]);
    for (const name of ["", "x".repeat(201), "\ud800"]) {
      const error = await rejection(store.createCheckpoint(name));
      assertEquals(error.code, "42602");
    }
    await store.close();
    const reader = await world.open({ readOnly: true });
    assert(reader.store.listCheckpoints().length === 1);
    await assertRejects(async () => await reader.store.createCheckpoint("e"));
    await reader.store.close();
  });
});

Deno.test("there are a thousand checkpoints at most", async () => {
  const world = new World();
  await world.run(async () => {
    const { store } = await world.open(QUIET);
    const one = await store.createCheckpoint("c");
    const many = Array.from(
      { length: CHECKPOINTS_MAX },
      (_, i) => ({ ...one, name: `c${i}` }),
    );
    await store.publish(() => ({ checkpoints: many }));
    const error = await rejection(store.createCheckpoint("one more"));
    assertEquals(error.code, "54000");
    await store.close();
  });
});

Deno.test("a checkpoint whose manifest or log is missing is corrupt, not less", async () => {
  for (const missing of ["manifest", "log"]) {
    const world = new World();
    await world.run(async () => {
      const { store } = await world.open(QUIET);
      await put(store, { a: "1" });
      await put(store, { b: "2" });
      const { manifest } = await store.createCheckpoint("c");
      await put(store, { c: "3" });
      await store.flush();
      const path = missing === "manifest"
        ? manifestPath(manifest)
        : world.paths("wal/")[2]!;
      world.bucket.remove(path);
      const error = await rejection(world.open({ checkpoint: "c" }));
      assertEquals(error.kind, "corrupt");
      await store.close();
    });
  }
});
