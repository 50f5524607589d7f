import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { KriyaError } from "../../base/errors.ts";
import { FaultyStore, type RequestEvent } from "../../testing/faulty_store.ts";
import { SimulatedEnvironment } from "../../testing/simulated_environment.ts";
import { bytes } from "../../tests/support/lsm_contents.ts";
import { MemoryBucket, MemoryStore } from "../object_store/memory_store.ts";
import { walPath } from "../object_store/object_path.ts";
import { decodeWal, WalEncoder } from "./wal_format.ts";
import { createFence, WalWriter } from "./wal_writer.ts";

const A = { epoch: 1, writerId: "aa".repeat(16) };
const B = { epoch: 2, writerId: "bb".repeat(16) };

interface SetUp {
  readonly bucket: MemoryBucket;
  readonly store: FaultyStore;
  readonly environment: SimulatedEnvironment;
  readonly puts: RequestEvent[];
  readonly wal: WalWriter;
}

function setUp(nextId = 5): SetUp {
  const bucket = new MemoryBucket();
  const environment = new SimulatedEnvironment({ seed: 1 });
  const puts: RequestEvent[] = [];
  const store = new FaultyStore(new MemoryStore({ bucket, environment }), {
    environment,
    onRequest: (event) => {
      if (event.operation === "put") puts.push(event);
    },
  });
  const wal = new WalWriter(store, A, nextId, { environment, attemptsMax: 3 });
  return { bucket, store, environment, puts, wal };
}

function group(sequence: number): WalEncoder {
  const encoder = new WalEncoder();
  encoder.add(sequence, "batch", bytes(`batch ${sequence}`));
  return encoder;
}

Deno.test("groups take one id after the other, one PUT each", async () => {
  const { bucket, environment, puts, wal } = setUp();
  await environment.run(async () => {
    for (const sequence of [1, 2, 3]) {
      assertEquals(wal.bind(group(sequence)).id, 4 + sequence);
      await wal.settle();
    }
  });
  assertEquals(wal.nextId, 8);
  assertEquals(puts.map(({ path }) => path), [5, 6, 7].map(walPath));
  assertEquals(bucket.paths(), [5, 6, 7].map(walPath));
});

Deno.test("an id stays bound to its bytes until the outcome is known", async () => {
  const { bucket, store, environment, puts, wal } = setUp();
  await environment.run(async () => {
    wal.bind(group(1));
    store.inject("fail", { times: 100 });
    for (let round = 1; round <= 2; round++) {
      const error = await assertRejects(() => wal.settle(), KriyaError);
      assertEquals([error.kind, error.code], ["unavailable", "08007"]);
      assertEquals(wal.nextId, 5);
      assertThrows(() => wal.bind(group(2)), KriyaError, "unsettled");
    }
  });
  assertEquals(bucket.objectCount, 0);
  assert(puts.length === 6 && puts.every(({ path }) => path === walPath(5)));
});

Deno.test("a lost reply, a late effect and a false refusal are the same success", async () => {
  for (const fault of ["lostReply", "late", "falseRefusal"] as const) {
    const { bucket, store, environment, wal } = setUp();
    await environment.run(async () => {
      const bound = wal.bind(group(1));
      store.inject(fault, { operation: "put" });
      await wal.settle();
      assertEquals(bucket.object(walPath(5))!.bytes, bound.bytes);
      // Whatever comes late finds its own object.
      await environment.advance(10_000);
      assertEquals(bucket.object(walPath(5))!.bytes, bound.bytes);
      assertEquals(wal.nextId, 6);
    });
  }
});

Deno.test("[K-101] another writer's object at the id fences, and says who", async () => {
  const { bucket, environment, wal, store } = setUp();
  const fence = await createFence(new MemoryStore({ bucket }), B, 5, {
    environment,
  });
  assertEquals(fence.kind, "fenced");
  await environment.run(async () => {
    wal.bind(group(1));
    const error = await assertRejects(() => wal.settle(), KriyaError);
    assertEquals(error.kind, "fenced");
    assertEquals(
      error.detail,
      `The owner is writer ${B.writerId} of epoch 2.`,
    );
  });
  assert(store.requestCount <= 2);
});

Deno.test("a fence that meets a group hands it over and is not put", async () => {
  const { bucket, environment, wal } = setUp();
  await environment.run(async () => {
    wal.bind(group(7));
    await wal.settle();
    const outcome = await createFence(new MemoryStore({ bucket }), B, 5, {
      environment,
    });
    assert(outcome.kind === "taken");
    assertEquals(decodeWal(outcome.bytes, 5, "").records[0]!.sequence, 7);
  });
  assertEquals(bucket.objectCount, 1);
});
