/**
 * Several sources of versions as one: the newest version of every key, in the
 * order of the keys, deletions included.
 *
 * Sources are memtables and runs, so nothing waits. The sources wait in a heap
 * by their next keys; while one runs ahead of all others it is read without
 * looking at them again.
 *
 * @module
 */
import { invariant } from "../../base/invariant.ts";
import {
  type EntryRun,
  type KeyRange,
  lowerBound,
  type RunSource,
} from "../mvcc/entry_run.ts";
import { compareRanges } from "../mvcc/internal_key.ts";

/** What is to be read. */
export interface NewestVersionsOptions {
  /** The sources, forward over the range; of equal keys in any order. */
  readonly sources: readonly RunSource[];
  /** The keys wanted. */
  readonly range: KeyRange;
  /** The highest sequence seen. */
  readonly sequenceMax: number;
}

/** One source's place. */
interface Head {
  readonly source: RunSource;
  run: EntryRun;
  index: number;
  limit: number;
}

/** The newest versions, one after the other. */
export class NewestVersions {
  readonly #range: KeyRange;
  readonly #sequenceMax: number;
  /** A heap: the first key at 0. */
  readonly #heads: Head[] = [];
  #lastKeys: Uint8Array = new Uint8Array(0);
  #lastStart = 0;
  #lastEnd = -1;
  /** The run that holds the version that `next` came to. */
  run!: EntryRun;
  /** Its index there. */
  index = 0;
  /** Whether the head at 0 has been given. */
  #given = false;

  /** Before the first version. */
  constructor({ sources, range, sequenceMax }: NewestVersionsOptions) {
    this.#range = range;
    this.#sequenceMax = sequenceMax;
    for (const source of sources) {
      const head: Head = { source, run: NO_RUN, index: 0, limit: 0 };
      if (this.#fill(head)) this.#heads.push(head);
    }
    for (let i = (this.#heads.length >> 1) - 1; i >= 0; i--) this.#sink(i);
  }

  /** Goes to the next version; false at the end. */
  next(): boolean {
    for (;;) {
      if (this.#given) this.#step();
      this.#given = true;
      const first = this.#heads[0];
      if (first === undefined) return false;
      const { run, index } = first;
      if (run.sequences[index]! > this.#sequenceMax) continue;
      const start = run.keyStarts[index]!;
      const end = run.keyEnds[index]!;
      if (
        end - start === this.#lastEnd - this.#lastStart &&
        compareRanges(
            this.#lastKeys,
            this.#lastStart,
            this.#lastEnd,
            run.keys,
            start,
            end,
          ) === 0
      ) continue;
      this.#lastKeys = run.keys;
      this.#lastStart = start;
      this.#lastEnd = end;
      this.run = run;
      this.index = index;
      return true;
    }
  }

  /** Moves the first head on. */
  #step(): void {
    const first = this.#heads[0]!;
    if (++first.index >= first.limit && !this.#fill(first)) {
      const last = this.#heads.pop()!;
      if (this.#heads.length === 0) return;
      this.#heads[0] = last;
    }
    this.#sink(0);
  }

  /** Gives a head its next run; false at the end. */
  #fill(head: Head): boolean {
    const { start, end } = this.#range;
    for (;;) {
      const run = head.source.nextRun();
      invariant(!(run instanceof Promise), "own writes never wait");
      if (run === undefined) return false;
      head.run = run;
      head.index = start === undefined ? 0 : lowerBound(run, start);
      head.limit = end === undefined ? run.count : lowerBound(run, end);
      if (head.index < head.limit) return true;
    }
  }

  #sink(at: number): void {
    const heads = this.#heads;
    const head = heads[at]!;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heads.length) break;
      if (
        child + 1 < heads.length && isBefore(heads[child + 1]!, heads[child]!)
      ) {
        child++;
      }
      if (!isBefore(heads[child]!, head)) break;
      heads[at] = heads[child]!;
      at = child;
    }
    heads[at] = head;
  }
}

const NO_RUN: EntryRun = {
  count: 0,
  keys: new Uint8Array(0),
  keyStarts: new Uint32Array(0),
  keyEnds: new Uint32Array(0),
  values: new Uint8Array(0),
  valueStarts: new Uint32Array(0),
  valueEnds: new Uint32Array(0),
  sequences: new Float64Array(0),
  kinds: new Uint8Array(0),
};

function isBefore(a: Head, b: Head): boolean {
  const order = compareRanges(
    a.run.keys,
    a.run.keyStarts[a.index]!,
    a.run.keyEnds[a.index]!,
    b.run.keys,
    b.run.keyStarts[b.index]!,
    b.run.keyEnds[b.index]!,
  );
  return order < 0 ||
    (order === 0 && a.run.sequences[a.index]! > b.run.sequences[b.index]!);
}
