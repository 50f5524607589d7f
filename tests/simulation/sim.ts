/**
 * The simulation by hand:
 *
 *     deno task sim --seed 7                  one run, the same every time
 *     deno task sim --seed 7 --steps 2000     a longer one
 *     deno task sim --seed 1 --runs 5000      what a night is for
 *     deno task sim --seed random --runs 100  elsewhere
 *     deno task sim --seed 1 --runs 100 --bug fencing
 *
 * The last puts in a bug on purpose (`base/deliberate_bug.ts`), and tells which
 * seed found it. Otherwise it fails with the first seed that breaks something.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { type DeliberateBug, putBug } from "../../base/deliberate_bug.ts";
import { systemEnvironment } from "../../base/environment.ts";
import { simulate } from "./simulation.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    steps: { type: "string" },
    runs: { type: "string", default: "1" },
    bug: { type: "string" },
  },
});

function count(text: string, name: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new RangeError(`--${name} is a count, not "${text}"`);
}

const first = values.seed === "random"
  ? Math.floor(systemEnvironment.random() * 1e9)
  : count(values.seed, "seed");
const steps = values.steps === undefined
  ? undefined
  : count(values.steps, "steps");
const runs = count(values.runs, "runs");
const { bug } = values;
if (bug !== undefined) {
  if (!["fencing", "collection", "recovery"].includes(bug)) {
    throw new RangeError(`--bug is fencing, collection or recovery`);
  }
  putBug(bug as DeliberateBug);
}

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

let failed = false;
for (let seed = first; seed < first + runs && !failed; seed++) {
  try {
    const { trace, ...report } = await simulate(seed, { steps });
    const told = runs === 1 ? [...trace, JSON.stringify(report)] : [];
    for (const line of told) say(line);
    if (runs > 1 && (seed - first) % 50 === 49) say(`seed ${seed}: ok`);
  } catch (error) {
    failed = true;
    say(`--seed ${seed}: ${(error as Error).stack}`);
  }
}
if (failed) Deno.exit(1);
say(`${runs} runs from seed ${first}: nothing broke`);
