import { assertEquals } from "@std/assert";
import { World } from "../../tests/support/world.ts";
import { WriteBatch } from "../../storage/engine/write_batch.ts";
import type { LsmStore } from "../../storage/engine/lsm_store.ts";
import { CommitClock } from "./commit_clock.ts";

/** A commit at a time of the clock. */
async function commit(
  store: LsmStore,
  clock: CommitClock,
  key: number,
): Promise<number> {
  const batch = new WriteBatch();
  clock.addTo(batch);
  batch.put(Uint8Array.of(9, 9, 9, 9, key), Uint8Array.of(1));
  return await store.write(batch, { beforeJoin: () => clock.amend(batch) });
}

Deno.test("the commits up to a time are found, though the clock went back", async () => {
  const world = new World();
  const { environment } = world;
  await world.run(async () => {
    const { store } = await world.open();
    await store.publish(() => ({ versionRetentionMs: 1000 }));
    let clock = new CommitClock(store);
    await clock.load();
    await clock.start();
    const start = environment.now();
    const found = async (ms: number): Promise<number | undefined> =>
      await clock.sequenceAt(ms, { from: 0, to: store.visibleSequence });
    assertEquals(await found(start - 1), undefined);
    const sequences: number[] = [];
    const times: number[] = [];
    // The clock of a writer that took over may be behind.
    for (const [key, jump] of [0, 50, 50, -500, 10, 600, 0].entries()) {
      environment.stepClock(jump);
      sequences.push(await commit(store, clock, key));
      times.push(Math.max(times.at(-1) ?? start, environment.now()));
      if (key !== 3) continue;
      clock = new CommitClock(store);
      await clock.load();
    }
    for (const [i, ms] of times.entries()) {
      const last = times.lastIndexOf(ms);
      assertEquals(await found(ms), sequences[last], `commit ${i}`);
    }
    assertEquals(await found(times[1]! - 1), sequences[0]);
    assertEquals(await found(times.at(-1)! + 1e6), sequences.at(-1));
    await clock.stop();
    assertEquals(await found(times.at(-1)!), undefined);
    assertEquals(await commit(store, clock, 1), store.visibleSequence);
    assertEquals(await found(times.at(-1)!), undefined);
    await store.close();
  });
});
