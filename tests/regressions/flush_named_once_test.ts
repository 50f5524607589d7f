/**
 * A flush whose publish had an unknown outcome looked whether its table was in
 * level 0, to see whether it had been published. A compaction could have taken
 * it out again since: then the retry named it anew, and a table that was
 * garbage, perhaps deleted already, was back in the tree. The replay point
 * tells: it is at the flush's own only once the flush is published.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { KriyaError } from "../../base/errors.ts";
import { put } from "../support/lsm_contents.ts";
import { World } from "../support/world.ts";

Deno.test("a table that a compaction took out again is not named by a flush's retry", async () => {
  const world = new World();
  await world.run(async () => {
    const { store, objects } = await world.open({
      gcIntervalMs: 0,
      flushIntervalMs: 0,
      attemptsMax: 1,
    });
    await put(store, { a: "1" });
    // The manifest is there, and nobody knows: PUT and read-back are lost.
    objects.inject("lostReply", { operation: "put", prefix: "manifest/" });
    const silent = { prefix: "manifest/" };
    objects.inject("fail", { ...silent, operation: "get", times: 2 });
    objects.inject("fail", { ...silent, operation: "put", times: 1 });
    const error = await assertRejects(() => store.flush(), KriyaError);
    assertEquals(error.kind, "unavailable");
    // As a compaction does that moves the table's entries elsewhere.
    let taken = 0;
    await store.publish(({ levels }) => {
      taken = levels[0]!.length;
      return { levels: levels.map(() => []) };
    });
    assert(taken === 1, "the first attempt was published");
    await store.flush();
    assertEquals(store.manifest.levels.flat(), []);
    await store.close();
  });
});
