import { assert, assertEquals, assertRejects } from "@std/assert";
import { delay } from "../../base/environment.ts";
import { KriyaError } from "../../base/errors.ts";
import { SeededRandom } from "../../testing/seeded_random.ts";
import { bytes, contentsOf, put } from "../../tests/support/lsm_contents.ts";
import { asked, World } from "../../tests/support/world.ts";
import { encodePin } from "../gc/pin_codec.ts";
import { WAL_HEADER_BYTES } from "../wal/wal_format.ts";
import {
  manifestPath,
  pinPath,
  sstPath,
  vecPath,
} from "../object_store/object_path.ts";
import type { LsmStore } from "./lsm_store.ts";

/** Paths of log objects that hold something. */
function groups(world: World): string[] {
  return world.paths("wal/").filter((path) =>
    world.bucket.object(path)!.bytes.length > WAL_HEADER_BYTES
  );
}

function namedTables(store: LsmStore): string[] {
  return store.manifest.levels.flat().map(({ path }) => path).sort();
}

Deno.test("[L-118, L-184] after a flush the log goes, while writes go on", async () => {
  const world = new World();
  await world.run(async () => {
    const { store, requests } = await world.open({
      walObjectsMax: 40,
      gcObjectsMin: 10,
    });
    for (let i = 0; i < 100; i++) await put(store, { [`k${i}`]: "v" });
    await delay(world.environment, 5000);
    // Two flushes took 40 objects each, the first of them the fence.
    assertEquals(groups(world).length, 21);
    assertEquals(world.paths("manifest/").length, 1);
    assertEquals(world.paths("sst/"), namedTables(store));
    assertEquals(store.status().garbageObjects, 0);
    assertEquals(store.status().collectedObjects, 79 + 2);
    requests.length = 0;
    await delay(world.environment, 1_000_000);
    assertEquals(asked(requests), [], "an idle store asks for nothing");
    assertEquals((await contentsOf(store)).length, 100);
    await store.close();
  });
});

Deno.test("a collection that is not the first lists nothing but pins", async () => {
  const world = new World();
  await world.run(async () => {
    const { store, requests } = await world.open({
      gcObjectsMin: 3,
      gcIntervalMs: 1000,
    });
    for (const key of ["a", "b", "c"]) await put(store, { [key]: "1" });
    await store.flush();
    await delay(world.environment, 10);
    assertEquals(groups(world), []);
    requests.length = 0;
    for (const key of ["a", "b", "c"]) await put(store, { [key]: "2" });
    await store.flush();
    requests.length = 0;
    await delay(world.environment, 900);
    assertEquals(asked(requests), [], "not before the interval is over");
    await delay(world.environment, 1000);
    assertEquals(asked(requests).sort(), [
      "delete manifest/",
      ...Array(3).fill("delete wal/"),
      "list pins/",
      "put gc/",
    ]);
    await store.close();
  });
});

Deno.test("what a writer left that died is found by the next one", async () => {
  const world = new World();
  await world.run(async () => {
    const first = await world.open({ gcIntervalMs: 0 });
    await put(first.store, { a: "1" });
    const sst = sstPath(first.store.newObjectId());
    const vec = vecPath(first.store.newObjectId());
    for (const path of [sst, vec]) world.bucket.set(path, bytes("upload"), 0);
    await first.store.flush();
    await put(first.store, { b: "2" });
    first.objects.crash();
    const next = await world.open({ gcIntervalMs: 0 });
    // What was not flushed is needed; its fences stay for ever.
    await next.store.collectGarbage();
    assertEquals(groups(world).length, 1);
    assertEquals(world.paths("sst/"), namedTables(next.store));
    assertEquals(world.paths("vec/"), []);
    await next.store.flush();
    const { deleted } = await next.store.collectGarbage();
    assertEquals(deleted, 2);
    assertEquals(groups(world), []);
    assertEquals(world.paths("wal/").length, 2, "a fence of each epoch");
    assertEquals((await contentsOf(next.store)).length, 2);
    await next.store.close();
  });
});

Deno.test("an upload that may yet be named stays, one that is abandoned goes", async () => {
  const world = new World();
  await world.run(async () => {
    const { store } = await world.open({ gcIntervalMs: 0 });
    const [slow, given] = [0, 1].map(() => vecPath(store.newObjectId()));
    for (const path of [slow!, given!]) {
      world.bucket.set(path, bytes("upload"), 0);
    }
    await put(store, { a: "1" });
    await store.flush();
    await store.collectGarbage();
    assertEquals(world.paths("vec/"), [slow, given]);
    store.abandonObject(given!);
    await store.publish(() => ({}));
    await store.collectGarbage();
    // The slower one's number is the lowest that is unsettled.
    assertEquals(world.paths("vec/"), [slow, given]);
    const segment = { path: slow!, size: 6, owner: 1, info: {} };
    await store.publish(() => ({ segments: [segment] }));
    await store.collectGarbage();
    assertEquals(world.paths("vec/"), [slow]);
    await store.publish(() => ({ segments: [] }));
    await store.collectGarbage();
    assertEquals(world.paths("vec/"), []);
    await store.close();
  });
});

Deno.test("[K-015] the manifest names exactly the tables that are there, after any operation", async () => {
  for (let seed = 1; seed <= 10; seed++) {
    const world = new World();
    await world.run(async () => {
      const random = new SeededRandom(seed);
      const options = { gcIntervalMs: 0, walObjectsMax: 5 };
      let process = await world.open(options);
      for (let step = 0; step < 40; step++) {
        const { store, objects } = process;
        const what = random.below(6);
        if (what < 3) await put(store, { [`k${random.below(9)}`]: `${step}` });
        else if (what === 3) await store.flush();
        else if (what === 4) {
          if (random.chance(0.5)) await store.close();
          else objects.crash();
          process = await world.open(options);
        }
        // A flush that is under way has its upload.
        await delay(world.environment, 10);
        await process.store.collectGarbage();
        assertEquals(world.paths("sst/"), namedTables(process.store));
      }
      await process.store.close();
    });
  }
});

