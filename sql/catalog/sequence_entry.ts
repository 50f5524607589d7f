/**
 * What the catalog knows of a sequence, and the form in which it is stored.
 *
 * Where a sequence stands is no part of it: that changes outside of
 * transactions (`sequences.ts`).
 *
 * @module
 */
import type { EntryCommon } from "./entry_common.ts";

/** The types a sequence can have. */
export type SequenceType = "int2" | "int4" | "int8";

/** The numbers that a sequence gives. */
export interface SequenceRange {
  /** The type of its numbers. */
  readonly dataType: SequenceType;
  /** Where it starts, and RESTART goes. */
  readonly start: bigint;
  /** What is added; not 0. */
  readonly increment: bigint;
  /** The least number. */
  readonly minimum: bigint;
  /** The greatest number. */
  readonly maximum: bigint;
  /** CACHE: kept, and shown. */
  readonly cache: bigint;
  /** Whether it begins again at its end. */
  readonly cycle: boolean;
}

/** The column that a sequence goes with. */
export interface SequenceOwner {
  /** The table. */
  readonly tableId: number;
  /** The column's number. */
  readonly columnNumber: number;
  /** Whether it is the sequence of an identity column. */
  readonly identity: boolean;
}

/** A sequence. */
export interface SequenceEntry extends SequenceRange, EntryCommon {
  /** Tells it from others. */
  readonly kind: "sequence";
  /** Names where it stands; RESTART in a transaction gives a new one. */
  readonly storageId: number;
  /** The schema. */
  readonly schema: string;
  /** The column that it goes with, if any. */
  readonly owner?: SequenceOwner | undefined;
}

/** The least and greatest numbers of a sequence's type. */
export function boundsOf(type: SequenceType): readonly [bigint, bigint] {
  const bits = { int2: 15n, int4: 31n, int8: 63n }[type];
  return [-(2n ** bits), 2n ** bits - 1n];
}

/** The fields of a sequence as they are stored: numbers as texts. */
export function sequenceFields(
  { start, increment, minimum, maximum, cache, ...rest }: SequenceEntry,
): Readonly<Record<string, unknown>> {
  return {
    ...rest,
    start: String(start),
    increment: String(increment),
    minimum: String(minimum),
    maximum: String(maximum),
    cache: String(cache),
  };
}

/**
 * The range in stored fields; `undefined` where they are damaged.
 */
export function sequenceRangeOf(
  fields: Readonly<Record<string, unknown>>,
): SequenceRange | undefined {
  const { dataType, cycle } = fields;
  if (
    (dataType !== "int2" && dataType !== "int4" && dataType !== "int8") ||
    typeof cycle !== "boolean"
  ) return undefined;
  const numbers = ["start", "increment", "minimum", "maximum", "cache"]
    .map((name) => numberIn(fields[name]));
  if (numbers.includes(undefined)) return undefined;
  const [start, increment, minimum, maximum, cache] = numbers as bigint[];
  const range: SequenceRange = {
    dataType,
    start: start!,
    increment: increment!,
    minimum: minimum!,
    maximum: maximum!,
    cache: cache!,
    cycle,
  };
  return range.increment !== 0n && range.minimum < range.maximum
    ? range
    : undefined;
}

function numberIn(value: unknown): bigint | undefined {
  if (typeof value !== "string" || !/^-?\d{1,19}$/.test(value)) {
    return undefined;
  }
  return BigInt(value);
}
