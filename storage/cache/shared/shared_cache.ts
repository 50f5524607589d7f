/**
 * Memory in which the Workers of a process keep what they read from buckets.
 *
 * Each Worker opens its databases with it: what one has read the others find,
 * so that ten readers of one bucket hold its blocks once below their own caches
 * and ask for them once. It has two tables (`shared_table.ts`): of objects,
 * which tag and size they have, and of chunks of their bytes.
 *
 * @module
 */
import { KriyaError } from "../../../base/errors.ts";
import { SharedTable, type TableShape, WAYS } from "./shared_table.ts";

const MAGIC = 0x4b53_4843;
const VERSION = 1;
const HEADER_WORDS = 16;
const CHUNK_BYTES_MIN = 1024;
const CHUNK_BYTES_MAX = 16 * 1024 * 1024;
const BYTES_MAX = 16 * 1024 * 1024 * 1024;
/** Bytes of a slot for what is known of an object. */
const OBJECT_BYTES = 256;
/** Sets of objects: there is room for 8192. */
const OBJECT_SETS = 1024;

/** Words of the header. */
const WORD = {
  magic: 0,
  version: 1,
  sets: 2,
  chunkBytes: 3,
  hits: 4,
  misses: 5,
  writes: 6,
  evictions: 7,
} as const;

/** What all Workers together count. */
export type SharedCount = "hits" | "misses" | "writes" | "evictions";

/** How large a {@linkcode SharedCache} is. */
export interface SharedCacheOptions {
  /** Bytes of chunks it has room for, about; taken at once. */
  readonly bytes: number;
  /** Bytes of a chunk: what a read asks for at least (default 64 KiB). */
  readonly chunkBytes?: number | undefined;
}

/** What a {@linkcode SharedCache} did so far, for all Workers. */
export interface SharedCacheStatistics {
  /** Bytes of memory it takes. */
  readonly memoryBytes: number;
  /** Bytes of chunks held. */
  readonly bytes: number;
  /** Chunks held. */
  readonly count: number;
  /** Chunks that were found here; 32 bits, and then from the start. */
  readonly hits: number;
  /** Chunks that were not. */
  readonly misses: number;
  /** Chunks that were put here. */
  readonly writes: number;
  /** Chunks that had to go for others. */
  readonly evictions: number;
}

/**
 * A cache that the Workers of a process share.
 *
 * The `handle` goes to a Worker by `postMessage`, which has a cache over the
 * same memory by {@linkcode SharedCache.attach}.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { SharedCache } from "./shared_cache.ts";
 *
 * const cache = SharedCache.create({ bytes: 4 * 1024 * 1024 });
 * const inAWorker = SharedCache.attach(cache.handle);
 * assertEquals(inAWorker.statistics, cache.statistics);
 * ```
 */
export class SharedCache {
  /** What a Worker is given. */
  readonly handle: SharedArrayBuffer;
  /** What is known of objects. */
  readonly objects: SharedTable;
  /** Chunks of their bytes. */
  readonly chunks: SharedTable;
  readonly #header: Int32Array;

  private constructor(handle: SharedArrayBuffer) {
    this.handle = handle;
    const header = this.#header = new Int32Array(handle, 0, HEADER_WORDS);
    const objectsAt = HEADER_WORDS * 4;
    this.objects = new SharedTable(handle, objectsAt, OBJECTS);
    this.chunks = new SharedTable(
      handle,
      objectsAt + SharedTable.bytesOf(OBJECTS),
      { sets: header[WORD.sets]!, slotBytes: header[WORD.chunkBytes]! },
    );
  }

  /**
   * Takes memory for a cache.
   *
   * @throws {KriyaError} `invalid` for sizes that cannot be; `unavailable`
   * (`53200`) when there is no such memory.
   */
  static create(
    { bytes, chunkBytes = 64 * 1024 }: SharedCacheOptions,
  ): SharedCache {
    const isSize = Number.isSafeInteger(bytes) &&
      bytes >= chunkBytes * WAYS && bytes <= BYTES_MAX;
    if (
      !Number.isSafeInteger(chunkBytes / 8) || chunkBytes < CHUNK_BYTES_MIN ||
      chunkBytes > CHUNK_BYTES_MAX || !isSize
    ) {
      throw invalid(
        `${bytes} bytes in chunks of ${chunkBytes}`,
        `Chunks have ${CHUNK_BYTES_MIN} to ${CHUNK_BYTES_MAX} bytes, a multiple of 8; there is room for ${WAYS} at least and for ${BYTES_MAX} bytes at most`,
      );
    }
    const sets = 2 ** Math.floor(Math.log2(bytes / (chunkBytes * WAYS)));
    const memory = take(memoryBytes({ sets, slotBytes: chunkBytes }));
    const header = new Int32Array(memory, 0, HEADER_WORDS);
    header[WORD.magic] = MAGIC;
    header[WORD.version] = VERSION;
    header[WORD.sets] = sets;
    header[WORD.chunkBytes] = chunkBytes;
    return new SharedCache(memory);
  }

  /**
   * The cache of a handle.
   *
   * @throws {KriyaError} `invalid` when it is the handle of none.
   */
  static attach(handle: SharedArrayBuffer): SharedCache {
    const isLong = handle instanceof SharedArrayBuffer &&
      handle.byteLength > HEADER_WORDS * 4;
    if (isLong) {
      const header = new Int32Array(handle, 0, HEADER_WORDS);
      const sets = header[WORD.sets]!;
      const slotBytes = header[WORD.chunkBytes]!;
      if (
        header[WORD.magic] === MAGIC && header[WORD.version] === VERSION &&
        handle.byteLength === memoryBytes({ sets, slotBytes })
      ) return new SharedCache(handle);
    }
    throw invalid(
      "memory that is none",
      "Give what SharedCache.handle is, of the same version",
    );
  }

  /** Bytes of a chunk. */
  get chunkBytes(): number {
    return this.#header[WORD.chunkBytes]!;
  }

  /** Bytes of chunks it has room for. */
  get bytesMax(): number {
    return this.#header[WORD.sets]! * WAYS * this.chunkBytes;
  }

  /** What all Workers did so far. */
  get statistics(): SharedCacheStatistics {
    const { keys, bytes } = this.chunks.count();
    const of = (what: SharedCount): number =>
      Atomics.load(this.#header, WORD[what]) >>> 0;
    return {
      memoryBytes: this.handle.byteLength,
      bytes,
      count: keys,
      hits: of("hits"),
      misses: of("misses"),
      writes: of("writes"),
      evictions: of("evictions"),
    };
  }

  /** Counts something. */
  add(what: SharedCount): void {
    Atomics.add(this.#header, WORD[what], 1);
  }
}

const OBJECTS: TableShape = { sets: OBJECT_SETS, slotBytes: OBJECT_BYTES };

function memoryBytes(chunks: TableShape): number {
  return HEADER_WORDS * 4 + SharedTable.bytesOf(OBJECTS) +
    SharedTable.bytesOf(chunks);
}

function take(bytes: number): SharedArrayBuffer {
  try {
    return new SharedArrayBuffer(bytes);
  } catch (cause) {
    throw new KriyaError(
      "unavailable",
      `Cannot take ${bytes} bytes of shared memory`,
      { code: "53200", cause, hint: "Make the shared cache smaller" },
    );
  }
}

function invalid(what: string, hint: string): KriyaError {
  return new KriyaError("invalid", `Cannot have a shared cache of ${what}`, {
    hint,
  });
}
