import { assert, assertEquals, assertRejects } from "@std/assert";
import { fc } from "fast-check";
import { delay } from "../base/environment.ts";
import { KriyaError } from "../base/errors.ts";
import { SimulatedEnvironment } from "./simulated_environment.ts";

Deno.test("timers fire by their time, then in the order they were set", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(20), fc.boolean()), { maxLength: 40 }),
      async (timers) => {
        const environment = new SimulatedEnvironment();
        const fired: number[] = [];
        const want: [number, number][] = [];
        timers.forEach(([ms, cancelled], i) => {
          const timer = environment.setTimer(() => fired.push(i), ms);
          if (cancelled) timer.cancel();
          else want.push([ms, i]);
        });
        assertEquals(environment.timerCount, want.length);
        await environment.advance(20);
        want.sort(([a, i], [b, j]) => a - b || i - j);
        assertEquals(fired, want.map(([, i]) => i));
        assertEquals(environment.timerCount, 0);
      },
    ),
    { numRuns: 30 },
  );
});

Deno.test("a timer's promises go on before the next timer fires", async () => {
  const environment = new SimulatedEnvironment();
  const events: string[] = [];
  const walk = async (name: string, ms: number): Promise<void> => {
    for (let i = 0; i < 3; i++) {
      await delay(environment, ms);
      await Promise.resolve();
      await (async () => await Promise.resolve())();
      events.push(`${name}@${environment.monotonicMs()}`);
    }
  };
  await environment.run(() => Promise.all([walk("a", 10), walk("b", 15)]));
  assertEquals(events, ["a@10", "b@15", "a@20", "b@30", "a@30", "b@45"]);
});

Deno.test("time passes only as far as it is told to", async () => {
  const environment = new SimulatedEnvironment({ startMs: 1000 });
  let fired = 0;
  environment.setTimer(() => fired++, 100);
  await environment.advance(99);
  assertEquals([fired, environment.now()], [0, 1099]);
  await environment.advance(1);
  assertEquals([fired, environment.now()], [1, 1100]);
  await environment.advance(3_600_000);
  assertEquals(environment.monotonicMs(), 3_600_100);
});

Deno.test("the wall clock may step back; nothing else notices", async () => {
  const environment = new SimulatedEnvironment({ startMs: 1_000_000 });
  let fired = false;
  environment.setTimer(() => fired = true, 50);
  environment.stepClock(-10_000);
  assertEquals(environment.now(), 990_000);
  assertEquals(environment.monotonicMs(), 0);
  await environment.advance(50);
  assert(fired);
  assertEquals(environment.now(), 990_050);
});

Deno.test("run gives what the task gives, and its error", async () => {
  const environment = new SimulatedEnvironment();
  assertEquals(await environment.run(() => 7), 7);
  const error = new Error("task");
  const caught = await assertRejects(() =>
    environment.run(async () => {
      await delay(environment, 5);
      throw error;
    })
  );
  assertEquals(caught, error);
});

Deno.test("run says so when the task waits for what never comes", async () => {
  const environment = new SimulatedEnvironment({ realMsMax: 20 });
  const error = await assertRejects(
    () => environment.run(() => new Promise(() => {})),
    KriyaError,
  );
  assertEquals(error.kind, "internal");
});

Deno.test("run waits for real input and output when no timer is left", async () => {
  const environment = new SimulatedEnvironment();
  const text = await environment.run(() =>
    Deno.readTextFile(new URL(import.meta.url))
  );
  assert(text.includes("SimulatedEnvironment"));
});

Deno.test("one seed is one run", async () => {
  const run = async (seed: number): Promise<string> => {
    const environment = new SimulatedEnvironment({ seed });
    const events: string[] = [];
    const worker = async (name: string): Promise<void> => {
      for (let i = 0; i < 20; i++) {
        await delay(environment, environment.random() * 10);
        events.push(name + environment.randomBytes(new Uint8Array(2)));
      }
    };
    await environment.run(() => Promise.all(["a", "b", "c"].map(worker)));
    return events.join(" ");
  };
  assertEquals(await run(5), await run(5));
  assert(await run(5) !== await run(6));
});
