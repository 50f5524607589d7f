/**
 * What a scan returns: visible entries, in a run of its own.
 *
 * While entries come from one run the batch only points into it (whole blocks
 * are handed on without copying a byte). When they come from several, it copies
 * them together, so that whoever reads always sees one array of keys and one of
 * values.
 *
 * @module
 */
import { copyBytes } from "../../base/bytes.ts";
import type { EntryRun } from "./entry_run.ts";

/** Entries a batch takes when it has to copy. */
const COPIED_ENTRIES = 256;
/** Entries there is room for at first: many ranges have no more. */
const FIRST_ENTRIES = 8;
/** Bytes of keys and values after which a copied batch is full. */
const COPIED_BYTES = 256 * 1024;
/** A batch that has so many entries of one run is returned as it is. */
const DIRECT_ENTRIES_MIN = 16;

const NO_BYTES = new Uint8Array(0);

/**
 * Batches of scans that have ended, for those to come: most scans are over a few
 * keys, and cost less than seven arrays.
 */
const spare: ScanBatch[] = [];
const SPARE_MAX = 16;
/** Entries and bytes that a spare batch has room for at most. */
const SPARE_ENTRIES = 64;
const SPARE_BYTES = 4096;

/** An empty batch. */
export function takeBatch(): ScanBatch {
  return spare.pop() ?? new ScanBatch();
}

/** Gives a batch back that nobody reads any more. */
export function giveBatch(batch: ScanBatch): void {
  if (spare.length < SPARE_MAX && batch.empty()) spare.push(batch);
}

/** A batch of visible entries; valid until the scan's next call. */
export class ScanBatch implements EntryRun {
  count = 0;
  keys: Uint8Array = NO_BYTES;
  values: Uint8Array = NO_BYTES;
  keyStarts = new Uint32Array(FIRST_ENTRIES);
  keyEnds = new Uint32Array(FIRST_ENTRIES);
  valueStarts = new Uint32Array(FIRST_ENTRIES);
  valueEnds = new Uint32Array(FIRST_ENTRIES);
  sequences = new Float64Array(FIRST_ENTRIES);
  kinds = new Uint8Array(FIRST_ENTRIES);

  #copying = false;
  #ownKeys: Uint8Array = NO_BYTES;
  #ownValues: Uint8Array = NO_BYTES;
  #keysLength = 0;
  #valuesLength = 0;

  /** Empties the batch. */
  reset(): void {
    this.count = 0;
    this.#copying = false;
    this.#keysLength = this.#valuesLength = 0;
  }

  /** Lets go of what it points into; whether it is a small one. */
  empty(): boolean {
    this.reset();
    this.keys = this.values = NO_BYTES;
    return this.keyStarts.length <= SPARE_ENTRIES &&
      this.#ownKeys.length + this.#ownValues.length <= SPARE_BYTES;
  }

  /** Whether the batch should be returned before anything of `run` is added. */
  isFullFor(run: EntryRun): boolean {
    if (this.count === 0) return false;
    if (this.#copying) {
      return this.count >= COPIED_ENTRIES ||
        this.#keysLength + this.#valuesLength >= COPIED_BYTES;
    }
    return this.count >= DIRECT_ENTRIES_MIN && !this.#pointsInto(run);
  }

  /** Adds entry `index` of `run`. */
  add(run: EntryRun, index: number): void {
    if (this.count === 0 && !this.#copying) {
      this.keys = run.keys;
      this.values = run.values;
    } else if (!this.#copying && !this.#pointsInto(run)) {
      this.#startCopying();
    }
    const row = this.count++;
    if (row === this.keyStarts.length) this.#grow();
    this.sequences[row] = run.sequences[index]!;
    this.kinds[row] = run.kinds[index]!;
    if (this.#copying) {
      this.#copyKey(
        row,
        run.keys,
        run.keyStarts[index]!,
        run.keyEnds[index]!,
      );
      this.#copyValue(
        row,
        run.values,
        run.valueStarts[index]!,
        run.valueEnds[index]!,
      );
    } else {
      this.keyStarts[row] = run.keyStarts[index]!;
      this.keyEnds[row] = run.keyEnds[index]!;
      this.valueStarts[row] = run.valueStarts[index]!;
      this.valueEnds[row] = run.valueEnds[index]!;
    }
  }

  #pointsInto(run: EntryRun): boolean {
    return this.keys === run.keys && this.values === run.values;
  }

  #startCopying(): void {
    this.#copying = true;
    const { keys, values } = this;
    for (let row = 0; row < this.count; row++) {
      this.#copyKey(row, keys, this.keyStarts[row]!, this.keyEnds[row]!);
      this.#copyValue(
        row,
        values,
        this.valueStarts[row]!,
        this.valueEnds[row]!,
      );
    }
  }

  #copyKey(row: number, from: Uint8Array, start: number, end: number): void {
    const at = this.#keysLength;
    const length = end - start;
    if (at + length > this.#ownKeys.length) {
      this.#ownKeys = widened(this.#ownKeys, at, at + length);
    }
    this.keys = this.#ownKeys;
    copyBytes(from, start, end, this.#ownKeys, at);
    this.keyStarts[row] = at;
    this.keyEnds[row] = this.#keysLength = at + length;
  }

  #copyValue(row: number, from: Uint8Array, start: number, end: number): void {
    const at = this.#valuesLength;
    const length = end - start;
    if (at + length > this.#ownValues.length) {
      this.#ownValues = widened(this.#ownValues, at, at + length);
    }
    this.values = this.#ownValues;
    copyBytes(from, start, end, this.#ownValues, at);
    this.valueStarts[row] = at;
    this.valueEnds[row] = this.#valuesLength = at + length;
  }

  #grow(): void {
    const capacity = this.keyStarts.length * 2;
    const wider = (from: Uint32Array): Uint32Array<ArrayBuffer> => {
      const to = new Uint32Array(capacity);
      to.set(from);
      return to;
    };
    this.keyStarts = wider(this.keyStarts);
    this.keyEnds = wider(this.keyEnds);
    this.valueStarts = wider(this.valueStarts);
    this.valueEnds = wider(this.valueEnds);
    const sequences = new Float64Array(capacity);
    sequences.set(this.sequences);
    this.sequences = sequences;
    const kinds = new Uint8Array(capacity);
    kinds.set(this.kinds);
    this.kinds = kinds;
  }
}

function widened(
  bytes: Uint8Array,
  used: number,
  wanted: number,
): Uint8Array<ArrayBuffer> {
  const wider = new Uint8Array(Math.max(1024, wanted * 2));
  wider.set(bytes.subarray(0, used));
  return wider;
}
