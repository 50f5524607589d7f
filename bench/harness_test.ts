import { assertEquals, assertRejects } from "@std/assert";
import {
  median,
  runLimit,
  type RunningSide,
  runWorkload,
  type Workload,
} from "./harness.ts";
import type { Turn } from "./side_process.ts";

const WORKLOAD: Workload = {
  name: "w",
  unit: "rows/s",
  peers: { a: { name: "A", target: 2 }, b: { name: "B", target: 3 } },
  sides: {},
};

/** Sides whose turns take what is written; all calls are logged. */
function fakeSides(
  cpuMs: Record<string, number[]>,
): { start: (workload: string, side: string) => RunningSide; log: string[] } {
  const log: string[] = [];
  const start = (_workload: string, side: string): RunningSide => {
    const times = [...cpuMs[side]!];
    const next = (): Promise<number> => {
      const time = times.shift();
      return time === undefined
        ? Promise.reject(new Error("broken"))
        : Promise.resolve(time);
    };
    return {
      setup: () => Promise.resolve("settings"),
      async turn(): Promise<Turn> {
        log.push(side);
        return { operations: 10, cpuMs: await next(), wallMs: 0 };
      },
      measure: next,
      stop(): Promise<void> {
        log.push(`${side} stops`);
        return Promise.resolve();
      },
    };
  };
  return { start, log };
}

Deno.test("runWorkload compares medians of turns taken to and fro", async () => {
  const { start, log } = fakeSides({
    // The first turn is not counted.
    ours: [9999, 10, 1, 10, 10, 500],
    a: [9999, 20, 20, 20, 20, 20],
    b: [9999, 5, 5, 5, 5, 5],
  });
  const notes: string[] = [];
  const results = await runWorkload(
    "bench",
    WORKLOAD,
    (text) => notes.push(text),
    start,
  );
  const common = { bench: "bench", workload: "w", ours: 1000, unit: "rows/s" };
  assertEquals(results, [
    { ...common, peer: "A", peerValue: 500, ratio: 2, target: 2 },
    { ...common, peer: "B", peerValue: 2000, ratio: 0.5, target: 3 },
  ]);
  assertEquals(
    log.slice(0, 9).join(" "),
    "ours a b ours a b b a ours",
  );
  assertEquals(log.slice(-3), ["ours stops", "a stops", "b stops"]);
  assertEquals(notes[1], "w: a: settings");
});

Deno.test("runWorkload stops all sides when one breaks", async () => {
  const { start, log } = fakeSides({ ours: [1, 1], a: [1], b: [1] });
  const running = runWorkload("bench", WORKLOAD, () => {}, start);
  await assertRejects(() => running, Error, "broken");
  assertEquals(log.slice(-3), ["ours stops", "a stops", "b stops"]);
});

Deno.test("runLimit takes a new process each time, and less is better", async () => {
  const times = [200, 100, 150, 120, 900];
  let started = 0;
  const workload = {
    name: "l",
    unit: "ms",
    limit: 300,
    measure: () => Promise.resolve(0),
  };
  const [result] = await runLimit(
    "bench",
    workload,
    () => fakeSides({ ours: [times[started++]!] }).start("l", "ours"),
  );
  assertEquals(started, 5);
  assertEquals([result!.ours, result!.peerValue, result!.ratio], [150, 300, 2]);
});

Deno.test("median is the middle, or between the two", () => {
  assertEquals([median([3, 1, 2]), median([4, 1, 2, 3])], [2, 2.5]);
});
