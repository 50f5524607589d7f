import { assert, assertEquals, assertRejects } from "@std/assert";
import { KriyaError } from "../../base/errors.ts";
import { batchOf, contentsOf, put } from "../../tests/support/lsm_contents.ts";
import { type Process, World } from "../../tests/support/world.ts";
import type { LsmOptions } from "./options.ts";
import type { LsmStore } from "./lsm_store.ts";

const WAL_PUT = { operation: "put", prefix: "wal/" } as const;
const BREAKER: LsmOptions = {
  walBreakerFailures: 3,
  walProbeMs: 1000,
  walProbeMsMax: 8000,
};

/** The state of the breaker. */
function stateOf(store: LsmStore): string | undefined {
  return store.status().walBreaker?.state;
}

/** The code that a commit fails with. */
async function refusal(work: () => Promise<unknown>): Promise<string> {
  return (await assertRejects(work, KriyaError)).code;
}

/** A store whose breaker a commit of `b` has opened; nothing is answered. */
async function opened(
  world: World,
  options: LsmOptions = {},
): Promise<Process> {
  const process = await world.open({ ...BREAKER, ...options });
  await put(process.store, { a: "1" });
  process.objects.setChances({ fail: 1 });
  assertEquals(await refusal(() => put(process.store, { b: "2" })), "08007");
  assertEquals(stateOf(process.store), "open");
  return process;
}

Deno.test("[Y-183, Y-184] an open breaker refuses commits at once, without a request; reads and the log's order stay", async () => {
  const world = new World();
  await world.run(async () => {
    const { store, objects, requests } = await opened(world);
    // The three attempts that opened it, not the eight that it may take.
    const { failures, lastFailureAt } = store.status().walBreaker!;
    assertEquals(failures, 3);
    assertEquals(lastFailureAt, world.environment.now());
    requests.length = 0;
    const before = world.environment.monotonicMs();
    for (let i = 0; i < 50; i++) {
      assertEquals(await refusal(() => put(store, { c: `${i}` })), "58030");
    }
    const large = batchOf({ large: "x".repeat(100) });
    assertEquals(
      await refusal(() => store.write(large, { durability: "async" })),
      "58030",
    );
    assertEquals(await refusal(() => store.flushWal()), "58030");
    assertEquals(world.environment.monotonicMs(), before);
    assertEquals(requests, []);
    assertEquals(await contentsOf(store), [["a", "1"]]);
    assertEquals(store.status().walBreaker?.refusedCommits, 51);
    objects.setChances({});
    await store.close();
  });
});

Deno.test("[Y-183] a large commit and a load are refused at once too, before their tables are written", async () => {
  const world = new World();
  await world.run(async () => {
    const { store, objects, requests } = await opened(world, {
      ingestBytesMin: 50,
    });
    requests.length = 0;
    const large = batchOf({ large: "x".repeat(100) });
    assertEquals(await refusal(() => store.write(large)), "58030");
    const entries = [[new Uint8Array(1), new Uint8Array(1)]] as const;
    assertEquals(await refusal(() => store.bulkLoad(entries)), "58030");
    assertEquals(requests, []);
    objects.setChances({});
    await store.close();
  });
});

Deno.test("[Y-187] probes come ever later, one attempt each; the first that is answered closes the breaker and settles what was unknown", async () => {
  const world = new World();
  await world.run(async () => {
    const { store, objects, requests } = await opened(world);
    const start = world.environment.monotonicMs();
    const times: number[] = [];
    for (let seen = 0; times.length < 6;) {
      requests.length = 0;
      await world.environment.advance(50);
      const puts = requests.filter(({ operation }) => operation === "put");
      assert(puts.length <= 1);
      seen += puts.length;
      if (seen > times.length) times.push(world.environment.monotonicMs());
    }
    // From half of a wait to all of it: 1, 2, 4, 8, 8, 8 s.
    const waits = times.map((time, i) => time - (times[i - 1] ?? start));
    for (const [i, most] of [1000, 2000, 4000, 8000, 8000, 8000].entries()) {
      assert(waits[i]! >= most / 2 && waits[i]! <= most + 50, `${waits}`);
    }
    assertEquals(stateOf(store), "open");
    objects.setChances({});
    await world.environment.advance(8000);
    assertEquals(stateOf(store), "closed");
    assertEquals(await contentsOf(store), [["a", "1"], ["b", "2"]]);
    await put(store, { c: "3" });
    await store.close();
    const reader = await world.open({ readOnly: true });
    assertEquals(await contentsOf(reader.store), [
      ["a", "1"],
      ["b", "2"],
      ["c", "3"],
    ]);
  });
});

