/**
 * Runs of the bank: `deno test -A tests/simulation/bank_test.ts -- --seed=7`
 * replays one, `-- --seed=random --runs=500` does others, and more of them.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { testArgument, testSeed } from "../support/test_seed.ts";
import { runBank } from "./bank.ts";

const RUNS = 6;
const LIVES = 5;

Deno.test("[Y-180, Y-181] a bank keeps its sum and every acknowledged transfer while its process dies at any moment, at every isolation level", async () => {
  const first = testSeed();
  const isReplay = testArgument("seed") === String(first);
  const runs = isReplay ? 1 : Number(testArgument("runs") ?? RUNS);
  const totals = {
    acknowledged: 0,
    refused: 0,
    unknown: 0,
    deaths: 0,
    sums: 0,
  };
  const codes = new Set<string>();
  for (let seed = first; seed < first + runs; seed++) {
    try {
      const report = await runBank(seed, LIVES);
      for (const name of Object.keys(totals) as (keyof typeof totals)[]) {
        totals[name] += report[name];
      }
      for (const code of report.codes.keys()) codes.add(code);
    } catch (cause) {
      throw new Error(`--seed=${seed}: ${(cause as Error).message}`, { cause });
    }
  }
  if (isReplay) return;
  // A bank in which nothing happens proves nothing.
  const said = JSON.stringify({ ...totals, codes: [...codes] });
  assertEquals(totals.deaths, runs * LIVES);
  assert(totals.acknowledged > 15 * runs && totals.sums > 5 * runs, said);
  assert(totals.refused > 5 * runs && totals.unknown > runs / 3, said);
  for (const code of ["40001", "23514", "08007"]) assert(codes.has(code), said);
});
