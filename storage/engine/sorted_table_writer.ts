/**
 * Sorted entries in, stored tables out: for loading and for write sets that are
 * too large for the log.
 *
 * A table is ended at a size and stored before the next one begins, so that
 * memory is that of one table, however much is loaded. The entries have
 * sequence 0: the commit gives them theirs.
 *
 * @module
 */
import { compareBytes } from "../../base/bytes.ts";
import { KriyaError } from "../../base/errors.ts";
import type { MaybePromise } from "../../base/maybe_promise.ts";
import {
  type EntryKind,
  KEY_BYTES_MAX,
  VALUE_BYTES_MAX,
} from "../mvcc/internal_key.ts";
import type { ObjectStore } from "../object_store/object_store.ts";
import { SstableBuilder } from "../sstable/sstable_builder.ts";
import { pause, SLICE_MS, storeTable } from "../compaction/stored_tables.ts";
import type { IngestedTable } from "./ingest_record.ts";
import type { LsmConfig } from "./options.ts";
import type { SortedWrites } from "./sorted_writes.ts";
import type { BatchRange, SealedBatch } from "./write_batch.ts";

/** Entries between two looks at the clock. */
const SLICE_ENTRIES = 512;

/** Where tables go. */
export interface TableSink {
  /** The settings. */
  readonly config: LsmConfig;
  /** Where they are stored. */
  readonly objects: ObjectStore;
  /** A path for the next one. */
  nextPath(): string;
}

/** An entry as the builder wants it, used again and again. */
class OneEntry {
  readonly count = 1;
  keys: Uint8Array = new Uint8Array(0);
  values: Uint8Array = this.keys;
  readonly keyStarts = new Uint32Array(1);
  readonly keyEnds = new Uint32Array(1);
  readonly valueStarts = new Uint32Array(1);
  readonly valueEnds = new Uint32Array(1);
  readonly sequences = new Float64Array(1);
  readonly kinds = new Uint8Array(1);
}

/** Writes tables. */
export class SortedTableWriter {
  readonly #sink: TableSink;
  readonly #tables: IngestedTable[] = [];
  readonly #entry = new OneEntry();
  #builder: SstableBuilder;
  #lastKey: Uint8Array | undefined;
  #count = 0;
  #sliceStart: number;

  /** A writer of no table yet. */
  constructor(sink: TableSink) {
    this.#sink = sink;
    this.#builder = this.#newBuilder();
    this.#sliceStart = sink.config.environment.monotonicMs();
  }

  /** How many entries were added. */
  get count(): number {
    return this.#count;
  }

  /** Bytes of the table that is being built. */
  get bufferedBytes(): number {
    return this.#builder.length;
  }

  /**
   * Adds a key and its value. Wait for what it returns, if it is a promise,
   * before the next call.
   *
   * @throws {KriyaError} `invalid` when the key does not come after the one
   * before, or key or value are too long; `unavailable`.
   */
  add(key: Uint8Array, value: Uint8Array): MaybePromise<void> {
    if (this.#lastKey !== undefined && compareBytes(this.#lastKey, key) >= 0) {
      throw new KriyaError("invalid", "Cannot load: keys are not in order", {
        detail: `Key ${this.#count + 1} does not come after the one before.`,
        hint: "Sort the entries by the bytes of their keys, each key once",
      });
    }
    if (
      key.length === 0 || key.length > KEY_BYTES_MAX ||
      value.length > VALUE_BYTES_MAX
    ) {
      throw new KriyaError(
        "invalid",
        `Cannot load a key of ${key.length} bytes with a value of ${value.length}`,
        {
          code: "54000",
          hint:
            `Keys are 1 to ${KEY_BYTES_MAX} bytes long, values at most ${VALUE_BYTES_MAX}`,
        },
      );
    }
    this.#lastKey = key.slice();
    const entry = this.#entry;
    entry.keys = key;
    entry.keyEnds[0] = key.length;
    entry.values = value;
    entry.valueEnds[0] = value.length;
    entry.kinds[0] = 1 satisfies EntryKind;
    return this.#add();
  }

  /** Adds everything that a batch writes. REQUIRES: nothing was added. */
  async addBatch(batch: SealedBatch, signal?: AbortSignal): Promise<void> {
    const entry = this.#entry;
    entry.keys = entry.values = batch.payload;
    for (const { start, end } of batch.ranges) this.#addRange(start, end);
    for (let row = 0; row < batch.count; row++) {
      entry.keyStarts[0] = batch.keyStarts[row]!;
      entry.keyEnds[0] = batch.keyEnds[row]!;
      entry.valueStarts[0] = batch.valueStarts[row]!;
      entry.valueEnds[0] = batch.valueEnds[row]!;
      entry.kinds[0] = batch.kinds[row]!;
      const added = this.#add();
      if (added === undefined) continue;
      await added;
      signal?.throwIfAborted();
    }
  }

  /**
   * Adds everything that `writes` has, but for the keys that `skip` says are
   * elsewhere. REQUIRES: nothing was added.
   */
  async addSorted(
    writes: SortedWrites,
    skip: (keys: Uint8Array, start: number, end: number) => boolean,
    signal?: AbortSignal,
  ): Promise<void> {
    const entry = this.#entry;
    for (const { start, end } of writes.ranges) this.#addRange(start, end);
    const cursor = writes.read();
    while (cursor.next()) {
      const { run, index } = cursor;
      const keyStart = run.keyStarts[index]!;
      const keyEnd = run.keyEnds[index]!;
      if (skip(run.keys, keyStart, keyEnd)) continue;
      entry.keys = run.keys;
      entry.values = run.values;
      entry.keyStarts[0] = keyStart;
      entry.keyEnds[0] = keyEnd;
      entry.valueStarts[0] = run.valueStarts[index]!;
      entry.valueEnds[0] = run.valueEnds[index]!;
      entry.kinds[0] = run.kinds[index]!;
      const added = this.#add();
      if (added === undefined) continue;
      await added;
      signal?.throwIfAborted();
    }
  }

  /** Stores what is left; all tables, in order. Nothing is added afterwards. */
  async finish(): Promise<readonly IngestedTable[]> {
    if (!this.#builder.isEmpty) await this.#store();
    return this.#tables;
  }

  #addRange(start: BatchRange["start"], end: BatchRange["end"]): void {
    if (compareBytes(start, end) >= 0) return;
    this.#builder.addTombstone({ start, end, sequence: 0 });
  }

  #add(): MaybePromise<void> {
    this.#builder.add(this.#entry, 0);
    this.#count++;
    const { memtableBytesMax, environment } = this.#sink.config;
    if (this.#builder.length >= memtableBytesMax) return this.#store();
    if (this.#count % SLICE_ENTRIES !== 0) return;
    if (environment.monotonicMs() - this.#sliceStart < SLICE_MS) return;
    return pause(environment).then(() => {
      this.#sliceStart = environment.monotonicMs();
    });
  }

  async #store(): Promise<void> {
    const built = this.#builder.finish();
    this.#builder = this.#newBuilder();
    const { objects, config } = this.#sink;
    const path = this.#sink.nextPath();
    this.#tables.push(await storeTable(objects, path, built, config));
  }

  #newBuilder(): SstableBuilder {
    const { blockBytes, compression, filterBitsPerKey } = this.#sink.config;
    return new SstableBuilder({ blockBytes, compression, filterBitsPerKey });
  }
}
