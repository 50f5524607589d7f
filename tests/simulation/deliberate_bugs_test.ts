/**
 * The simulation finds what it is for: with a bug put in on purpose, one of the
 * first hundred seeds fails, and says so in words that point at it.
 *
 * @module
 */
import { assert } from "@std/assert";
import { type DeliberateBug, putBug } from "../../base/deliberate_bug.ts";
import { simulate } from "./simulation.ts";

const SEEDS = 100;

/** What a bug looks like where it is found. */
const SIGNS: Readonly<Record<DeliberateBug, RegExp>> = {
  fencing: /after epoch|acknowledge|changed|is not there|sequence/,
  collection: /is needed|is missing|was not/,
  recovery: /after epoch|acknowledge|is not there|sequence/,
};

for (const bug of Object.keys(SIGNS) as DeliberateBug[]) {
  Deno.test(`[K-100, K-101] a bug in ${bug} is found within ${SEEDS} seeds`, async () => {
    let found: unknown;
    putBug(bug);
    try {
      for (let seed = 1; seed <= SEEDS && found === undefined; seed++) {
        await simulate(seed).catch((error) => found = error);
      }
    } finally {
      putBug(undefined);
    }
    assert(found instanceof Error, `no seed found it`);
    assert(SIGNS[bug].test(found.message), found.message);
  });
}
