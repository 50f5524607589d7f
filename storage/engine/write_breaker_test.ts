import { assert, assertEquals, assertThrows } from "@std/assert";
import { KriyaError } from "../../base/errors.ts";
import { SimulatedEnvironment } from "../../testing/simulated_environment.ts";
import { LSM_DEFAULTS } from "./options.ts";
import { type StoreEvent, StoreEvents } from "./store_event.ts";
import { WriteBreaker, type WriteBreakerLimits } from "./write_breaker.ts";

const FAILURE = new KriyaError("unavailable", "Cannot put: no answer");

function newBreaker(limits: Partial<WriteBreakerLimits> = {}): {
  readonly breaker: WriteBreaker;
  readonly environment: SimulatedEnvironment;
  readonly told: StoreEvent[];
} {
  const environment = new SimulatedEnvironment();
  const events = new StoreEvents();
  const told: StoreEvent[] = [];
  events.listen((event) => told.push(event));
  const breaker = new WriteBreaker(
    () => ({ ...LSM_DEFAULTS, ...limits, environment }),
    events,
  );
  return { breaker, environment, told };
}

Deno.test("[Y-183] the breaker opens after so many failures in a row, and a success between them begins the count anew", () => {
  const { breaker } = newBreaker({ walBreakerFailures: 3 });
  for (const round of [1, 2]) {
    for (let i = 0; i < 2; i++) assert(breaker.failed(FAILURE), `${round}`);
    breaker.succeeded();
    assert(breaker.isClosed);
  }
  assert(breaker.failed(FAILURE));
  assert(breaker.failed(FAILURE));
  assert(!breaker.failed(FAILURE));
  assertEquals(breaker.status.state, "open");
  const error = assertThrows(() => breaker.check(), KriyaError);
  assertEquals([error.kind, error.code], ["unavailable", "58030"]);
  assert(error.detail?.includes("no answer"), error.detail);
  assert(error.hint?.startsWith("Nothing was written."), error.hint);
  assertEquals(breaker.status.failures, 7);
  assertEquals(breaker.status.failuresInRow, 3);
  assertEquals(breaker.status.refusedCommits, 1);
});

Deno.test("[Y-183] the breaker opens when too large a share of the window failed, and forgets what is older", () => {
  const limits = {
    walBreakerFailures: 10,
    walBreakerSharePercent: 75,
    walBreakerWindowMs: 10_000,
  };
  /** Three failures and a success at a time, one every `stepMs`. */
  const roundsUntilOpen = async (stepMs: number): Promise<number> => {
    const { breaker, environment } = newBreaker(limits);
    for (let round = 1; round <= 30; round++) {
      for (let i = 0; i < 3; i++) breaker.failed(FAILURE);
      if (!breaker.isClosed) return round;
      breaker.succeeded();
      await environment.advance(stepMs);
    }
    return Infinity;
  };
  return (async () => {
    // 21 failures of 27 attempts; as many over a longer time are no share.
    assertEquals(await roundsUntilOpen(100), 7);
    assertEquals(await roundsUntilOpen(5000), Infinity);
  })();
});

Deno.test("[Y-187] a probe closes the breaker, or opens it again", () => {
  const { breaker } = newBreaker({ walBreakerFailures: 1 });
  breaker.probe();
  assertEquals(breaker.status.state, "closed");
  assert(!breaker.failed(FAILURE));
  breaker.probe();
  assertEquals(breaker.status.state, "half-open");
  // Commits wait for its answer elsewhere.
  assertThrows(() => breaker.check(), KriyaError);
  assert(!breaker.failed(FAILURE));
  assertEquals(breaker.status.state, "open");
  breaker.probe();
  breaker.succeeded();
  breaker.check();
  assertEquals(breaker.status.state, "closed");
  assertEquals(breaker.status.openings, 1);
  assertEquals(breaker.status.failuresInRow, 0);
});

Deno.test("without a number of failures the breaker never opens", () => {
  const { breaker } = newBreaker({ walBreakerFailures: 0 });
  for (let i = 0; i < 1000; i++) assert(breaker.failed(FAILURE));
  breaker.check();
});

Deno.test("[Y-186] every failure is an event of its name, and an alert until the log is written again", async () => {
  const { breaker, environment, told } = newBreaker({ walBreakerFailures: 2 });
  assertEquals(breaker.alerts, []);
  breaker.failed(FAILURE);
  assertEquals(breaker.alerts, ["WAL write failed"]);
  await environment.advance(50);
  breaker.failed(FAILURE);
  assertEquals(breaker.alerts, ["WAL write failed", "WAL writes stopped"]);
  breaker.probe();
  breaker.succeeded();
  assertEquals(breaker.alerts, []);
  await Promise.resolve();
  const first = environment.now() - 50;
  assertEquals(told, [
    { name: "WAL write failed", at: first, failuresInRow: 1, error: FAILURE },
    {
      name: "WAL write failed",
      at: first + 50,
      failuresInRow: 2,
      error: FAILURE,
    },
    {
      name: "WAL writes stopped",
      at: first + 50,
      failuresInRow: 2,
      error: FAILURE,
    },
    {
      name: "WAL writes resumed",
      at: first + 50,
      failuresInRow: 0,
      error: undefined,
    },
  ]);
});
