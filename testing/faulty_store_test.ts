import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { fc } from "fast-check";
import { isPromise } from "../base/maybe_promise.ts";
import { KriyaError } from "../base/errors.ts";
import { createOnce } from "../fence/create_once.ts";
import {
  MemoryBucket,
  MemoryStore,
} from "../storage/object_store/memory_store.ts";
import {
  ABSENT,
  type ObjectStore,
} from "../storage/object_store/object_store.ts";
import type { Fault, Operation } from "./fault_script.ts";
import { FaultyStore, type RequestEvent } from "./faulty_store.ts";
import { SimulatedEnvironment } from "./simulated_environment.ts";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** What a bucket holds, by path. */
function contents(bucket: MemoryBucket): Record<string, string> {
  const entries = bucket.paths().map((path) => [
    path,
    new TextDecoder().decode(bucket.object(path)!.bytes),
  ]);
  return Object.fromEntries(entries);
}

function setUp(
  options: ConstructorParameters<typeof FaultyStore>[1] = {},
): {
  bucket: MemoryBucket;
  environment: SimulatedEnvironment;
  store: FaultyStore;
} {
  const bucket = new MemoryBucket();
  const environment = new SimulatedEnvironment({ seed: 1 });
  const inner = new MemoryStore({ bucket, environment });
  const store = new FaultyStore(inner, { environment, ...options });
  return { bucket, environment, store };
}

async function assertKind(
  kind: string,
  call: () => unknown,
): Promise<KriyaError> {
  const error = await assertRejects(async () => await call(), KriyaError);
  assertEquals(error.kind, kind);
  return error;
}

Deno.test("each fault of a put has the effect and the answer of the table", async () => {
  const table: [Fault, "none" | "at once" | "later", string][] = [
    ["fail", "none", "unavailable"],
    ["torn", "none", "unavailable"],
    ["conflict", "none", "unavailable"],
    ["lostReply", "at once", "unavailable"],
    ["late", "later", "unavailable"],
    ["falseRefusal", "at once", "precondition"],
    ["crashBefore", "none", "closed"],
    ["crashAfter", "at once", "closed"],
  ];
  for (const [fault, effect, answer] of table) {
    const { bucket, environment, store } = setUp({
      lateMs: { min: 100, max: 200 },
    });
    store.inject(fault, { operation: "put" });
    const bytes = text("x");
    const put = (): Promise<unknown> => store.put("a", bytes, ABSENT);
    if (answer === "precondition") {
      assertEquals(await put(), { kind: "precondition" }, fault);
    } else {
      const error = await assertKind(answer, put);
      if (answer === "unavailable") {
        assertEquals(error.detail, "Request 1 met an injected fault.");
      }
    }
    bytes.fill(0);
    const now = effect === "at once" ? { a: "x" } : {};
    assertEquals(contents(bucket), now, fault);
    assertEquals(store.lateCount, effect === "later" ? 1 : 0);
    await environment.advance(99);
    assertEquals(contents(bucket), now, fault);
    await environment.advance(101);
    assertEquals(contents(bucket), effect === "none" ? {} : { a: "x" }, fault);
    assertEquals(store.lateCount, 0);
  }
});

Deno.test("reads and deletes know the faults that make sense for them", async () => {
  const operations: Record<
    Exclude<Operation, "put">,
    (store: ObjectStore) => unknown
  > = {
    get: (store) => store.get("a"),
    head: (store) => store.head("a"),
    list: (store) => store.list(""),
    delete: (store) => store.delete("a"),
  };
  const faults = ["fail", "torn", "conflict", "lostReply", "falseRefusal"];
  for (const [operation, call] of Object.entries(operations)) {
    for (const fault of faults as Fault[]) {
      const { bucket, store } = setUp();
      await store.put("a", text("x"), ABSENT);
      store.inject(fault, { operation: operation as Operation });
      await assertKind("unavailable", () => call(store));
      const gone = operation === "delete" &&
        (fault === "lostReply" || fault === "falseRefusal");
      assertEquals(contents(bucket), gone ? {} : { a: "x" });
      await call(store);
    }
  }
});

