/**
 * What was committed, in the order of commits: entries after a point, some
 * bytes at a time.
 *
 * A memtable has its entries in the order in which they came, so what is new is
 * read off its end. Tables have theirs in the order of keys: all that are newer
 * are read, and of their entries the lowest are kept that fit; so history that
 * is long past is read once for every window of it.
 *
 * A point is a commit, or a place within one: commits are cut only where one
 * alone is larger than a window.
 *
 * Invariant: of two windows in a row nothing between them is left out, and
 * nothing is in both. REQUIRES: the horizon does not pass the point; a snapshot
 * at it is held.
 *
 * Rejected: reading the log itself. It ends at the last flush, and what was
 * loaded as tables is not in it; the rows of before, which a change is told
 * with, need the versions anyway.
 *
 * @module
 */
import { compareBytes } from "../../base/bytes.ts";
import { nextTurn } from "../../base/environment.ts";
import type { EntryRun, RunSource } from "../mvcc/entry_run.ts";
import { KIND_PUT } from "../mvcc/internal_key.ts";
import { prefixOf } from "../sstable/properties.ts";
import type { TreeState } from "./tree_state.ts";

/** A point in the order of commits. */
export interface ChangePoint {
  /** All commits up to this one are before it … */
  readonly sequence: number;
  /** … of this one, where it is said, only the keys up to this. */
  readonly key?: Uint8Array | undefined;
}

/** An entry of a commit. */
export interface CommittedEntry {
  /** The commit. */
  readonly sequence: number;
  /** The key. */
  readonly key: Uint8Array;
  /** Its value; absent: it was removed. */
  readonly value: Uint8Array | undefined;
}

/** Entries between two points. */
export interface ChangeWindow {
  /** In the order of commits, and of keys in one. */
  readonly entries: readonly CommittedEntry[];
  /** Where it ends. */
  readonly end: ChangePoint;
}

/** What a window is to have. */
export interface WindowOptions {
  /** The last commit that is read. */
  readonly to: number;
  /** About how many bytes of keys and values; one entry may be larger. */
  readonly bytesMax: number;
  /** Whether keys with this 4-byte prefix are wanted. */
  readonly wants: (prefix: number) => boolean;
  /** Stops the reading when aborted. */
  readonly signal?: AbortSignal | undefined;
}

/** Bytes that an entry takes besides its own. */
const ENTRY_BYTES = 64;

/** Runs that are read before everything else may go on. */
const RUNS_PER_TURN = 64;

/** Where windows are read from. */
export interface ChangeReads {
  /** The tree as it is. */
  readonly state: TreeState;
  /** Sources of every version newer than a sequence. */
  changes(sequence: number): Iterable<RunSource | Promise<RunSource>>;
}

/**
 * The entries after a point.
 *
 * @throws {KriyaError} of reading; the signal's reason.
 */
export async function readWindow(
  reads: ChangeReads,
  after: ChangePoint,
  options: WindowOptions,
): Promise<ChangeWindow> {
  const taken = new TakenEntries(after, options);
  const { levels, frozen, memtable } = reads.state;
  const from = after.key === undefined ? after.sequence : after.sequence - 1;
  const inTables = levels.some((tables) =>
    tables.some(({ meta }) => meta.sequenceMax > from)
  );
  if (!inTables) {
    // The oldest first: what comes is in order, and ends where it is full.
    for (const each of [...frozen.toReversed(), memtable]) {
      const { count } = each;
      for (let entry = each.firstAfter(from); entry <= count; entry++) {
        const kept = taken.take(
          each.sequenceOf(entry),
          each.keyOf(entry),
          each.kindOf(entry) === KIND_PUT ? each.valueOf(entry) : undefined,
        );
        if (!kept) return taken.window();
      }
    }
    return taken.window();
  }
  let runs = 0;
  for (const opening of reads.changes(from)) {
    const source = await opening;
    for (let run = await source.nextRun(); run; run = await source.nextRun()) {
      options.signal?.throwIfAborted();
      takeRun(taken, run);
      if (++runs % RUNS_PER_TURN === 0) await nextTurn();
    }
  }
  return taken.window();
}

function takeRun(taken: TakenEntries, run: EntryRun): void {
  const { keys, keyStarts, keyEnds, values, valueStarts, valueEnds } = run;
  for (let i = 0; i < run.count; i++) {
    taken.take(
      run.sequences[i]!,
      keys.subarray(keyStarts[i], keyEnds[i]),
      run.kinds[i] === KIND_PUT
        ? values.subarray(valueStarts[i], valueEnds[i])
        : undefined,
    );
  }
}

/** The lowest entries after a point that fit. */
class TakenEntries {
  readonly #after: ChangePoint;
  readonly #options: WindowOptions;
  #entries: CommittedEntry[] = [];
  #bytes = 0;
  /** Nothing from here on is wanted; `undefined`: everything. */
  #end: ChangePoint | undefined;

  constructor(after: ChangePoint, options: WindowOptions) {
    this.#after = after;
    this.#options = options;
  }

  /** Takes an entry if it is wanted; false where none after it can be. */
  take(
    sequence: number,
    key: Uint8Array,
    value: Uint8Array | undefined,
  ): boolean {
    const { to, wants, bytesMax } = this.#options;
    if (sequence > to || this.#isPast(sequence, key)) return false;
    if (isBefore(this.#after, sequence, key)) return true;
    if (!wants(prefixOf(key, 0, key.length))) return true;
    this.#entries.push({ sequence, key: key.slice(), value: value?.slice() });
    this.#bytes += bytesOf(key, value);
    if (this.#bytes > 2 * bytesMax) this.#shorten();
    return true;
  }

  window(): ChangeWindow {
    if (this.#bytes > this.#options.bytesMax) this.#shorten();
    else this.#entries.sort(compareEntries);
    const end = this.#end ?? { sequence: this.#options.to };
    return { entries: this.#entries, end };
  }

  #isPast(sequence: number, key: Uint8Array): boolean {
    return this.#end !== undefined && !isBefore(this.#end, sequence, key);
  }

  /** Keeps what fits: whole commits, or a part of the first. */
  #shorten(): void {
    const entries = this.#entries.sort(compareEntries);
    let bytes = 0;
    let fits = 0;
    while (fits < entries.length && bytes <= this.#options.bytesMax) {
      const { key, value } = entries[fits++]!;
      bytes += bytesOf(key, value);
    }
    if (fits === entries.length) return;
    const next = entries[fits]!.sequence;
    let whole = fits;
    while (whole > 0 && entries[whole - 1]!.sequence === next) whole--;
    const isCut = whole === 0;
    entries.length = isCut ? fits : whole;
    const last = entries.at(-1)!;
    this.#end = isCut
      ? { sequence: last.sequence, key: last.key }
      : { sequence: next - 1 };
    this.#bytes = entries.reduce(
      (sum, { key, value }) => sum + bytesOf(key, value),
      0,
    );
  }
}

function bytesOf(key: Uint8Array, value: Uint8Array | undefined): number {
  return key.length + (value?.length ?? 0) + ENTRY_BYTES;
}

/** Whether an entry is at or before a point. */
function isBefore(
  { sequence: last, key: lastKey }: ChangePoint,
  sequence: number,
  key: Uint8Array,
): boolean {
  if (sequence !== last) return sequence < last;
  return lastKey === undefined || compareBytes(key, lastKey) <= 0;
}

function compareEntries(a: CommittedEntry, b: CommittedEntry): number {
  return a.sequence - b.sequence || compareBytes(a.key, b.key);
}
