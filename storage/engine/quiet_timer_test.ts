import { assert, assertEquals } from "@std/assert";
import type { Environment } from "../../base/environment.ts";
import { systemEnvironment } from "../../base/environment.ts";
import { QuietTimer } from "./quiet_timer.ts";

/** A clock that is set by hand, and the timers that are set on it. */
class Clock {
  now = 0;
  set: { at: number; callback: () => void }[] = [];
  count = 0;

  /** Timers come so many ms too early, and at once if that is all they wait. */
  constructor(readonly early = 0) {}

  readonly environment: Environment = {
    ...systemEnvironment,
    monotonicMs: () => this.now,
    setTimer: (callback, delayMs) => {
      const waitMs = Math.max(0, delayMs - this.early);
      const timer = { at: this.now + waitMs, callback };
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

Deno.test("a quiet timer ends when its clock fires before its time", () => {
  const clock = new Clock(0.5);
  let fired = 0;
  const timer = new QuietTimer(() => clock.environment, () => fired++);
  timer.note(100);
  clock.goTo(200);
  assertEquals(fired, 1);
});
