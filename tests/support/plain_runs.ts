/**
 * Entries as tests write them, turned into the runs and sources that scans and
 * builders take; and the plain rule of what a snapshot sees, which is the twin
 * of every cleverer way to find it.
 *
 * @module
 */
import { compareBytes } from "../../base/bytes.ts";
import { nextTurn } from "../../base/environment.ts";
import type { EntryRun, RunSource } from "../../storage/mvcc/entry_run.ts";
import { KIND_DELETE, KIND_PUT } from "../../storage/mvcc/internal_key.ts";
import { bytes, type PlainEntry } from "./lsm_contents.ts";

/** A range tombstone as a test writes it. */
export interface PlainTombstone {
  readonly start: string;
  readonly end: string;
  readonly sequence: number;
}

/** Orders entries: key ascending, then sequence descending. */
export function compareEntries(a: PlainEntry, b: PlainEntry): number {
  return compareBytes(bytes(a.key), bytes(b.key)) || b.sequence - a.sequence;
}

/** A run of entries, which must be in order. */
export function runOf(entries: readonly PlainEntry[]): EntryRun {
  const count = entries.length;
  const run = {
    count,
    keys: bytes(entries.map(({ key }) => key).join("")),
    keyStarts: new Uint32Array(count),
    keyEnds: new Uint32Array(count),
    values: bytes(entries.map(({ value }) => value ?? "").join("")),
    valueStarts: new Uint32Array(count),
    valueEnds: new Uint32Array(count),
    sequences: new Float64Array(count),
    kinds: new Uint8Array(count),
    sequenceMax: Math.max(...entries.map(({ sequence }) => sequence)),
    isPlain: entries.every(({ value }) => value !== undefined) &&
      new Set(entries.map(({ key }) => key)).size === count,
  };
  let key = 0;
  let value = 0;
  entries.forEach((entry, i) => {
    run.keyStarts[i] = key;
    run.keyEnds[i] = key += bytes(entry.key).length;
    run.valueStarts[i] = value;
    run.valueEnds[i] = value += bytes(entry.value ?? "").length;
    run.sequences[i] = entry.sequence;
    run.kinds[i] = entry.value === undefined ? KIND_DELETE : KIND_PUT;
  });
  return run;
}

/** How a source answers. */
export interface SourceOptions {
  /** The last run first (default false). */
  readonly reverse?: boolean;
  /** Whether run `index` comes as a promise (default: none does). */
  readonly waits?: (index: number) => boolean;
  /**
   * Spoils the positions of a run when the next is asked for, as a source does
   * that uses its arrays again (default false).
   */
  readonly spoils?: boolean;
}

/** A source of entries in order, `perRun` of them a run. */
export function sourceOf(
  entries: readonly PlainEntry[],
  perRun: number,
  options: SourceOptions = {},
): RunSource {
  const runs: EntryRun[] = [];
  for (let i = 0; i < entries.length; i += perRun) {
    runs.push(runOf(entries.slice(i, i + perRun)));
  }
  if (options.reverse) runs.reverse();
  let next = 0;
  return {
    nextRun: () => {
      const index = next++;
      if (options.spoils && index > 0 && index <= runs.length) {
        spoil(runs[index - 1]!);
      }
      if (!options.waits?.(index)) return runs[index];
      return nextTurn().then(() => runs[index]);
    },
  };
}

function spoil(run: EntryRun): void {
  const { keyStarts, keyEnds, valueStarts, valueEnds } = run;
  for (const positions of [keyStarts, keyEnds, valueStarts, valueEnds]) {
    positions.fill(0);
  }
  run.sequences.fill(0);
  run.kinds.fill(KIND_DELETE);
}

/** What a snapshot sees of entries and tombstones, in the order of keys. */
export function visibleAt(
  entries: readonly PlainEntry[],
  tombstones: readonly PlainTombstone[],
  sees: (sequence: number) => boolean,
): PlainEntry[] {
  const newest = new Map<string, PlainEntry>();
  for (const entry of entries) {
    if (!sees(entry.sequence)) continue;
    const before = newest.get(entry.key);
    if (before === undefined || before.sequence < entry.sequence) {
      newest.set(entry.key, entry);
    }
  }
  return [...newest.values()]
    .filter(({ key, sequence, value }) =>
      value !== undefined &&
      !tombstones.some((tombstone) =>
        sees(tombstone.sequence) && tombstone.sequence > sequence &&
        compareBytes(bytes(tombstone.start), bytes(key)) <= 0 &&
        compareBytes(bytes(key), bytes(tombstone.end)) < 0
      )
    )
    .sort(compareEntries);
}
