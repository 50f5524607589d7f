/**
 * Decoded blocks in memory, within a byte budget; the least recently used go
 * first.
 *
 * A block is named by a number: its reader's, times 2^24, plus the block's
 * index in the table. The list of use is woven through the entries, so a hit
 * writes a few links and allocates nothing. A block that is being fetched is
 * fetched once, however many wait for it.
 *
 * @module
 */
import { invariant } from "../../base/invariant.ts";
import type { MaybePromise } from "../../base/maybe_promise.ts";

/** What a cached thing must tell. */
export interface Cacheable {
  /** Bytes of memory it takes. */
  readonly memoryBytes: number;
}

/** What the cache did so far. */
export interface CacheStatistics {
  /** Bytes held. */
  readonly bytes: number;
  /** The budget, in bytes. */
  readonly bytesMax: number;
  /** Blocks held. */
  readonly count: number;
  /** Look-ups that found their block. */
  readonly hits: number;
  /** Look-ups that did not. */
  readonly misses: number;
  /** Blocks that had to go. */
  readonly evictions: number;
}

interface Entry<T> {
  readonly key: number;
  readonly value: T;
  newer: Entry<T> | undefined;
  older: Entry<T> | undefined;
}

const READERS_SHIFT = 2 ** 24;

/** The cache. */
export class BlockCache<T extends Cacheable> {
  #bytesMax: number;
  readonly #entries = new Map<number, Entry<T>>();
  readonly #fetching = new Map<number, Promise<T>>();
  #newest: Entry<T> | undefined;
  #oldest: Entry<T> | undefined;
  #bytes = 0;
  #hits = 0;
  #misses = 0;
  #evictions = 0;
  #readers = 0;

  /** An empty cache of at most `bytesMax` bytes. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** A number for a new reader's blocks. */
  newReader(): number {
    return ++this.#readers;
  }

  /** Changes the budget; what is over it goes. */
  resize(bytesMax: number): void {
    this.#bytesMax = bytesMax;
    this.#evict();
  }

  /** What the cache did so far. */
  get statistics(): CacheStatistics {
    return {
      bytes: this.#bytes,
      bytesMax: this.#bytesMax,
      count: this.#entries.size,
      hits: this.#hits,
      misses: this.#misses,
      evictions: this.#evictions,
    };
  }

  /**
   * Block `block` of reader `reader`: at once if it is here, else through
   * `fetch`, which is called once for all who ask meanwhile.
   */
  get(
    reader: number,
    block: number,
    fetch: () => MaybePromise<T>,
  ): MaybePromise<T> {
    const key = reader * READERS_SHIFT + block;
    const entry = this.#entries.get(key);
    if (entry !== undefined) {
      this.#hits++;
      if (entry !== this.#newest) this.#touch(entry);
      return entry.value;
    }
    this.#misses++;
    const pending = this.#fetching.get(key);
    if (pending !== undefined) return pending;
    const value = fetch();
    if (!(value instanceof Promise)) {
      this.#insert(key, value);
      return value;
    }
    const promise = value.then((fetched) => {
      this.#insert(key, fetched);
      return fetched;
    }).finally(() => this.#fetching.delete(key));
    this.#fetching.set(key, promise);
    return promise;
  }

  /** The block if it is here; does not count as a use. */
  peek(reader: number, block: number): T | undefined {
    return this.#entries.get(reader * READERS_SHIFT + block)?.value;
  }

  /** Drops the blocks 0 to `blockCount` of a reader that is gone. */
  drop(reader: number, blockCount: number): void {
    for (let block = 0; block < blockCount; block++) {
      const entry = this.#entries.get(reader * READERS_SHIFT + block);
      if (entry !== undefined) this.#remove(entry);
    }
  }

  /** Checks that list, map and byte count agree; for tests. */
  check(): void {
    let bytes = 0;
    let count = 0;
    for (let entry = this.#newest; entry; entry = entry.older) {
      invariant(this.#entries.get(entry.key) === entry, "stray cache entry");
      bytes += entry.value.memoryBytes;
      count++;
    }
    invariant(count === this.#entries.size, "cache list and map differ");
    invariant(bytes === this.#bytes, "cache bytes are off");
    invariant(bytes <= this.#bytesMax, "cache over its budget");
  }

  #insert(key: number, value: T): void {
    if (value.memoryBytes > this.#bytesMax || this.#entries.has(key)) return;
    const entry: Entry<T> = {
      key,
      value,
      newer: undefined,
      older: undefined,
    };
    this.#entries.set(key, entry);
    this.#bytes += value.memoryBytes;
    this.#pushNewest(entry);
    this.#evict();
  }

  #evict(): void {
    while (this.#bytes > this.#bytesMax) {
      this.#evictions++;
      this.#remove(this.#oldest!);
    }
  }

  #touch(entry: Entry<T>): void {
    this.#unlink(entry);
    this.#pushNewest(entry);
  }

  #pushNewest(entry: Entry<T>): void {
    entry.newer = undefined;
    entry.older = this.#newest;
    if (this.#newest !== undefined) this.#newest.newer = entry;
    this.#newest = entry;
    if (this.#oldest === undefined) this.#oldest = entry;
  }

  #unlink(entry: Entry<T>): void {
    if (entry.newer === undefined) this.#newest = entry.older;
    else entry.newer.older = entry.older;
    if (entry.older === undefined) this.#oldest = entry.newer;
    else entry.older.newer = entry.newer;
  }

  #remove(entry: Entry<T>): void {
    this.#unlink(entry);
    this.#entries.delete(entry.key);
    this.#bytes -= entry.value.memoryBytes;
  }
}
