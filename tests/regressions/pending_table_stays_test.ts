/**
 * A table that the log names stays in what a writer reads until a manifest names
 * it. Where the answer to that manifest was lost, and a compactor elsewhere had
 * merged the table before the writer asked again, no manifest that the writer
 * saw ever named it: it stayed for good. Once a deletion of its rows was merged
 * away with them, the rows were back, for this writer only.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { compactExternally } from "../../storage/engine/external_compaction.ts";
import { delay } from "../../base/environment.ts";
import { manifestPath } from "../../storage/object_store/object_path.ts";
import { contentsOf, put } from "../support/lsm_contents.ts";
import { World } from "../support/world.ts";

Deno.test("a table that was ingested goes when its flush turns out to be published and compacted", async () => {
  const world = new World();
  await world.run(async () => {
    const { environment } = world;
    const { store, objects } = await world.open({
      compaction: "off",
      ingestBytesMin: 100,
      flushIntervalMs: 0,
      attemptsMax: 1,
    });
    const compact = (): Promise<unknown> =>
      compactExternally(world.handle().objects, { environment, full: true });
    await put(store, { a: "small" });
    await store.flush();
    // The manifest after that of the job names its table, and nobody knows.
    const silent = { prefix: "manifest/" };
    objects.inject("lostReply", { ...silent, operation: "put", nth: 2 });
    objects.inject("fail", { ...silent, operation: "get" });
    await put(store, { b: "large".repeat(50) });
    await delay(environment, 1);
    assertEquals(store.manifest.levels[0]!.length, 1);
    assertEquals(
      world.paths(manifestPath(store.manifest.number + 1)).length,
      1,
    );
    await compact();
    await store.flush();
    await put(store, { b: undefined });
    await store.flush();
    await compact();
    await put(store, { c: "1" });
    await store.flush();
    assertEquals(await contentsOf(store), [["a", "small"], ["c", "1"]]);
    await store.close();
  });
});
