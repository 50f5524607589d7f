import { assertEquals, assertThrows } from "@std/assert";
import { type Environment, systemEnvironment } from "../../base/environment.ts";
import { KriyaError } from "../../base/errors.ts";
import { SlicedTask, type SlicedWork } from "./sliced_task.ts";

/** A clock at `now`. */
function clock(): { environment: Environment; now: number } {
  const state = { now: 0, environment: systemEnvironment };
  state.environment = { ...systemEnvironment, monotonicMs: () => state.now };
  return state;
}

Deno.test("SlicedTask works until its budget is spent, once at least", () => {
  const time = clock();
  function* work(): SlicedWork<string> {
    for (let i = 0; i < 10; i++) {
      time.now += 3;
      yield i / 10;
    }
    return "made";
  }
  const task = new SlicedTask(work(), time.environment);
  assertEquals(time.now, 0);
  assertEquals(task.step(0), false);
  assertEquals([time.now, task.progress], [3, 0]);
  assertEquals(task.step(6), false);
  assertEquals([time.now, task.progress], [9, 0.2]);
  assertThrows(() => task.result, KriyaError, "not done");
  assertEquals(task.finish(), "made");
  assertEquals([task.isDone, task.progress, task.step(1)], [true, 1, true]);
});

Deno.test("SlicedTask that was aborted, or failed, does nothing more", () => {
  function* work(): SlicedWork<number> {
    yield 0;
    throw new RangeError("no memory");
  }
  const failing = new SlicedTask(work(), clock().environment);
  assertThrows(() => failing.finish(), RangeError, "no memory");
  const error = assertThrows(() => failing.step(1), KriyaError);
  assertEquals(error.kind, "closed");
  const aborted = new SlicedTask(work(), clock().environment);
  aborted.abort();
  assertEquals(assertThrows(() => aborted.step(1), KriyaError).kind, "closed");
});
