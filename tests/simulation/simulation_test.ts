/**
 * Hundreds of runs, each from a seed: `deno test -A tests/simulation --
 * --seed=7` replays one, `-- --seed=random --runs=5000` does others, and more
 * of them.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { testArgument, testSeed } from "../support/test_seed.ts";
import { simulate } from "./simulation.ts";

const RUNS = 90;

Deno.test("[K-082, K-100, K-101, L-256] nothing acknowledged is lost, nothing is half there, snapshots do not move and readers follow, on a bad bucket with takeovers and crashes", async () => {
  const first = testSeed();
  const isReplay = testArgument("seed") === String(first);
  const runs = isReplay ? 1 : Number(testArgument("runs") ?? RUNS);
  const totals = {
    acknowledged: 0,
    visible: 0,
    refused: 0,
    stopped: 0,
    unknown: 0,
    faults: 0,
    tables: 0,
    collected: 0,
    checkpoints: 0,
    compactions: 0,
    compactedOutside: 0,
    followed: 0,
  };
  for (let seed = first; seed < first + runs; seed++) {
    try {
      const report = await simulate(seed);
      for (const name of Object.keys(totals) as (keyof typeof totals)[]) {
        totals[name] += report[name];
      }
    } catch (cause) {
      throw new Error(`--seed=${seed}: ${(cause as Error).message}`, { cause });
    }
  }
  if (isReplay) return;
  // A simulation in which nothing happens proves nothing.
  assert(totals.acknowledged > 18 * runs, JSON.stringify(totals));
  assert(
    totals.refused > runs && totals.unknown > runs / 4,
    JSON.stringify(totals),
  );
  assert(
    totals.visible > runs && totals.faults > 2 * runs && totals.tables > runs &&
      totals.collected > 20 * runs && totals.checkpoints > runs / 2,
    JSON.stringify(totals),
  );
  assert(totals.stopped > runs / 10, JSON.stringify(totals));
  assert(totals.compactions > runs, JSON.stringify(totals));
  assert(totals.compactedOutside > runs, JSON.stringify(totals));
  assert(totals.followed > runs, JSON.stringify(totals));
});

Deno.test("a seed gives the same run again", async () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const [one, other] = [await simulate(seed), await simulate(seed)];
    assertEquals(one.trace, other.trace);
    assert(one.trace.length > 5);
  }
});
