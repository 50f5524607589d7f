/**
 * Hundreds of runs, each from a seed: `deno test -A tests/simulation --
 * --seed=7` replays one, `-- --runs=5000` does more of them, from another
 * beginning every time.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { systemEnvironment } from "../../base/environment.ts";
import { simulate } from "./simulation.ts";

function argument(name: string): number | undefined {
  const found = Deno.args.find((each) => each.startsWith(`--${name}=`));
  return found === undefined ? undefined : Number(found.slice(name.length + 3));
}

const RUNS = 250;

Deno.test("[K-082, K-100, K-101] nothing acknowledged is lost, nothing is half there, snapshots do not move, on a bad bucket with takeovers and crashes", async () => {
  const only = argument("seed");
  const first = only ?? Math.floor(systemEnvironment.random() * 1e9);
  const runs = only === undefined ? argument("runs") ?? RUNS : 1;
  const totals = {
    acknowledged: 0,
    visible: 0,
    refused: 0,
    unknown: 0,
    faults: 0,
    tables: 0,
    collected: 0,
    checkpoints: 0,
    compactions: 0,
    compactedOutside: 0,
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
  if (only !== undefined) return;
  // A simulation in which nothing happens proves nothing.
  assert(totals.acknowledged > 20 * runs, JSON.stringify(totals));
  assert(
    totals.refused > runs && totals.unknown > runs / 4,
    JSON.stringify(totals),
  );
  assert(
    totals.visible > runs && totals.faults > 2 * runs && totals.tables > runs &&
      totals.collected > 20 * runs && totals.checkpoints > runs / 2,
    JSON.stringify(totals),
  );
  assert(totals.compactions > runs, JSON.stringify(totals));
  assert(totals.compactedOutside > runs, JSON.stringify(totals));
});

Deno.test("a seed gives the same run again", async () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const [one, other] = [await simulate(seed), await simulate(seed)];
    assertEquals(one.trace, other.trace);
    assert(one.trace.length > 5);
  }
});