Deno.test("[Y-187] while the probe is under way commits are refused; a flush that is asked for is a probe", async () => {
  const world = new World();
  await world.run(async () => {
    const { store, objects } = await opened(world);
    objects.setChances({});
    const held = objects.pause({ ...WAL_PUT, when: "before" });
    const flushed = store.flush();
    await held.reached;
    assertEquals(stateOf(store), "half-open");
    assertEquals(await refusal(() => put(store, { c: "3" })), "58030");
    held.release();
    await flushed;
    assertEquals(stateOf(store), "closed");
    assertEquals(await contentsOf(store), [["a", "1"], ["b", "2"]]);
    await store.close();
  });
});

Deno.test("[Y-183] those who gather or wait for room when the breaker opens are told that nothing was written, and it was not", async () => {
  const world = new World();
  await world.run(async () => {
    const { store, objects } = await world.open({
      ...BREAKER,
      walBufferBytesMax: 300,
    });
    const held = objects.pause({ ...WAL_PUT, when: "before" });
    const first = put(store, { first: "1" });
    await held.reached;
    objects.setChances({ fail: 1 });
    const gathers = put(store, { gathers: "x".repeat(200) });
    const waits = put(store, { waits: "x".repeat(200) });
    const tables = store.bulkLoad([[new Uint8Array(1), new Uint8Array(1)]]);
    const codes = Promise.all(
      [first, gathers, waits, tables].map((commit) => refusal(() => commit)),
    );
    await world.environment.advance(10);
    assertEquals(store.status().stalledCommits, 1);
    held.fail();
    const [one, two, three] = await codes;
    assertEquals([one, two, three], ["08007", "58030", "58030"]);
    assertEquals(store.status().walBreaker?.refusedCommits, 2);
    objects.setChances({});
    await world.environment.advance(1000);
    assertEquals(await contentsOf(store), [["first", "1"]]);
    await store.close();
  });
});

Deno.test("[Y-183] a commit that was acknowledged before it was durable is kept through an outage, and written by the probe", async () => {
  const world = new World();
  await world.run(async () => {
    const { store, objects } = await world.open({
      ...BREAKER,
      walMode: "periodic",
    });
    objects.setChances({ fail: 1 });
    await put(store, { a: "1" });
    await world.environment.advance(2000);
    assertEquals(stateOf(store), "open");
    // What could be lost is not added to.
    assertEquals(await refusal(() => put(store, { b: "2" })), "58030");
    assertEquals(await contentsOf(store), [["a", "1"]]);
    objects.setChances({});
    await world.environment.advance(8000);
    assertEquals(store.durableSequence, store.visibleSequence);
    await put(store, { b: "2" });
    await store.close();
    const reader = await world.open({ readOnly: true });
    assertEquals(await contentsOf(reader.store), [["a", "1"], ["b", "2"]]);
  });
});

Deno.test("[Y-183] a bucket that refuses writes opens the breaker as one that does not answer", async () => {
  const world = new World();
  await world.run(async () => {
    const { store, objects } = await world.open(BREAKER);
    const real = objects.put.bind(objects);
    objects.put = () => {
      const error = new KriyaError("invalid", "Cannot put: access denied", {
        hint: "Check the bucket's policy",
      });
      return Promise.reject(error);
    };
    const codes: string[] = [];
    for (let i = 0; i < 4; i++) {
      codes.push(await refusal(() => put(store, { a: `${i}` })));
    }
    assertEquals(codes.at(-1), "58030");
    objects.put = real;
    await world.environment.advance(1000);
    assertEquals(stateOf(store), "closed");
    await put(store, { b: "1" });
    await store.close();
  });
});

Deno.test("closing makes one attempt more, and tells what may be lost", async () => {
  const world = new World();
  await world.run(async () => {
    const { store, objects, requests } = await world.open({
      ...BREAKER,
      walMode: "periodic",
    });
    objects.setChances({ fail: 1 });
    await put(store, { a: "1" });
    await world.environment.advance(2000);
    requests.length = 0;
    const error = await assertRejects(() => store.close(), KriyaError);
    assertEquals(error.code, "08007");
    const puts = requests.filter(({ path }) => path.startsWith("wal/"));
    assertEquals(puts.length, 2, "a put, and the get that looks for it");
  });
});
