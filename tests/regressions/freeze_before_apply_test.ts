/**
 * A group is durable a few microtasks before it is in the memtable. A change of
 * settings that froze the memtable just then took the id after the group's for
 * the replay point: the flush made the log forget a group that no table held,
 * and a crash lost an acknowledged commit.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { LsmStore } from "../../storage/engine/lsm_store.ts";
import {
  MemoryBucket,
  MemoryStore,
} from "../../storage/object_store/memory_store.ts";
import { contentsOf, put } from "../support/lsm_contents.ts";

Deno.test("[K-082] a memtable that is frozen between a group's PUT and its memtable insert leaves the group in the log", async () => {
  // The moment is found by trying every number of microtasks.
  for (let ticks = 0; ticks < 40; ticks++) {
    const bucket = new MemoryBucket();
    const store = await LsmStore.open(new MemoryStore({ bucket }));
    await put(store, { before: "0" });
    const committed = put(store, { group: "1" });
    for (let i = 0; i < ticks; i++) await Promise.resolve();
    store.configure({ memtableBytesMax: 1 });
    store.configure({ memtableBytesMax: 1024 });
    await committed;
    // The flush of what was frozen, and nothing else.
    for (let i = 0; i < 100 && store.status().frozenMemtables > 0; i++) {
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    assertEquals(store.status().frozenMemtables, 0);
    const again = await LsmStore.open(new MemoryStore({ bucket }), {
      readOnly: true,
    });
    assertEquals(
      await contentsOf(again),
      [["before", "0"], ["group", "1"]],
      `after ${ticks} microtasks`,
    );
    await again.close();
    await store.close();
  }
});
