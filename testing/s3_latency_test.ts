import { assert, assertEquals } from "@std/assert";
import { MemoryStore } from "../storage/object_store/memory_store.ts";
import { ABSENT } from "../storage/object_store/object_store.ts";
import { FaultyStore } from "./faulty_store.ts";
import { S3_LATENCY } from "./s3_latency.ts";
import { SimulatedEnvironment } from "./simulated_environment.ts";

function slow(
  store: MemoryStore,
  environment: SimulatedEnvironment,
): FaultyStore {
  return new FaultyStore(store, { environment, latencyMs: "s3" });
}

async function timesOf(
  count: number,
  request: (store: FaultyStore, i: number) => unknown,
): Promise<number[]> {
  const environment = new SimulatedEnvironment({ seed: 7 });
  const store = slow(new MemoryStore(), environment);
  return await environment.run(async () => {
    const times: number[] = [];
    for (let i = 0; i < count; i++) {
      const before = environment.monotonicMs();
      await request(store, i);
      times.push(environment.monotonicMs() - before);
    }
    return times.sort((a, b) => a - b);
  });
}

Deno.test("requests take what was measured of S3", async () => {
  const kinds = {
    put: (store: FaultyStore, i: number) =>
      store.put(`a${i}`, new Uint8Array(1), ABSENT),
    get: (store: FaultyStore) => store.get("a"),
    list: (store: FaultyStore) => store.list(""),
  };
  for (const kind of ["put", "get", "list"] as const) {
    const times = await timesOf(4000, kinds[kind]);
    const { p50Ms, p99Ms } = S3_LATENCY[kind];
    const [p50, p99] = [times[2000]!, times[3960]!];
    assert(Math.abs(p50 / p50Ms - 1) < 0.05, `${kind} p50 ${p50}`);
    assert(Math.abs(p99 / p99Ms - 1) < 0.12, `${kind} p99 ${p99}`);
  }
});

Deno.test("bytes take what a stream and the link carry", async () => {
  const environment = new SimulatedEnvironment({ seed: 7 });
  const memory = new MemoryStore();
  await memory.put("a", new Uint8Array(8_000_000), ABSENT);
  const store = slow(memory, environment);
  const timeOf = async (streams: number): Promise<number> => {
    const before = environment.monotonicMs();
    await environment.run(() =>
      Promise.all(Array.from({ length: streams }, () => store.get("a")))
    );
    return environment.monotonicMs() - before;
  };
  const [one, many] = [await timeOf(1), await timeOf(60)];
  assert(one > 100 && one < 300, String(one));
  assert(many > 800 && many < 1200, String(many));
  const meta = await environment.run(() => store.head("a"));
  assertEquals(meta?.size, 8_000_000);
});

Deno.test("latencies and faults go together, and replay from the seed", async () => {
  const run = async (seed: number): Promise<string> => {
    const environment = new SimulatedEnvironment({ seed });
    const store = new FaultyStore(new MemoryStore({ environment }), {
      environment,
      seed,
      latencyMs: "s3",
      chances: { fail: 0.1, lostReply: 0.1, torn: 0.1, conflict: 0.1 },
    });
    const seen: string[] = [];
    await environment.run(async () => {
      for (let i = 0; i < 60; i++) {
        const before = environment.monotonicMs();
        const outcome = await store.put(`a${i}`, new Uint8Array(9), ABSENT)
          .then(({ kind }) => kind, (error) => String(error));
        seen.push(`${outcome} ${environment.monotonicMs() - before}`);
      }
    });
    assert(store.faultCount > 10, String(store.faultCount));
    return seen.join("\n");
  };
  const [one, again, other] = [await run(7), await run(7), await run(8)];
  assertEquals(again, one);
  assert(other !== one);
});
