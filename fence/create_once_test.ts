import { assert, assertEquals, assertRejects } from "@std/assert";
import { KriyaError } from "../base/errors.ts";
import {
  MemoryBucket,
  MemoryStore,
} from "../storage/object_store/memory_store.ts";
import { FaultyStore, type RequestEvent } from "../testing/faulty_store.ts";
import { SimulatedEnvironment } from "../testing/simulated_environment.ts";
import { createOnce, type CreateOnceOptions } from "./create_once.ts";

const OURS = new TextEncoder().encode("ours");
const THEIRS = new TextEncoder().encode("theirs");

interface SetUp {
  readonly bucket: MemoryBucket;
  readonly environment: SimulatedEnvironment;
  readonly store: FaultyStore;
  readonly requests: RequestEvent[];
  readonly create: (
    options?: Partial<CreateOnceOptions>,
  ) => ReturnType<typeof createOnce>;
}

function setUp(): SetUp {
  const bucket = new MemoryBucket();
  const environment = new SimulatedEnvironment({ seed: 1 });
  const requests: RequestEvent[] = [];
  const store = new FaultyStore(new MemoryStore({ bucket, environment }), {
    environment,
    onRequest: (event) => requests.push(event),
  });
  const create = (
    options: Partial<CreateOnceOptions> = {},
  ): ReturnType<typeof createOnce> =>
    environment.run(() =>
      createOnce(store, "x/1", OURS, { environment, ...options })
    );
  return { bucket, environment, store, requests, create };
}

const operations = (requests: RequestEvent[]): string =>
  requests.map(({ operation }) => operation).join(" ");

Deno.test("createOnce takes one request where the store answers", async () => {
  const { bucket, requests, create } = setUp();
  assertEquals(await create(), { kind: "created" });
  assertEquals(operations(requests), "put");
  assertEquals(requests[0]!.condition, { kind: "absent" });
  assertEquals(bucket.object("x/1")!.bytes, OURS);
});

Deno.test("[K-060] another's object is taken, and is handed on", async () => {
  const { bucket, requests, create } = setUp();
  bucket.set("x/1", THEIRS, 0);
  assertEquals(await create(), { kind: "taken", bytes: THEIRS });
  assertEquals(operations(requests), "put get");
  assertEquals(bucket.object("x/1")!.bytes, THEIRS);
});

Deno.test("our own object that is there already is created", async () => {
  const { bucket, create } = setUp();
  bucket.set("x/1", OURS, 0);
  assertEquals(await create(), { kind: "created" });
});

Deno.test("bytes that begin like ours are another's", async () => {
  for (const other of [OURS.subarray(0, 3), new Uint8Array([...OURS, 0])]) {
    const { bucket, create } = setUp();
    bucket.set("x/1", other, 0);
    assertEquals((await create()).kind, "taken");
  }
});

Deno.test("a lost reply and a false refusal are created: the path is read", async () => {
  for (const fault of ["lostReply", "falseRefusal"] as const) {
    const { store, requests, create } = setUp();
    store.inject(fault, { operation: "put" });
    assertEquals(await create(), { kind: "created" });
    assertEquals(operations(requests), "put get");
  }
});

Deno.test("where nothing is there, the same bytes are tried again at the same path", async () => {
  for (const fault of ["fail", "torn", "conflict"] as const) {
    const { bucket, store, requests, create } = setUp();
    store.inject(fault, { operation: "put", times: 3 });
    assertEquals(await create(), { kind: "created" });
    assertEquals(operations(requests), "put get put get put get put");
    assert(requests.every(({ path }) => path === "x/1"));
    assertEquals(bucket.paths(), ["x/1"]);
    assertEquals(bucket.object("x/1")!.bytes, OURS);
  }
});

Deno.test("an effect that comes late is the same success, before the retry or after it", async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const bucket = new MemoryBucket();
    const environment = new SimulatedEnvironment({ seed });
    const store = new FaultyStore(new MemoryStore({ bucket, environment }), {
      environment,
      seed,
      lateMs: { min: 0, max: 60 },
    });
    store.inject("late", { operation: "put", times: 2 });
    const outcome = await environment.run(() =>
      createOnce(store, "x/1", OURS, { environment })
    );
    assertEquals(outcome, { kind: "created" });
    await environment.advance(1000);
    assertEquals(bucket.object("x/1")!.bytes, OURS);
    assertEquals(store.lateCount, 0);
  }
});

Deno.test("an effect of ours that comes too late loses to another's object", async () => {
  const { bucket, environment, store, create } = setUp();
  store.inject("late", { operation: "put" });
  const pause = store.pause({ operation: "get", when: "before" });
  const creating = create();
  await pause.reached;
  bucket.set("x/1", THEIRS, 0);
  pause.release();
  assertEquals((await creating).kind, "taken");
  assertEquals(store.lateCount, 1);
  await environment.advance(10_000);
  assertEquals(bucket.object("x/1")!.bytes, THEIRS);
});

Deno.test("without an answer it gives up with 08007 after its attempts, which back off", async () => {
  const { environment, store, requests, create } = setUp();
  store.inject("fail", { times: 1000 });
  const began = environment.now();
  const error = await assertRejects(() => create(), KriyaError);
  assertEquals([error.kind, error.code], ["unavailable", "08007"]);
  assert(error.message.includes(`"x/1"`));
  assert(error.cause instanceof KriyaError);
  assertEquals(requests.length, 16);
  // 25, 50 … 1600 ms, each between half and all of it.
  const tookMs = environment.now() - began;
  assert(tookMs >= 3175 / 2 && tookMs <= 3175, `${tookMs} ms`);
  requests.length = 0;
  await assertRejects(() => create({ attemptsMax: 2 }), KriyaError);
  assertEquals(operations(requests), "put get put get");
  const quick = environment.now();
  await assertRejects(
    () => create({ attemptsMax: 50, backoffMs: 1, backoffMsMax: 3 }),
    KriyaError,
  );
  assert(environment.now() - quick <= 49 * 3);
});

Deno.test("an error that is no lack of an answer is passed on at once", async () => {
  for (const operation of ["put", "get"] as const) {
    const bucket = new MemoryBucket();
    const environment = new SimulatedEnvironment();
    const inner = new MemoryStore({ bucket, environment });
    let calls = 0;
    const broken = {
      address: "memory:",
      get: (path: string) => {
        calls++;
        if (operation === "get") throw new TypeError("a bug");
        return inner.get(path);
      },
      put: () => {
        calls++;
        return operation === "put"
          ? Promise.reject(new TypeError("a bug"))
          : Promise.resolve({ kind: "precondition" as const });
      },
      head: () => Promise.resolve(undefined),
      delete: () => Promise.resolve(),
      list: () => Promise.resolve({ objects: [], truncated: false }),
      close: () => Promise.resolve(),
    };
    await assertRejects(
      () => createOnce(broken, "x/1", OURS, { environment }),
      TypeError,
      "a bug",
    );
    assertEquals(calls, operation === "put" ? 1 : 2);
  }
});