Deno.test("a late put is judged when it comes: it never overwrites", async () => {
  const { bucket, environment, store } = setUp({
    lateMs: { min: 1000, max: 1000 },
  });
  store.inject("late", { prefix: "wal/1" });
  store.inject("late", { prefix: "wal/2" });
  await assertKind("unavailable", () => store.put("wal/1", text("A"), ABSENT));
  await assertKind("unavailable", () => store.put("wal/2", text("A"), ABSENT));
  const again = await store.put("wal/1", text("B"), ABSENT);
  assertEquals(again.kind, "stored");
  await environment.advance(1000);
  assertEquals(contents(bucket), { "wal/1": "B", "wal/2": "A" });
});

Deno.test("rules take the nth request that matches, and as many as they say", async () => {
  const { store } = setUp();
  store.inject("fail", { operation: "put", prefix: "a/", nth: 2, times: 2 });
  const outcomes: string[] = [];
  for (const path of ["a/1", "b/1", "a/2", "b/2", "a/3", "a/4"]) {
    const outcome = await store.put(path, text("x"), ABSENT)
      .then(({ kind }) => kind, (error: KriyaError) => error.kind);
    outcomes.push(`${path} ${outcome}`);
  }
  assertEquals(outcomes, [
    "a/1 stored",
    "b/1 stored",
    "a/2 unavailable",
    "b/2 stored",
    "a/3 unavailable",
    "a/4 stored",
  ]);
});

Deno.test("a pause holds a request before its effect, or after it", async () => {
  for (const when of ["before", "after"] as const) {
    for (const verdict of ["release", "fail"] as const) {
      const { bucket, store } = setUp();
      const pause = store.pause({ operation: "put", prefix: "a", when });
      const put = store.put("a", text("x"), ABSENT);
      put.catch(() => {});
      const { operation, path, number } = await pause.reached;
      assertEquals([operation, path, number], ["put", "a", 1]);
      assertEquals(contents(bucket), when === "after" ? { a: "x" } : {});
      pause[verdict]();
      if (verdict === "release") assertEquals((await put).kind, "stored");
      else await assertKind("unavailable", () => put);
      const effect = when === "after" || verdict === "release";
      assertEquals(contents(bucket), effect ? { a: "x" } : {});
    }
  }
});

Deno.test("a stalled request goes on when the test says so", async () => {
  const { bucket, environment, store } = setUp();
  store.inject("stall", { operation: "put" });
  const put = store.put("a", text("x"), ABSENT);
  await environment.advance(3_600_000);
  assertEquals([store.stalledCount, contents(bucket)], [1, {}]);
  store.releaseStalled();
  assertEquals((await put).kind, "stored");
  assertEquals([store.stalledCount, contents(bucket)], [0, { a: "x" }]);
});

Deno.test("half of the latency passes before the effect, half after", async () => {
  const { bucket, environment, store } = setUp({
    latencyMs: { min: 100, max: 100 },
  });
  let answered = false;
  store.put("a", text("x"), ABSENT).then(() => answered = true);
  await environment.advance(49);
  assertEquals(contents(bucket), {});
  await environment.advance(1);
  assertEquals([contents(bucket), answered], [{ a: "x" }, false]);
  await environment.advance(50);
  assertEquals(answered, true);
  const body = await environment.run(() => store.get("a"));
  assertEquals(body?.bytes, text("x"));
});

Deno.test("an aborted caller gets its reason, and the request goes on", async () => {
  const { bucket, environment, store } = setUp({
    latencyMs: { min: 100, max: 100 },
  });
  const controller = new AbortController();
  const { signal } = controller;
  const put = store.put("a", text("x"), ABSENT, { signal });
  const reason = new Error("enough");
  controller.abort(reason);
  assertEquals(await assertRejects(() => put), reason);
  await environment.advance(100);
  assertEquals(contents(bucket), { a: "x" });
});

