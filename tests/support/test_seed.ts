/**
 * Where tests by chance begin. By default everywhere at the same place, so that
 * a commit fails by what it changed and not by the day; who looks for more
 * takes another beginning:
 *
 *     deno test -A tests/simulation -- --seed=7
 *     deno test -A tests/simulation -- --seed=random --runs=5000
 *
 * @module
 */
import { systemEnvironment } from "../../base/environment.ts";

/** The seed of a run that names none. */
const DEFAULT_SEED = 1;

/** The value of `--name=value` behind `--`; `undefined` if it is not there. */
export function testArgument(name: string): string | undefined {
  return Deno.args.find((each) => each.startsWith(`--${name}=`))
    ?.slice(name.length + 3);
}

/** The first seed: `--seed=`, a number or `random`. */
export function testSeed(): number {
  const asked = testArgument("seed") ?? String(DEFAULT_SEED);
  if (asked === "random") return Math.floor(systemEnvironment.random() * 1e9);
  const seed = Number(asked);
  if (!Number.isSafeInteger(seed)) {
    throw new RangeError(`--seed=${asked} is neither a number nor "random"`);
  }
  return seed;
}
