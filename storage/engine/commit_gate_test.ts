import { assert, assertEquals, assertRejects } from "@std/assert";
import { KriyaError } from "../../base/errors.ts";
import { batchOf, contentsOf, put } from "../../tests/support/lsm_contents.ts";
import { World } from "../../tests/support/world.ts";
import { CommitGate } from "./commit_gate.ts";
import { LSM_DEFAULTS } from "./options.ts";

const WAL_PUT = { operation: "put", prefix: "wal/" } as const;
const VALUE = "v".repeat(1000);

Deno.test("[L-174] commits wait when the batches that are not durable fill the buffer, in order, and go on when there is room", async () => {
  assertEquals(LSM_DEFAULTS.walBufferBytesMax, 64 * 1024 * 1024);
  const world = new World();
  const { store, objects } = await world.open({
    walMode: "async",
    walBufferBytesMax: 5000,
  });
  const held = objects.pause({ ...WAL_PUT, when: "before" });
  const done: number[] = [];
  const commits = Array.from(
    { length: 12 },
    (_, i) => put(store, { [`k${i}`]: VALUE }).then(() => done.push(i)),
  );
  // The buffer being full is what makes it be written.
  await held.reached;
  await world.environment.advance(1000);
  assertEquals(done, [0, 1, 2, 3]);
  const { unsettledBytes, stalledCommits } = store.status();
  assert(unsettledBytes <= 5000 && stalledCommits === 8);
  held.release();
  await Promise.all(commits);
  assertEquals(done, Array.from({ length: 12 }, (_, i) => i));
  // One that is larger than the buffer goes alone.
  await put(store, { large: VALUE.repeat(20) });
  await store.close();
});

Deno.test("a commit that waits for too long fails with 53000 and was not written; one that is aborted leaves", async () => {
  const world = new World();
  const { store, objects } = await world.open({
    walBufferBytesMax: 1500,
    stallTimeoutMs: 300,
  });
  const held = objects.pause({ ...WAL_PUT, when: "before" });
  const first = put(store, { first: VALUE });
  await held.reached;
  const abort = new AbortController();
  const conditions = { snapshot: Infinity, signal: abort.signal };
  const aborted = store.write(batchOf({ aborted: VALUE }), conditions);
  const late = put(store, { late: VALUE });
  const outcomes = Promise.allSettled([aborted, late]);
  await world.environment.advance(100);
  abort.abort(new Error("changed my mind"));
  await assertRejects(() => aborted, Error, "changed my mind");
  assertEquals(store.status().stalledCommits, 1);
  await world.environment.advance(200);
  const error = await assertRejects(() => late, KriyaError);
  assertEquals([error.kind, error.code], ["unavailable", "53000"]);
  assert(error.hint?.startsWith("Nothing was written"));
  held.release();
  await Promise.all([first, outcomes]);
  // Too late: it has joined, and nothing happens.
  const joined = new AbortController();
  const committing = store.write(batchOf({ joined: "1" }), {
    snapshot: Infinity,
    signal: joined.signal,
  });
  joined.abort();
  await committing;
  await assertRejects(() =>
    store.write(batchOf({ x: "1" }), {
      snapshot: Infinity,
      signal: joined.signal,
    })
  );
  const keys = (await contentsOf(store)).map(([key]) => key);
  assertEquals(keys, ["first", "joined"]);
  await store.close();
});

Deno.test("only so many commits wait, and a store that closes refuses those that do", async () => {
  const world = new World();
  const { store, objects } = await world.open({
    walBufferBytesMax: 1500,
    stalledCommitsMax: 2,
  });
  const held = objects.pause({ ...WAL_PUT, when: "before" });
  const first = put(store, { first: VALUE });
  await held.reached;
  const waiting = [put(store, { a: VALUE }), put(store, { b: VALUE })];
  const outcomes = Promise.allSettled(waiting);
  const error = await assertRejects(() => put(store, { c: VALUE }), KriyaError);
  assertEquals([error.kind, error.code], ["unavailable", "53000"]);
  const closing = store.close();
  for (const outcome of await outcomes) {
    assert(outcome.status === "rejected");
    assertEquals((outcome.reason as KriyaError).kind, "closed");
  }
  held.release();
  await Promise.all([first, closing]);
  const reader = await world.open({ readOnly: true });
  assertEquals((await contentsOf(reader.store)).length, 1);
});

Deno.test("what the store waits for is waited for no longer than the limit", async () => {
  const world = new World();
  const { environment } = world;
  const never = new Promise<void>(() => {});
  const gate = new CommitGate(
    { waitForRoom: () => never, writeLog: () => {} },
    () => ({ ...LSM_DEFAULTS, stallTimeoutMs: 50, environment }),
  );
  const admitted = gate.admit(1);
  const outcome = Promise.allSettled([admitted]);
  await environment.advance(50);
  const [end] = await outcome;
  assertEquals(end!.status, "rejected");
  assertEquals([gate.waitingCount, gate.heldBytes], [0, 0]);
});
