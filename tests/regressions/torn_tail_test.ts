/**
 * With `allowTornTail` a database opened once after a torn WAL object: the
 * fence of that opening made the torn object one in the middle of the log, and
 * every later opening called it damaged, until a flush.
 *
 * And what was cut short was not told from what was damaged: a flipped bit in
 * the length of a record made the rest of an acknowledged group look torn, and
 * it was dropped without a word. Objects say how long they are since.
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
import {
  parseWalPath,
  walPath,
} from "../../storage/object_store/object_path.ts";
import {
  decodeWal,
  WAL_HEADER_BYTES,
  WalEncoder,
} from "../../storage/wal/wal_format.ts";
import { contentsOf, put } from "../support/lsm_contents.ts";

const OPTIONS = { takeover: true, allowTornTail: true };

/** A bucket whose newest WAL object has three records, and its path. */
async function bucketWithGroup(): Promise<[MemoryBucket, string]> {
  const bucket = new MemoryBucket();
  const store = await LsmStore.open(new MemoryStore({ bucket }));
  await put(store, { a: "1" });
  await put(store, { b: "1" });
  // Those of one turn share an object.
  await Promise.all(["c", "d", "e"].map((key) => put(store, { [key]: "2" })));
  const path = bucket.paths().findLast((path) => path.startsWith("wal/"))!;
  return [bucket, path];
}

Deno.test("[K-084] a torn last WAL object is left out, at every opening after it too", async () => {
  const [whole, path] = await bucketWithGroup();
  const full = whole.object(path)!.bytes;
  for (const length of [0, 3, WAL_HEADER_BYTES, full.length - 1]) {
    const bucket = whole.clone();
    bucket.set(path, full.subarray(0, length), 0);
    const kept = length === full.length - 1 ? ["c", "d"] : [];
    for (let opening = 1; opening <= 3; opening++) {
      const store = await LsmStore.open(new MemoryStore({ bucket }), OPTIONS);
      const keys = (await contentsOf(store)).map(([key]) => key);
      assertEquals(keys, ["a", "b", ...kept], `opening ${opening}`);
    }
    const store = await LsmStore.open(new MemoryStore({ bucket }), OPTIONS);
    await put(store, { f: "3" });
    const again = await LsmStore.open(new MemoryStore({ bucket }), OPTIONS);
    const keys = (await contentsOf(again)).map(([key]) => key);
    assertEquals(keys, ["a", "b", ...kept, "f"]);
  }
});

Deno.test("[K-084] a flipped bit in a record's length is damage, not a torn tail", async () => {
  const [bucket, path] = await bucketWithGroup();
  const damaged = bucket.object(path)!.bytes.slice();
  damaged[WAL_HEADER_BYTES + 6]! ^= 1; // 65,536 more in the first record.
  bucket.set(path, damaged, 0);
  const error = await assertRejects(
    () => LsmStore.open(new MemoryStore({ bucket }), OPTIONS),
    KriyaError,
    path,
  );
  assertEquals(error.kind, "corrupt");
});

Deno.test("[K-084] a WAL object that is cut short in the middle of the log is damage", async () => {
  const [bucket, path] = await bucketWithGroup();
  const full = bucket.object(path)!.bytes;
  const id = parseWalPath(path)!;
  const group = decodeWal(full, id, path);
  // Behind the torn object stands a group of its writer, where a fence should.
  const encoder = new WalEncoder();
  const { sequence, payload } = group.records.at(-1)!;
  encoder.add(sequence + 1, "batch", payload);
  bucket.set(walPath(id + 1), encoder.finish(group.writer!, id + 1), 0);
  const whole = await LsmStore.open(
    new MemoryStore({ bucket: bucket.clone() }),
    OPTIONS,
  );
  await whole.close();
  bucket.set(path, full.subarray(0, full.length - 1), 0);
  const error = await assertRejects(
    () => LsmStore.open(new MemoryStore({ bucket }), OPTIONS),
    KriyaError,
    `Cannot replay "${path}": it is cut short`,
  );
  assertEquals(error.kind, "corrupt");
});
