import { assert, assertEquals, assertRejects } from "@std/assert";
import { delay } from "../../base/environment.ts";
import { KriyaError } from "../../base/errors.ts";
import {
  bytes,
  contentsOf,
  put,
  text,
} from "../../tests/support/lsm_contents.ts";
import { asked, World } from "../../tests/support/world.ts";
import type { LsmOptions } from "./options.ts";

const STRONG: LsmOptions = {
  readOnly: true,
  consistency: "strong",
  pin: "never",
};
const QUIET: LsmOptions = {
  compaction: "off",
  gcIntervalMs: 0,
  flushIntervalMs: 0,
};

Deno.test("[L-256, Y-221] a reader follows the log, tables and collections of its writer", async () => {
  const world = new World();
  const { store } = await world.open(QUIET);
  await put(store, { a: "1" });
  const { store: reader } = await world.open(STRONG);
  assertEquals(await contentsOf(reader), [["a", "1"]]);
  const want: [string, string][] = [["a", "1"]];
  for (let round = 0; round < 6; round++) {
    const before = reader.snapshot();
    for (let i = 0; i < 5; i++) {
      const key = `k${round}${i}`;
      await put(store, { [key]: "v", a: String(round) });
      want.push([key, "v"]);
    }
    want[0] = ["a", String(round)];
    if (round > 0) await store.flush();
    if (round === 3) await store.compact();
    if (round > 3) await store.collectGarbage();
    await reader.catchUp();
    assertEquals(await contentsOf(reader), want);
    assertEquals(reader.visibleSequence, store.visibleSequence);
    before.release();
  }
  await store.compact();
  await store.collectGarbage();
  await reader.refresh();
  await reader.refresh();
  assertEquals(await contentsOf(reader), want);
  await put(store, { z: "new" });
  await reader.refresh();
  assertEquals(text(await reader.get(bytes("z"))), "new");
  // No entry is there twice: in a memtable and in a table.
  const seen = new Set<string>();
  for (const opening of reader.changesSince({}, -1)) {
    const source = await opening;
    for (let run = await source.nextRun(); run; run = await source.nextRun()) {
      for (let i = 0; i < run.count; i++) {
        const key = run.keys.subarray(run.keyStarts[i], run.keyEnds[i]);
        const name = `${text(key)}@${run.sequences[i]}`;
        assert(!seen.has(name), name);
        seen.add(name);
      }
    }
  }
  await reader.close();
  await store.close();
});

Deno.test("[L-256, Y-221] a poll with nothing new is two reads and no listing; reads that may be old do not wait for it", async () => {
  const world = new World();
  const { store } = await world.open(QUIET);
  await put(store, { a: "1" });
  await store.flush();
  await store.collectGarbage();
  const { store: reader, requests } = await world.open(STRONG);
  await reader.catchUp();
  for (let i = 0; i < 3; i++) {
    requests.length = 0;
    await reader.catchUp();
    assertEquals(asked(requests), ["get wal/", "get gc/"]);
  }
  await reader.close();

  const bounded = await world.open({
    readOnly: true,
    consistency: { boundedMs: 100 },
    pin: "never",
  });
  await bounded.store.catchUp();
  for (let i = 0; i < 3; i++) {
    await world.environment.advance(60);
    bounded.requests.length = 0;
    // It is fresh enough: the read goes on, the poll is for those after it.
    assertEquals(bounded.store.catchUp(), undefined);
    await world.environment.advance(10);
    assertEquals(bounded.store.catchUp(), undefined);
    assertEquals(asked(bounded.requests), ["get wal/", "get gc/"]);
  }
  bounded.requests.length = 0;
  await world.environment.advance(5000);
  assertEquals(bounded.requests, []); // Nobody reads: nothing is sent.
  await bounded.store.close();
  await store.close();
});

Deno.test("[O-194] bounded shows what was acknowledged so long ago; snapshot stands still until it is told", async () => {
  const world = new World();
  const { store } = await world.open(QUIET);
  await put(store, { a: "1" });
  const bounded = await world.open({
    readOnly: true,
    consistency: { boundedMs: 100 },
    pin: "never",
  });
  const still = await world.open({ readOnly: true, consistency: "snapshot" });
  for (let i = 2; i < 12; i++) {
    await put(store, { a: String(i) });
    await world.environment.advance(101);
    await bounded.store.catchUp();
    assertEquals(text(await bounded.store.get(bytes("a"))), String(i));
    await still.store.catchUp();
    assertEquals(text(await still.store.get(bytes("a"))), "1");
  }
  await still.store.refresh();
  assertEquals(text(await still.store.get(bytes("a"))), "11");
  for (const each of [bounded, still]) await each.store.close();
  await store.close();
});

