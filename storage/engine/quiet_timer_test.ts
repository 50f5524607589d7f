import { assert, assertEquals } from "@std/assert";
import type { Environment } from "../../base/environment.ts";
import { systemEnvironment } from "../../base/environment.ts";
import { QuietTimer } from "./quiet_timer.ts";

/** A clock that is set by hand, and the timers that are set on it. */
class Clock {
  now = 0;
  set: { at: number; callback: () => void }[] = [];
  count = 0;

  readonly environment: Environment = {
    ...systemEnvironment,
    monotonicMs: () => this.now,
    setTimer: (callback, delayMs) => {
      const timer = { at: this.now + delayMs, callback };
      this.set.push(timer);
      this.count++;
      return {
        cancel: () => {
          this.set = this.set.filter((other) => other !== timer);
        },
      };
    },
  };

  goTo(ms: number): void {
    for (;;) {
      const due = this.set.find(({ at }) => at <= ms);
      if (due === undefined) break;
      assert(this.count < 100, "timers without end");
      this.now = Math.max(this.now, due.at);
      this.set = this.set.filter((other) => other !== due);
      due.callback();
    }
    this.now = ms;
  }
}

Deno.test("a quiet timer fires once, a while after the last event, and sets no timer for each", () => {
  const clock = new Clock();
  const fired: number[] = [];
  const timer = new QuietTimer(
    () => clock.environment,
    () => fired.push(clock.now),
  );
  for (let ms = 0; ms <= 90; ms += 10) {
    clock.goTo(ms);
    timer.note(100);
  }
  assertEquals(clock.count, 1);
  clock.goTo(100);
  clock.goTo(189);
  assertEquals(fired, []);
  clock.goTo(190);
  assertEquals(fired, [190]);
  clock.goTo(1000);
  assertEquals(fired, [190]);
  timer.note(100);
  clock.goTo(1050);
  // A shorter wait counts from now on.
  timer.note(20);
  clock.goTo(1070);
  assertEquals(fired, [190, 1070]);
  timer.note(20);
  timer.stop();
  clock.goTo(2000);
  assertEquals(fired, [190, 1070]);
});

Deno.test("a quiet timer ends when the times of its clock do not add up", () => {
  for (let i = 1; i < 100; i++) {
    const clock = new Clock();
    let fired = 0;
    const timer = new QuietTimer(() => clock.environment, () => fired++);
    clock.now = 1e6;
    timer.note(0.3);
    clock.now += i / 1000;
    timer.note(0.3);
    clock.goTo(clock.now + 5);
    assertEquals(fired, 1);
    assert(clock.count < 5, `${clock.count} timers`);
  }
});
