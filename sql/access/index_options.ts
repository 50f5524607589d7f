/**
 * Storage parameters of indexes.
 *
 * @module
 */
import type { IndexEntry } from "../catalog/entries.ts";
import { SqlError } from "../errors/sql_error.ts";

/** What a storage parameter may be. */
export type IndexOption = "boolean" | readonly string[] | {
  readonly min: number;
  readonly max: number;
};

/** `fillfactor`: we keep it, and fill objects as ever. */
export const FILLFACTOR: IndexOption = { min: 10, max: 100 };

const BOOLEAN = /^(?:on|off|true|false|yes|no|1|0|t|f|y|n)$/i;

/**
 * Checks the storage parameters of an index.
 *
 * @throws {SqlError} `22023`.
 */
export function checkOptions(
  { options }: IndexEntry,
  known: Readonly<Record<string, IndexOption>>,
): void {
  for (const [name, text] of Object.entries(options)) {
    const option = known[name];
    if (option === undefined) {
      throw new SqlError("22023", `unrecognized parameter "${name}"`);
    }
    if (option === "boolean") {
      if (BOOLEAN.test(text)) continue;
      throw new SqlError(
        "22023",
        `invalid value for boolean option "${name}": ${text}`,
      );
    }
    if (isEnum(option)) {
      checkEnum(name, text, option);
      continue;
    }
    if (!/^\s*[-+]?\d+\s*$/.test(text)) {
      throw new SqlError(
        "22023",
        `invalid value for integer option "${name}": ${text}`,
      );
    }
    const { min, max } = option;
    if (Number(text) < min || Number(text) > max) {
      throw new SqlError(
        "22023",
        `value ${text} out of bounds for option "${name}"`,
        { detail: `Valid values are between "${min}" and "${max}".` },
      );
    }
  }
}

function isEnum(option: IndexOption): option is readonly string[] {
  return Array.isArray(option);
}

/** Fails (22023) for a text that is none of the valid ones, whatever its case. */
export function checkEnum(
  name: string,
  text: string,
  valid: readonly string[],
): void {
  if (valid.includes(text.toLowerCase())) return;
  throw new SqlError(
    "22023",
    `invalid value for enum option "${name}": ${text}`,
    {
      detail: `Valid values are ${
        valid.map((each) => `"${each}"`).join(", ")
      }.`,
    },
  );
}
