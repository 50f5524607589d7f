/**
 * A flush whose publish got no answer was tried again with a new table of a new
 * name. When the manifest of the first try took effect after all, the tree held
 * the same entries twice: statistics counted every key double, and a merge of
 * the two tables would meet equal (key, sequence) pairs, which it must not.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { LsmStore } from "../../storage/engine/lsm_store.ts";
import {
  MemoryBucket,
  MemoryStore,
} from "../../storage/object_store/memory_store.ts";
import { FaultyStore } from "../../testing/faulty_store.ts";
import { SimulatedEnvironment } from "../../testing/simulated_environment.ts";
import { contentsOf, put } from "../support/lsm_contents.ts";

Deno.test("a flush that is tried again keeps the name of its table", async () => {
  const environment = new SimulatedEnvironment({ seed: 1 });
  const bucket = new MemoryBucket();
  const faulty = new FaultyStore(new MemoryStore({ bucket, environment }), {
    environment,
  });
  await environment.run(async () => {
    const store = await LsmStore.open(faulty, { environment });
    await put(store, { a: "1", b: "2" });
    faulty.inject("lostReply", { operation: "put", prefix: "manifest/" });
    faulty.inject("fail", { operation: "get", prefix: "manifest/", times: 8 });
    faulty.inject("fail", { operation: "put", prefix: "manifest/", times: 7 });
    // The first try ends without an answer; a flush makes a second one.
    await store.flush();
    assertEquals(faulty.faultCount, 15);
    assertEquals(store.manifest.levels[0]!.length, 1);
    assertEquals(store.status().levels[0]!.entries, 2);
    const tables = bucket.paths().filter((path) => path.startsWith("sst/"));
    assertEquals(tables.length, 1);
    assertEquals(await contentsOf(store), [["a", "1"], ["b", "2"]]);
    await store.close();
  });
});
