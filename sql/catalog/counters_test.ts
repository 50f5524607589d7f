import { assert, assertEquals } from "@std/assert";
import { LsmStore } from "../../storage/engine/lsm_store.ts";
import { WriteBatch } from "../../storage/engine/write_batch.ts";
import {
  MemoryBucket,
  MemoryStore,
} from "../../storage/object_store/memory_store.ts";
import { FIRST_RELATION_ID } from "./catalog_rows.ts";
import { Counters } from "./counters.ts";

const TABLE = 20_000;

/** Commits what `counters` have handed out, and something else. */
async function commit(
  store: LsmStore,
  counters: Counters,
  before: () => void = () => {},
): Promise<void> {
  const batch = new WriteBatch();
  batch.put(Uint8Array.of(1), Uint8Array.of(1));
  counters.addTo(batch, [TABLE], true);
  before();
  await store.write(batch, {
    snapshot: store.visibleSequence,
    beforeJoin: () => counters.amend(batch, [TABLE]),
  });
}

async function reopen(
  bucket: MemoryBucket,
  store: LsmStore | undefined,
): Promise<[LsmStore, Counters]> {
  await store?.close();
  const opened = await LsmStore.open(new MemoryStore({ bucket }));
  const counters = new Counters(opened);
  await counters.load(0);
  return [opened, counters];
}

/** The types of vectors have the six OIDs after the first. */
const SECOND_ID = FIRST_RELATION_ID + 7;

Deno.test("[K-144] numbers that a commit has used are never given again", async () => {
  const bucket = new MemoryBucket();
  let [store, counters] = await reopen(bucket, undefined);
  assertEquals(counters.newId(), FIRST_RELATION_ID);
  assertEquals(await counters.newTids(TABLE, 10), 1);
  await commit(store, counters);
  assertEquals(await counters.newTids(TABLE, 5), 11);
  // Not committed: nobody has seen them.
  [store, counters] = await reopen(bucket, store);
  assertEquals(await counters.newTids(TABLE, 1), 11);
  assertEquals(counters.newId(), SECOND_ID);
  await store.close();
});

Deno.test("a commit says how far the numbers have come when it joins, not when it was made", async () => {
  const bucket = new MemoryBucket();
  let [store, counters] = await reopen(bucket, undefined);
  await counters.newTids(TABLE, 1);
  // A second transaction takes numbers and commits before the first joins.
  await commit(store, counters, () => {
    void counters.newTids(TABLE, 70_000);
    counters.newId();
  });
  [store, counters] = await reopen(bucket, store);
  assertEquals(await counters.newTids(TABLE, 1), 70_002);
  assertEquals(counters.newId(), SECOND_ID);
  await store.close();
});

Deno.test("numbers of a table that many ask for at once are different", async () => {
  const bucket = new MemoryBucket();
  let [store, counters] = await reopen(bucket, undefined);
  await counters.newTids(TABLE, 100);
  await commit(store, counters);
  await store.flush();
  [store, counters] = await reopen(bucket, store);
  // The counter has to be read from an object: all of them wait for it.
  const firsts = await Promise.all(
    Array.from({ length: 20 }, () => counters.newTids(TABLE, 3)),
  );
  assertEquals(
    firsts.toSorted((a, b) => a - b),
    Array.from({ length: 20 }, (_, i) => 101 + 3 * i),
  );
  assert(counters.hasTids(TABLE));
  await store.close();
});
