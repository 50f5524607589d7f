/**
 * What a {@linkcode CachedStore} asks of the place where it keeps chunks.
 *
 * @module
 */
import type { ObjectMeta } from "../object_store/object_store.ts";

/** What such a place did so far. */
export interface ChunkStatistics {
  /** Bytes of chunks held. */
  readonly bytes: number;
  /** The budget, in bytes. */
  readonly bytesMax: number;
  /** Chunks held. */
  readonly count: number;
  /** Chunks that were read from here. */
  readonly hits: number;
  /** Chunks that were written. */
  readonly writes: number;
  /** Chunks that were not: too many at once, or the place failed. */
  readonly writesSkipped: number;
  /** Chunks that had to go. */
  readonly evictions: number;
  /** Chunks that were dropped: damaged, or of another object. */
  readonly damaged: number;
  /** Chunks that came back while they were remembered. */
  readonly ghostHits: number;
}

/** Keeps chunks of objects; it may lose any at any time, and never fails. */
export interface KeptChunks {
  /** Bytes of a chunk. */
  readonly chunkBytes: number;
  /** What it did so far. */
  readonly statistics: ChunkStatistics;
  /** The object that has a path, if somebody has asked the store behind. */
  objectAt(path: string): ObjectMeta | undefined;
  /** The store behind has this object. */
  noteObject(object: ObjectMeta): void;
  /** Whether a chunk is held. */
  has(path: string, chunk: number): boolean;
  /** Whether any chunk of an object is held, of which nothing is known yet. */
  hasAny(path: string): boolean;
  /** Bytes [start, end) of a chunk, `undefined` if they are not here. */
  read(
    object: ObjectMeta,
    chunk: number,
    start: number,
    end: number,
  ): Promise<Uint8Array | undefined>;
  /** Keeps a chunk, some time later, if there is room for it. */
  write(object: ObjectMeta, chunk: number, data: Uint8Array): void;
  /** Drops what is held of an object. */
  dropObject(path: string): void;
  /** Resolves when everything that was begun is done. */
  idle(): Promise<void>;
  /** Ends what was begun, and lets go. */
  close(): Promise<void>;
}