Deno.test("a reader follows a takeover, and loads of tables between commits", async () => {
  const world = new World();
  const { store } = await world.open(QUIET);
  await put(store, { a: "1" });
  const { store: reader } = await world.open(STRONG);
  async function* entries(): AsyncGenerator<[Uint8Array, Uint8Array]> {
    for (let i = 0; i < 50; i++) {
      yield [bytes(`load${String(i).padStart(3, "0")}`), bytes("x")];
    }
  }
  await put(store, { b: "2" });
  await store.bulkLoad(entries());
  await put(store, { a: "3" });
  await reader.catchUp();
  assertEquals((await contentsOf(reader)).length, 52);
  assertEquals(text(await reader.get(bytes("a"))), "3");
  const { store: other } = await world.open(QUIET);
  await put(other, { a: "4" });
  await assertRejects(() => put(store, { a: "never" }), KriyaError);
  await reader.catchUp();
  assertEquals(text(await reader.get(bytes("a"))), "4");
  await other.flush();
  await other.collectGarbage();
  await put(other, { a: "5" });
  await reader.catchUp();
  assertEquals(text(await reader.get(bytes("a"))), "5");
  await reader.close();
  await other.close();
  await store.close();
});

Deno.test("an object of the log is not believed before the boundary was read after it", async () => {
  const world = new World();
  const { store } = await world.open(QUIET);
  await put(store, { a: "1" });
  const { store: reader, objects } = await world.open(STRONG);
  await put(store, { a: "2" });
  const pause = objects.pause({
    operation: "get",
    prefix: "gc/",
    when: "before",
  });
  const refreshing = reader.refresh();
  await pause.reached;
  assertEquals(text(await reader.get(bytes("a"))), "1");
  pause.release();
  await refreshing;
  assertEquals(text(await reader.get(bytes("a"))), "2");
  await reader.close();
  await store.close();
});

Deno.test("what prepares for an advance sees it before anybody else, and all change in one turn", async () => {
  const world = new World();
  const { store } = await world.open(QUIET);
  await put(store, { a: "1" });
  const { store: reader } = await world.open(STRONG);
  const log: string[] = [];
  let failing = true;
  reader.onAdvance(async ({ from, view }) => {
    await delay(world.environment, 5);
    if (failing) throw new KriyaError("unavailable", "not now");
    const seen = text(await view.get(bytes("a")));
    log.push(`${from}-${view.sequence} ${seen} ${reader.visibleSequence}`);
    return () => log.push(`applied ${reader.visibleSequence}`);
  });
  await put(store, { a: "2" });
  await world.run(() => assertRejects(() => reader.refresh(), KriyaError));
  assertEquals(text(await reader.get(bytes("a"))), "1");
  assertEquals(reader.visibleSequence, 1);
  failing = false;
  await put(store, { a: "3" });
  await world.run(() => reader.refresh());
  assertEquals(log, ["1-3 3 1", "applied 3"]);
  assertEquals(text(await reader.get(bytes("a"))), "3");
  await reader.close();
  await store.close();
});

Deno.test("a held snapshot keeps its tree while that is there", async () => {
  const world = new World();
  const { store } = await world.open(QUIET);
  await put(store, { a: "1" });
  await store.flush();
  const { store: reader } = await world.open(STRONG);
  const held = reader.snapshot();
  await put(store, { a: "2" });
  await store.compact(); // Its horizon is above what is held.
  await reader.refresh();
  assertEquals(text(await reader.get(bytes("a"), held)), "1");
  assertEquals(text(await reader.get(bytes("a"))), "2");
  await store.collectGarbage();
  await reader.refresh();
  const error = await assertRejects(
    async () => await reader.get(bytes("a"), held),
    KriyaError,
  );
  assertEquals(error.code, "72000");
  assertEquals(text(await reader.get(bytes("a"))), "2");
  held.release();
  await reader.close();
  await store.close();
});
