/**
 * What TABLESAMPLE asks of each row: whether it is in the sample.
 *
 * A table here has no pages, so that SYSTEM chooses rows one by one, as BERNOULLI
 * does. REPEATABLE: a row's place (its `ctid`) and the seed decide.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { bool } from "../../types/bool_type.ts";
import type { Nullable } from "../../types/data_type.ts";
import { float4, float8 } from "../../types/float_types.ts";
import { tid, tidText } from "../../types/place_types.ts";
import { define } from "../define.ts";
import type { FunctionDefinition } from "../definition.ts";

/** The methods. */
export const SAMPLE_METHODS: ReadonlySet<string> = new Set([
  "bernoulli",
  "system",
]);

/**
 * The share of a percentage.
 *
 * @throws {SqlError} `2202H` when it is none.
 */
export function sampleShare(percent: Nullable): number {
  if (percent === null) {
    throw new SqlError("2202H", "TABLESAMPLE parameter cannot be null");
  }
  const number = percent as number;
  if (!(number >= 0 && number <= 100)) {
    throw new SqlError("2202H", "sample percentage must be between 0 and 100");
  }
  return number / 100;
}

/**
 * The seed of REPEATABLE.
 *
 * @throws {SqlError} `2202G` when there is none.
 */
export function sampleSeed(seed: Nullable): number {
  if (seed !== null) return seed as number;
  throw new SqlError(
    "2202G",
    "TABLESAMPLE REPEATABLE parameter cannot be null",
  );
}

/** FNV-1a of a text, mixed, as a number in [0, 1). */
function chance(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) {
    hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  }
  // The last bytes alone would hardly reach the high bits.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

/** Whether a row is in a sample of so many percent. */
export const sampledAtRandom: FunctionDefinition = define(
  "tablesample",
  [float4],
  bool,
  ([percent], context) => context.random() < sampleShare(percent!),
  { strict: false, volatility: "volatile" },
);

/** Whether the row with a `ctid` is in a sample with a seed. */
export const sampledBySeed: FunctionDefinition = define(
  "tablesample",
  [float4, tid, float8],
  bool,
  ([percent, place, seed]) =>
    chance(`${sampleSeed(seed!)} ${tidText(place as number)}`) <
      sampleShare(percent!),
  { strict: false },
);
