/**
 * A process that had claimed an epoch, stalled, and found a fence of a higher
 * epoch at the WAL id where it wanted to put its own took the next id instead
 * and served. The real owner's next commit then met that fence and was told
 * that it had been fenced, the stale process acknowledged commits, and nobody
 * could open the database any more: epoch 1 stood behind epoch 2 in the log.
 * (Rule R4 of `docs/decisions/001-protocol-model.md`.)
 *
 * Nor did an opening ask, after its fence, whether the manifest that it had
 * claimed was collected meanwhile (R5): the WAL ids that it found free may have
 * been free only for having been collected.
 *
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import { KriyaError } from "../../base/errors.ts";
import { LsmStore } from "../../storage/engine/lsm_store.ts";
import {
  MemoryBucket,
  MemoryStore,
} from "../../storage/object_store/memory_store.ts";
import { GC_BOUNDARY_PATH } from "../../storage/object_store/object_path.ts";
import { FaultyStore } from "../../testing/faulty_store.ts";
import { contentsOf, put } from "../support/lsm_contents.ts";
import { boundaryBytes } from "../support/manifests.ts";

for (const stall of ["before its listing", "before its fence"]) {
  Deno.test(`[K-100] an opening that stalls ${stall} gives up at a fence of a higher epoch`, async () => {
    const bucket = new MemoryBucket();
    const slow = new FaultyStore(new MemoryStore({ bucket }));
    const pause = slow.pause(
      stall === "before its listing"
        ? { operation: "list", prefix: "wal/", when: "before" }
        : { operation: "put", prefix: "wal/", when: "before" },
    );
    const opening = LsmStore.open(slow, { takeover: true });
    opening.catch(() => {});
    await pause.reached;
    const owner = await LsmStore.open(new MemoryStore({ bucket }), {
      takeover: true,
    });
    pause.release();
    const error = await assertRejects(() => opening, KriyaError);
    assertEquals(error.kind, "fenced");
    await put(owner, { a: "1" });
    const again = await LsmStore.open(new MemoryStore({ bucket }), {
      takeover: true,
    });
    assertEquals(await contentsOf(again), [["a", "1"]]);
    await again.close();
    await owner.close();
  });
}

Deno.test("[K-100] an opening whose manifest was collected before its fence stood gives up", async () => {
  const bucket = new MemoryBucket();
  const slow = new FaultyStore(new MemoryStore({ bucket }));
  const pause = slow.pause({
    operation: "put",
    prefix: "wal/",
    when: "after",
  });
  const opening = LsmStore.open(slow, { takeover: true });
  opening.catch(() => {});
  await pause.reached;
  bucket.set(GC_BOUNDARY_PATH, boundaryBytes(1), 0);
  pause.release();
  const error = await assertRejects(() => opening, KriyaError);
  assertEquals(error.kind, "fenced");
});
