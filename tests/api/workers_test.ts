/**
 * Background workers.
 *
 * @module
 */
import { assertEquals, assertThrows } from "@std/assert";
import { open } from "../../mod.ts";

/** Resolves when the signal says that it is over. */
function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) =>
    signal.addEventListener("abort", () => resolve(), { once: true })
  );
}

Deno.test("[O-174] a background worker goes on until it is stopped, or the database is closed", async () => {
  const ended: string[] = [];
  const db = await open("memory:");
  const main = (name: string) => async (signal: AbortSignal) => {
    await aborted(signal);
    ended.push(name);
  };
  const first = db.worker("first", main("first"));
  db.worker("second", main("second"));
  await Promise.resolve();
  assertThrows(() => db.worker("second", main("third")), Error, "exists");
  assertEquals(
    (db.status()["workers"] as { name: string; state: string }[])
      .map(({ name, state }) => `${name} ${state}`),
    ["first running", "second running"],
  );
  await first.stop();
  assertEquals(ended, ["first"]);
  assertEquals(first.status.state, "ended");
  assertEquals((db.status()["workers"] as unknown[]).length, 1);
  await db.close();
  assertEquals(ended, ["first", "second"]);
  assertThrows(() => db.worker("late", main("late")), Error, "closed");
});

Deno.test("[O-174] a worker that fails is run again, as its options say", async () => {
  await using db = await open("memory:");
  const errors: unknown[] = [];
  let runs = 0;
  const worker = db.worker("flaky", () => {
    runs++;
    if (runs < 3) throw new Error(`run ${runs}`);
  }, { restartAfterMs: 1, onError: (error) => errors.push(error) });
  await worker.ended;
  assertEquals(runs, 3);
  assertEquals(errors.map((error) => (error as Error).message), [
    "run 1",
    "run 2",
  ]);
  assertEquals(worker.status, {
    name: "flaky",
    state: "ended",
    runs: 3,
    lastError: "run 2",
  });
  const once = db.worker("once", () => Promise.reject(new Error("no")), {
    restartAfterMs: "never",
  });
  await once.ended;
  assertEquals(once.status.runs, 1);
  const waiting = db.worker("waiting", () => Promise.reject(new Error("no")), {
    restartAfterMs: 1_000_000,
  });
  while (waiting.status.state !== "waiting") await Promise.resolve();
  await waiting.stop();
});
