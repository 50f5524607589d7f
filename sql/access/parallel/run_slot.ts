/**
 * Runs of rows in memory that threads share: how one thread hands another what a
 * scan has found, versions decided and bytes not looked into.
 *
 * A slot holds some runs, each cut where the slot ends; all numbers are 32 bits
 * of the machine's order, each run begins at a multiple of 4.
 *
 * | size | field |
 * | ---: | --- |
 * | 4 | how many runs there are |
 * | | then each run: |
 * | 12 | its rows, the bytes of its keys, the bytes of its values |
 * | 4·rows | where each key starts |
 * | 4·rows | where each value starts |
 * | 4·rows | where each value ends |
 * | … | the keys, the values, up to the next multiple of 4 |
 *
 * Whoever reads copies a slot first, in one go: then it is free for the next
 * runs, and `TextDecoder` takes no shared bytes.
 *
 * @module
 */
import type { EntryRun } from "../../../storage/mvcc/entry_run.ts";

/** Bytes of a slot. */
export const SLOT_BYTES: number = 256 * 1024;

const HEADER_BYTES = 4;
const RUN_BYTES = 12;
/** Three positions. */
const ROW_BYTES = 12;
/** A span of bytes may be so much longer than what lies in it. */
const SPAN_FACTOR = 1.25;

/** Writes runs into slots. */
export class SlotWriter {
  #bytes: Uint8Array = new Uint8Array(0);
  #words: Int32Array = new Int32Array(0);
  #runs = 0;
  #rows = 0;
  #at = 0;

  /** How many rows the slot has by now. */
  get rowCount(): number {
    return this.#rows;
  }

  /** Begins a slot of {@linkcode SLOT_BYTES} at `offset`, a multiple of 4. */
  begin(memory: SharedArrayBuffer, offset: number): void {
    this.#bytes = new Uint8Array(memory, offset, SLOT_BYTES);
    this.#words = new Int32Array(memory, offset, SLOT_BYTES / 4);
    this.#runs = 0;
    this.#rows = 0;
    this.#at = HEADER_BYTES;
  }

  /**
   * Adds rows of `run` from `first` on, at most `rowsMax`; returns how many, 0
   * where there is room for none.
   */
  add(run: EntryRun, first: number, rowsMax: number): number {
    const count = this.#fitting(run, first, rowsMax);
    if (count === 0) return 0;
    const words = this.#words;
    const end = first + count;
    let word = this.#at / 4;
    words[word] = count;
    const keys = spanOf(run.keyStarts, run.keyEnds, first, end);
    const values = spanOf(run.valueStarts, run.valueEnds, first, end);
    words[word + 1] = keys.bytes;
    words[word + 2] = values.bytes;
    word += 3;
    let at = this.#at + RUN_BYTES + ROW_BYTES * count;
    this.#copy(run.keys, run.keyStarts, run.keyEnds, first, keys, at);
    place(words, word, run.keyStarts, run.keyEnds, first, count, keys);
    at += keys.bytes;
    this.#copy(run.values, run.valueStarts, run.valueEnds, first, values, at);
    const starts = word + count;
    place(words, starts, run.valueStarts, run.valueEnds, first, count, values);
    for (let i = 0; i < count; i++) {
      const length = run.valueEnds[first + i]! - run.valueStarts[first + i]!;
      words[starts + count + i] = words[starts + i]! + length;
    }
    this.#at = (at + values.bytes + 3) & ~3;
    this.#runs++;
    this.#rows += count;
    return count;
  }

  /** Ends the slot; returns how many of its bytes are used. */
  finish(): number {
    this.#words[0] = this.#runs;
    return this.#at;
  }

  /** How many rows there is room for. */
  #fitting(run: EntryRun, first: number, rowsMax: number): number {
    const { keyStarts, keyEnds, valueStarts, valueEnds } = run;
    const last = Math.min(run.count, first + rowsMax);
    let free = SLOT_BYTES - this.#at - RUN_BYTES - 3;
    let row = first;
    for (; row < last; row++) {
      const key = keyEnds[row]! - keyStarts[row]!;
      const value = valueEnds[row]! - valueStarts[row]!;
      // A span may have gaps in it.
      free -= ROW_BYTES + SPAN_FACTOR * (key + value);
      if (free < 0) break;
    }
    return row - first;
  }

  #copy(
    from: Uint8Array,
    starts: Uint32Array,
    ends: Uint32Array,
    first: number,
    span: Span,
    at: number,
  ): void {
    const to = this.#bytes;
    if (span.isWhole) {
      to.set(from.subarray(span.start, span.start + span.bytes), at);
      return;
    }
    let next = at;
    for (let row = first; row < span.end; row++) {
      to.set(from.subarray(starts[row]!, ends[row]!), next);
      next += ends[row]! - starts[row]!;
    }
  }
}

/** Where the bytes of some entries are. */
interface Span {
  readonly start: number;
  readonly end: number;
  readonly bytes: number;
  /** Whether they are copied as they lie, and not one by one. */
  readonly isWhole: boolean;
}

function spanOf(
  starts: Uint32Array,
  ends: Uint32Array,
  first: number,
  end: number,
): Span {
  let least = Infinity;
  let most = 0;
  let sum = 0;
  for (let row = first; row < end; row++) {
    if (starts[row]! < least) least = starts[row]!;
    if (ends[row]! > most) most = ends[row]!;
    sum += ends[row]! - starts[row]!;
  }
  const isWhole = most - least <= SPAN_FACTOR * sum;
  return { start: least, end, bytes: isWhole ? most - least : sum, isWhole };
}

/** Writes where entries start in what is copied of their span. */
function place(
  words: Int32Array,
  at: number,
  starts: Uint32Array,
  ends: Uint32Array,
  first: number,
  count: number,
  { start, isWhole }: Span,
): void {
  let next = 0;
  for (let i = 0; i < count; i++) {
    const row = first + i;
    words[at + i] = isWhole ? starts[row]! - start : next;
    next += ends[row]! - starts[row]!;
  }
}

/** The runs of a slot of which `bytes` is a copy. */
export function readSlot(bytes: Uint8Array): EntryRun[] {
  const { buffer, byteOffset } = bytes;
  const runs: EntryRun[] = [];
  const count = new Uint32Array(buffer, byteOffset, 1)[0]!;
  let at = HEADER_BYTES;
  for (let i = 0; i < count; i++) {
    const [rows, keyBytes, valueBytes] = new Uint32Array(
      buffer,
      byteOffset + at,
      3,
    ) as unknown as [number, number, number];
    const words = (index: number): Uint32Array =>
      new Uint32Array(
        buffer,
        byteOffset + at + RUN_BYTES + 4 * rows * index,
        rows,
      );
    const keysAt = at + RUN_BYTES + ROW_BYTES * rows;
    const valuesAt = keysAt + keyBytes;
    const keyStarts = words(0);
    runs.push({
      count: rows,
      keys: bytes.subarray(keysAt, valuesAt),
      keyStarts,
      // Keys of rows are read from their starts.
      keyEnds: keyStarts,
      values: bytes.subarray(valuesAt, valuesAt + valueBytes),
      valueStarts: words(1),
      valueEnds: words(2),
      sequences: NO_SEQUENCES,
      kinds: NO_KINDS,
    });
    at = (valuesAt + valueBytes + 3) & ~3;
  }
  return runs;
}

// Which version is seen was decided before.
const NO_SEQUENCES = new Float64Array(0);
const NO_KINDS = new Uint8Array(0);
