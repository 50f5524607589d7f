/**
 * The share of texts that a LIKE pattern fits, as PostgreSQL's `patternsel` has
 * it: common values are asked one by one, the bounds of the histogram stand for
 * the others, and where there are few of them the letters of the pattern count.
 *
 * @module
 */
import { type KnownColumn, rangeShare } from "./column_statistics.ts";

/** What each part of a pattern leaves. */
const LETTER = 0.2;
const ANY_LETTER = 0.9;
const ANY_TEXT = 5;

/** Bounds that speak for themselves. */
const BOUNDS_ENOUGH = 100;
const BOUNDS_MIN = 10;

/** A LIKE pattern, taken apart. */
interface Pattern {
  /** The letters before the first wildcard. */
  readonly prefix: string;
  /** What the rest leaves, by its letters. */
  readonly restShare: number;
  readonly expression: RegExp;
}

/** The share of rows whose text fits; `undefined`: nothing is known. */
export function likeShare(
  column: KnownColumn,
  pattern: string,
  ignoreCase: boolean,
): number | undefined {
  const { common, commonShares, bounds, otherShare } = column;
  if (common.length === 0 && bounds.length === 0) return undefined;
  const parsed = parsePattern(pattern, ignoreCase);
  const fits = (value: unknown): boolean =>
    typeof value === "string" && parsed.expression.test(value);
  const known = common.reduce<number>(
    (sum, value, i) => fits(value) ? sum + commonShares[i]! : sum,
    0,
  );
  return Math.min(1, known + otherShare * othersShare(column, parsed, fits));
}

/** The share among the values that are not common. */
function othersShare(
  column: KnownColumn,
  { prefix, restShare }: Pattern,
  fits: (value: unknown) => boolean,
): number {
  const inner = column.bounds.slice(1, -1);
  const counted = inner.length === 0
    ? 0
    : inner.filter(fits).length / inner.length;
  const weight = inner.length < BOUNDS_MIN
    ? 0
    : Math.min(1, inner.length / BOUNDS_ENOUGH);
  const guessed = prefixShare(column, prefix) * restShare;
  const share = weight * counted + (1 - weight) * guessed;
  return Math.min(0.9999, Math.max(0.0001, share));
}

/** The share of the others that begins with `prefix`. */
function prefixShare(column: KnownColumn, prefix: string): number {
  if (prefix === "") return 1;
  const others = { ...column, common: [], commonShares: [], otherShare: 1 };
  const range = rangeShare(others, {
    lower: { value: prefix, inclusive: true },
    upper: { value: `${prefix}\u{10ffff}`, inclusive: false },
  });
  return range ?? LETTER ** [...prefix].length;
}

function parsePattern(pattern: string, ignoreCase: boolean): Pattern {
  let prefix = "";
  let source = "";
  let restShare = 1;
  let isPrefix = !ignoreCase;
  const letters = [...pattern];
  for (let i = 0; i < letters.length; i++) {
    let letter = letters[i]!;
    if (letter === "%" || letter === "_") {
      isPrefix = false;
      source += letter === "%" ? "[^]*" : "[^]";
      restShare *= letter === "%" ? ANY_TEXT : ANY_LETTER;
      continue;
    }
    if (letter === "\\" && i + 1 < letters.length) letter = letters[++i]!;
    source += letter.replace(/[\\^$.*+?()[\]{}|/]/u, "\\$&");
    if (isPrefix) prefix += letter;
    else restShare *= LETTER;
  }
  return {
    prefix,
    restShare: Math.min(1, restShare),
    expression: new RegExp(`^${source}$`, ignoreCase ? "ui" : "u"),
  };
}