Deno.test("what a scan reads stays until it has ended", async () => {
  const world = new World();
  await world.run(async () => {
    const { store } = await world.open({ gcIntervalMs: 0 });
    await put(store, { a: "1" });
    await store.flush();
    const [path] = namedTables(store);
    const scan = store.scan();
    await store.publish(({ levels }) => ({ levels: levels.map(() => []) }));
    const report = await store.collectGarbage();
    assertEquals(report.held, 1);
    assertEquals(world.paths("sst/"), [path]);
    scan.close();
    await store.collectGarbage();
    assertEquals(world.paths("sst/"), []);
    await store.close();
  });
});

Deno.test("what a reader pins stays until its pin ends", async () => {
  const world = new World();
  await world.run(async () => {
    const { store } = await world.open({ gcIntervalMs: 0 });
    await put(store, { a: "1" });
    const pin = encodePin({
      manifest: store.manifest.number,
      leaseMs: 60_000,
    });
    const nowMs = world.environment.now();
    world.bucket.set(pinPath("reader"), pin, nowMs);
    const pinned = manifestPath(store.manifest.number);
    await store.flush();
    const first = await store.collectGarbage();
    assertEquals(first.held, 2);
    assertEquals(groups(world).length, 1);
    assert(world.paths("manifest/").includes(pinned));
    await delay(world.environment, 70_000);
    await store.collectGarbage();
    assertEquals(groups(world), []);
    assertEquals(world.paths("manifest/").length, 1);
    assertEquals(world.paths("pins/"), []);
    await store.close();
  });
});

Deno.test("a writer that was overtaken deletes nothing", async () => {
  const world = new World();
  await world.run(async () => {
    const old = await world.open({ gcIntervalMs: 0 });
    await put(old.store, { a: "1" });
    await old.store.flush();
    const next = await world.open({ gcIntervalMs: 0 });
    await put(next.store, { a: "2" });
    await next.store.flush();
    await next.store.collectGarbage();
    const before = world.bucket.paths();
    const report = await old.store.collectGarbage();
    assertEquals(report.deleted, 0);
    assertEquals(world.bucket.paths(), before);
    await next.store.close();
  });
});

Deno.test("a collection that is asked for says why it cannot, and can be aborted", async () => {
  const world = new World();
  await world.run(async () => {
    const { store, objects } = await world.open({
      gcIntervalMs: 0,
      attemptsMax: 2,
    });
    await put(store, { a: "1" });
    await store.flush();
    // Both attempts at each object fail: whatever is under way ends in failure.
    objects.inject("fail", { operation: "delete", times: 100 });
    const error = await assertRejects(
      () => store.collectGarbage(),
      KriyaError,
    );
    assertEquals(error.kind, "unavailable");
    const signal = AbortSignal.abort(new Error("enough"));
    await assertRejects(
      () => store.collectGarbage({ signal }),
      Error,
      "enough",
    );
    assertEquals(groups(world).length, 1);
    await store.close();
    const reader = await world.open({ readOnly: true });
    await assertRejects(() => reader.store.collectGarbage(), KriyaError);
    await reader.store.close();
  });
});

Deno.test("a collection in the background that fails is tried again, and told", async () => {
  const world = new World();
  await world.run(async () => {
    const { store, objects } = await world.open({
      gcIntervalMs: 1000,
      gcObjectsMin: 1,
      attemptsMax: 1,
    });
    await put(store, { a: "1" });
    objects.inject("fail", { operation: "delete", times: 3 });
    await store.flush();
    await delay(world.environment, 10);
    assert(store.status().collectionError instanceof KriyaError);
    await delay(world.environment, 10_000);
    assertEquals(store.status().collectionError, undefined);
    assertEquals(groups(world), []);
    await store.close();
  });
});

Deno.test("closing collects what is worth it", async () => {
  for (const gcObjectsMin of [1, 1000]) {
    const world = new World();
    await world.run(async () => {
      const { store } = await world.open({ gcIntervalMs: 0, gcObjectsMin });
      await put(store, { a: "1" });
      await store.flush();
      await store.close();
      assertEquals(groups(world).length, gcObjectsMin === 1 ? 0 : 1);
    });
  }
});

Deno.test("a process that dies at any request of a collection loses nothing, and the next one finishes", async () => {
  let finished = false;
  for (let nth = 1; !finished; nth++) {
    const world = new World();
    await world.run(async () => {
      const { store, objects } = await world.open({ gcIntervalMs: 0 });
      for (let i = 0; i < 3; i++) await put(store, { [`k${i}`]: "v" });
      await store.flush();
      await put(store, { late: "v" });
      const way = nth % 2 === 0 ? "crashBefore" : "crashAfter";
      objects.inject(way, { nth: Math.ceil(nth / 2) });
      finished = await store.collectGarbage().then(() => true, () => false);
      objects.crash();
      const next = await world.open({ gcIntervalMs: 0 });
      assertEquals((await contentsOf(next.store)).length, 4);
      await next.store.collectGarbage();
      assertEquals(groups(world).length, 1);
      assertEquals(world.paths("sst/"), namedTables(next.store));
      assertEquals(world.paths("manifest/").length, 1);
      await next.store.close();
    });
    assert(nth < 100);
  }
});