Deno.test("a crash ends every call; what was sent comes, or does not", async () => {
  const effects = new Set<number>();
  for (let seed = 0; seed < 20; seed++) {
    const { bucket, environment, store } = setUp({
      seed,
      latencyMs: { min: 100, max: 200 },
    });
    const puts = ["a", "b", "c"].map((path) =>
      store.put(path, text(path), ABSENT)
    );
    const failures = puts.map((put) => assertKind("closed", () => put));
    await environment.advance(10);
    store.crash();
    await Promise.all(failures);
    assertThrows(() => store.get("a"), KriyaError, "died");
    await assertKind("closed", () => store.put("d", text("d"), ABSENT));
    await environment.advance(1000);
    effects.add(bucket.objectCount);
  }
  assertEquals(effects, new Set([0, 1, 2, 3]));
});

Deno.test("without faults the answers of the store below come as they are", async () => {
  const { store } = setUp();
  await store.put("a", text("x"), ABSENT);
  assert(!isPromise(store.get("a")));
  assertEquals(store.faultCount, 0);
});

/** A run of many requests, as a text that tells everything that happened. */
async function run(seed: number): Promise<string> {
  const log: string[] = [];
  const bucket = new MemoryBucket();
  const environment = new SimulatedEnvironment({ seed });
  const onRequest = (event: RequestEvent): void => {
    log.push(`${event.number} ${event.operation} ${event.path} ${event.fault}`);
  };
  const store = new FaultyStore(new MemoryStore({ bucket, environment }), {
    seed,
    environment,
    onRequest,
    latencyMs: { min: 1, max: 50 },
    chances: { fail: 0.1, lostReply: 0.1, late: 0.1, torn: 0.05 },
    faultsMax: 40,
  });
  await environment.run(() =>
    Promise.all([1, 2, 3, 4].map(async (worker) => {
      for (let i = 0; i < 30; i++) {
        const put = store.put(`p/${i % 7}`, text(`${worker}.${i}`), ABSENT);
        log.push(await put.then(({ kind }) => kind, ({ message }) => message));
        await store.delete(`p/${(i * worker) % 7}`).catch(() => {});
      }
    }))
  );
  await environment.advance(10_000);
  log.push(JSON.stringify(contents(bucket)), `${store.faultCount} faults`);
  return log.join("\n");
}

Deno.test("one seed is one run, and faultsMax ends the faults", async () => {
  const first = await run(11);
  assertEquals(await run(11), first);
  assert(await run(12) !== first);
  assert(first.endsWith("\n40 faults"));
});

Deno.test("writers that read back agree on who created an object", async () => {
  const chances = fc.record({
    fail: fc.constantFrom(0, 0.2),
    conflict: fc.constantFrom(0, 0.2),
    lostReply: fc.constantFrom(0, 0.3),
    late: fc.constantFrom(0, 0.3),
    falseRefusal: fc.constantFrom(0, 0.3),
  });
  let faultCount = 0;
  await fc.assert(
    fc.asyncProperty(fc.nat(), chances, async (seed, chances) => {
      const bucket = new MemoryBucket();
      const environment = new SimulatedEnvironment({ seed });
      const stores = [1, 2, 3].map((writer) =>
        new FaultyStore(new MemoryStore({ bucket, environment }), {
          seed: seed + writer,
          environment,
          chances,
          latencyMs: { min: 1, max: 30 },
          lateMs: { min: 0, max: 500 },
          faultsMax: 6,
        })
      );
      const believers: Record<string, number[]> = {};
      await environment.run(() =>
        Promise.all(stores.map(async (store, writer) => {
          for (let id = 0; id < 5; id++) {
            const bytes = text(`writer ${writer}`);
            const { kind } = await createOnce(store, `wal/${id}`, bytes, {
              environment,
            });
            if (kind === "created") {
              (believers[`wal/${id}`] ??= []).push(writer);
            }
          }
        }))
      );
      await environment.advance(10_000);
      for (const [path, bytes] of Object.entries(contents(bucket))) {
        assertEquals(believers[path]?.map((w) => `writer ${w}`), [bytes]);
      }
      assertEquals(bucket.objectCount, 5);
      for (const store of stores) faultCount += store.faultCount;
    }),
    { numRuns: 60 },
  );
  assert(faultCount > 100, `${faultCount} faults`);
});
