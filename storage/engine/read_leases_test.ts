import { assert, assertEquals, assertRejects } from "@std/assert";
import { KriyaError } from "../../base/errors.ts";
import { isPromise } from "../../base/maybe_promise.ts";
import { bytes, put } from "../../tests/support/lsm_contents.ts";
import { type Process, World } from "../../tests/support/world.ts";
import { Memtable } from "../memtable/memtable.ts";
import { SnapshotRegistry } from "../mvcc/snapshot.ts";
import { ReadLeases } from "./read_leases.ts";
import { OpenTable, TreeState } from "./tree_state.ts";

function stateOf(...paths: string[]): TreeState {
  const key = new Uint8Array(1);
  const tables = paths.map((path) =>
    new OpenTable({
      path,
      size: 100,
      metaOffset: 10,
      entryCount: 1,
      deletionCount: 0,
      tombstoneCount: 0,
      firstKey: key,
      lastKey: key,
      sequenceMin: 1,
      sequenceMax: 1,
      prefixes: [],
    }, () => {
      throw new Error("not opened here");
    })
  );
  return new TreeState(new Memtable(), [], [tables, [], [], [], [], [], []]);
}

Deno.test("ReadLeases counts the tables of held states until the last lease is released", () => {
  const snapshots = new SnapshotRegistry();
  const leases = new ReadLeases(snapshots);
  const [old, now] = [stateOf("a", "b"), stateOf("b", "c")];
  const one = leases.hold(old, 5);
  const two = leases.hold(old, 7);
  assertEquals([...leases.tablesInUse(now)].sort(), ["a", "b", "c"]);
  assertEquals(snapshots.oldest(9), 5);
  one.release();
  one.release();
  assertEquals([...leases.tablesInUse(now)].sort(), ["a", "b", "c"]);
  assertEquals(snapshots.oldest(9), 7);
  two.release();
  assertEquals([...leases.tablesInUse(now)].sort(), ["b", "c"]);
  assertEquals(snapshots.oldest(9), 9);
  assertEquals(leases.stateCount, 0);
});

/** A store with 40 rows in one table, of which nothing is in memory. */
async function tableStore(world: World): Promise<Process> {
  const process = await world.open({ blockBytes: 100, cacheBytesMax: 0 });
  const rows = Array.from({ length: 40 }, (_, i) => [`row${100 + i}`, "v"]);
  await put(process.store, Object.fromEntries(rows));
  await process.store.flush();
  return process;
}

/** Snapshots are held by leases only here. */
function leaseCount({ store }: Process): number {
  return store.status().snapshots;
}

Deno.test("a scan holds its snapshot until its end, its closing or its failure", async () => {
  const process = await tableStore(new World());
  const { store, objects } = process;
  const [path] = [...store.tablesInUse()];
  assert(path !== undefined);
  const toEnd = store.scan();
  assertEquals(leaseCount(process), 1);
  while (await toEnd.next() !== undefined);
  assertEquals(leaseCount(process), 0);

  const closed = store.scan();
  assert(await closed.next() !== undefined);
  assertEquals(leaseCount(process), 1);
  closed.close();
  closed.close();
  assertEquals(leaseCount(process), 0);
  assertEquals(await closed.next(), undefined);

  const failing = store.scan();
  assert(await failing.next() !== undefined);
  objects.inject("fail", { operation: "get" });
  await assertRejects(async () => {
    while (await failing.next() !== undefined);
  }, KriyaError);
  assertEquals(leaseCount(process), 0);
  await store.close();
});

Deno.test("a scan that was closed while it waits says nothing more", async () => {
  const process = await tableStore(new World());
  const { store, objects } = process;
  const stall = objects.pause({ operation: "get", when: "before" });
  const scan = store.scan();
  const next = scan.next();
  await stall.reached;
  scan.close();
  assertEquals(leaseCount(process), 0);
  stall.release();
  assertEquals(await next, undefined);
  await store.close();
});

Deno.test("a get that waits holds its state; one that memory answers does not", async () => {
  const process = await tableStore(new World());
  const { store, objects } = process;
  await put(store, { here: "in memory" });
  assert(!isPromise(store.get(bytes("here"))));
  const stall = objects.pause({ operation: "get", when: "before" });
  const waiting = store.get(bytes("row103"));
  assert(isPromise(waiting));
  await stall.reached;
  assertEquals(leaseCount(process), 1);
  stall.release();
  await waiting;
  await Promise.resolve();
  assertEquals(leaseCount(process), 0);
  await store.close();
});

Deno.test("sources of changes hold their state until all of them have ended", async () => {
  const process = await tableStore(new World());
  const { store } = process;
  await put(store, { more: "in the memtable" });
  const sources = await Promise.all(store.changesSince({}, -1));
  assertEquals(sources.length, 2);
  for (const source of sources) {
    assertEquals(leaseCount(process), 1);
    while (await source.nextRun() !== undefined);
  }
  assertEquals(leaseCount(process), 0);
  await store.close();
});
