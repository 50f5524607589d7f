/**
 * What may go: which sequences hidden versions must reach up to, and which
 * entries have outlived their time.
 *
 * A compaction has a horizon: no snapshot below it will be read again. Of a
 * key's versions at or below the horizon only the newest can be seen, and not
 * even that one if it is a deletion.
 *
 * The horizon of a key prefix may be lower: a vector index catches up from the
 * entries that are newer than what its segments cover, deletions among them, so
 * under its prefix everything newer than that stays (`SegmentMeta.info`'s
 * `coveredTo`).
 *
 * Time is known by samples: the manifest's `clock` says at which time which
 * sequence was the highest.
 *
 * @module
 */
import { compareBytes } from "../../base/bytes.ts";
import type {
  ClockSample,
  Manifest,
  SegmentMeta,
} from "../manifest/manifest.ts";
import { prefixOf } from "../sstable/properties.ts";
import type { KeySpan } from "./table_ranges.ts";

/** Keys that live for some time only. */
export interface TtlRule {
  /** What the keys begin with. */
  readonly prefix: Uint8Array;
  /** How long their values live, in ms. */
  readonly ms: number;
}

/** A rule of time to live, by sequence. */
export interface Expiry {
  /** What the keys begin with. */
  readonly prefix: Uint8Array;
  /** Values up to this sequence are too old. */
  readonly to: number;
}

/** What a compaction must keep. */
export interface Retention {
  /** Of versions at or below it only the newest of each key stays. */
  readonly horizon: number;
  /** Lower horizons, by 4-byte prefix. */
  readonly floors: ReadonlyMap<number, number>;
  /** What has outlived its time. */
  readonly expiries: readonly Expiry[];
}

/** The horizons that indexes ask for, by their 4-byte prefix. */
export function segmentFloors(
  segments: readonly SegmentMeta[],
): Map<number, number> {
  const covered = new Map<number, number>();
  for (const { owner, info } of segments) {
    const to = Number(info.coveredTo);
    if (!Number.isSafeInteger(to)) continue;
    covered.set(owner, Math.max(to, covered.get(owner) ?? 0));
  }
  return covered;
}

/** The horizon for keys of a prefix. */
export function horizonOf(retention: Retention, prefix: number): number {
  const { floors, horizon } = retention;
  if (floors.size === 0) return horizon;
  return Math.min(horizon, floors.get(prefix) ?? horizon);
}

/** The lowest horizon of the keys in a span. */
export function horizonIn(retention: Retention, span: KeySpan): number {
  let { horizon } = retention;
  if (retention.floors.size === 0) return horizon;
  const { firstKey, lastKey } = span;
  const first = prefixOf(firstKey, 0, firstKey.length);
  const last = prefixOf(lastKey, 0, lastKey.length);
  for (const [prefix, floor] of retention.floors) {
    if (first <= prefix && prefix <= last) horizon = Math.min(horizon, floor);
  }
  return horizon;
}

/**
 * What must be kept, by a manifest alone: the snapshots of who writes are not
 * known, but none is below `retainFrom`.
 */
export function retentionIn(
  manifest: Pick<
    Manifest,
    "sequence" | "retainFrom" | "horizon" | "segments" | "held"
  >,
  expiries: readonly Expiry[] = [],
): Retention {
  const { sequence, retainFrom, segments, held } = manifest;
  const floors = segmentFloors(segments);
  for (const { prefix, from } of held) {
    floors.set(prefix, Math.min(from, floors.get(prefix) ?? from));
  }
  const horizon = Math.max(manifest.horizon, Math.min(sequence, retainFrom));
  return { horizon, floors, expiries };
}

/**
 * Whether values written after `used` was worked out would be missed: an index
 * came to need older entries than a compaction kept.
 */
export function floorsHold(
  used: Retention,
  floors: ReadonlyMap<number, number>,
): boolean {
  for (const [prefix, floor] of floors) {
    if (floor < horizonOf(used, prefix)) return false;
  }
  return true;
}

/** The highest sequence that was written at `ms` or before, as far as known. */
export function sequenceAt(clock: readonly ClockSample[], ms: number): number {
  let sequence = 0;
  for (const sample of clock) {
    if (sample.ms <= ms) sequence = Math.max(sequence, sample.sequence);
  }
  return sequence;
}

/** Samples that a manifest keeps. */
const CLOCK_SAMPLES_MAX = 256;

/**
 * The samples with one more. When there are too many every other one of the
 * older half goes: what is long ago is known less finely, and errs on the side
 * of keeping.
 */
export function addSample(
  clock: readonly ClockSample[],
  sample: ClockSample,
): readonly ClockSample[] {
  const last = clock.at(-1);
  if (last !== undefined && last.sequence >= sample.sequence) return clock;
  const samples = [...clock, sample];
  if (samples.length <= CLOCK_SAMPLES_MAX) return samples;
  const half = CLOCK_SAMPLES_MAX / 2;
  return samples.filter((_, i) => i >= half || i % 2 === 0);
}

/** What rules of time to live mean at a moment. */
export function expiriesAt(
  rules: readonly TtlRule[],
  clock: readonly ClockSample[],
  nowMs: number,
): Expiry[] {
  return rules.map(({ prefix, ms }) => ({
    prefix,
    to: sequenceAt(clock, nowMs - ms),
  })).filter(({ to }) => to > 0);
}

/** Whether `key` begins with `prefix`. */
export function hasPrefix(key: Uint8Array, prefix: Uint8Array): boolean {
  return key.length >= prefix.length &&
    compareBytes(key.subarray(0, prefix.length), prefix) === 0;
}
