/**
 * An open table: point lookups and runs of entries.
 *
 * Filter, index, tombstones and properties are read in one request and stay in
 * memory while the table is open; data blocks come through a cache that the
 * caller supplies. What is in memory answers at once.
 *
 * @module
 */
import { compareBytes } from "../../base/bytes.ts";
import { KriyaError } from "../../base/errors.ts";
import {
  isPromise,
  type MaybePromise,
  then,
} from "../../base/maybe_promise.ts";
import {
  type EntryRun,
  findVersion,
  type KeyRange,
  type RunSource,
} from "../mvcc/entry_run.ts";
import type { RangeTombstone } from "../mvcc/internal_key.ts";
import type { ObjectBody, ObjectStore } from "../object_store/object_store.ts";
import { decodeBlock, type DecodedBlock } from "./block.ts";
import { BloomFilter } from "./bloom_filter.ts";
import { decodeFooter, readBlock } from "./format.ts";
import { BlockIndex } from "./index_block.ts";
import {
  decodeProperties,
  decodeTombstones,
  type TableProperties,
} from "./properties.ts";

/** Where a table lies, as the manifest knows it. */
export interface SstableLocation {
  /** The object's path. */
  readonly path: string;
  /** The object's size in bytes. */
  readonly size: number;
  /** Where everything but the data begins. */
  readonly metaOffset: number;
  /** Overrides the sequences of an ingested table. */
  readonly commitSequence?: number | undefined;
}

/** Keeps decoded blocks; `storage/cache` has one. */
export interface BlockSource {
  /** The block from memory, or through `fetch`. */
  get(
    reader: number,
    block: number,
    fetch: () => MaybePromise<DecodedBlock>,
  ): MaybePromise<DecodedBlock>;
  /** A number for a new reader. */
  newReader(): number;
  /** Drops a reader's blocks. */
  drop(reader: number, blockCount: number): void;
}

/** An entry that was found: entry `index` of `run`. */
export interface FoundEntry {
  /** The block it is in. */
  readonly run: EntryRun;
  /** Where in it. */
  readonly index: number;
}

/** An open table. */
export class SstableReader {
  readonly #store: ObjectStore;
  readonly #location: SstableLocation;
  readonly #blocks: BlockSource;
  readonly #reader: number;
  readonly #filter: BloomFilter;
  readonly #index: BlockIndex;
  /** The range tombstones of the table. */
  readonly tombstones: readonly RangeTombstone[];
  /** What the table says of itself. */
  readonly properties: TableProperties;
  /** How many entries it has. */
  readonly entryCount: number;

  private constructor(
    store: ObjectStore,
    location: SstableLocation,
    blocks: BlockSource,
    meta: Uint8Array,
  ) {
    const { path, size, metaOffset, commitSequence } = location;
    const footer = decodeFooter(meta, size, path);
    if (footer.metaOffset !== metaOffset) {
      throw new KriyaError(
        "corrupt",
        `Cannot read "${path}": metadata at byte ${footer.metaOffset}, the manifest says ${metaOffset}`,
      );
    }
    let at = 0;
    const part = (length: number): Uint8Array => {
      const bytes = meta.subarray(at, at + length);
      const raw = readBlock(bytes, path, metaOffset + at);
      at += length;
      return raw;
    };
    this.#store = store;
    this.#location = location;
    this.#blocks = blocks;
    this.#reader = blocks.newReader();
    this.#filter = new BloomFilter(part(footer.filterLength), path);
    this.#index = new BlockIndex(part(footer.indexLength), metaOffset, path);
    this.tombstones = decodeTombstones(
      part(footer.tombstonesLength),
      path,
      commitSequence,
    );
    this.properties = decodeProperties(part(footer.propertiesLength), path);
    this.entryCount = footer.entryCount;
  }

  /**
   * Opens the table at `location` with one request.
   *
   * @throws {KriyaError} `corrupt` when it is damaged or missing.
   */
  static open(
    store: ObjectStore,
    location: SstableLocation,
    blocks: BlockSource,
  ): MaybePromise<SstableReader> {
    const { path, size, metaOffset } = location;
    const meta = readPart(store, path, metaOffset, size - metaOffset);
    return then(
      meta,
      (meta) => new SstableReader(store, location, blocks, meta),
    );
  }

  /** Bytes of memory that stay while the table is open. */
  get memoryBytes(): number {
    return this.#filter.memoryBytes + this.#index.memoryBytes;
  }

  /** The object's path. */
  get path(): string {
    return this.#location.path;
  }

  /** How many data blocks the table has. */
  get blockCount(): number {
    return this.#index.count;
  }

  /** Whether a key with this filter hash may be here. */
  mayContain(keyHash: number): boolean {
    return this.#filter.mayContain(keyHash);
  }

  /** The newest version of `key` that `snapshot` sees, deletions included. */
  find(
    key: Uint8Array,
    snapshot: number,
  ): MaybePromise<FoundEntry | undefined> {
    return this.#findFrom(this.#index.blockFor(key), key, snapshot);
  }

  #findFrom(
    block: number,
    key: Uint8Array,
    snapshot: number,
  ): MaybePromise<FoundEntry | undefined> {
    if (block >= this.#index.count) return undefined;
    return then(this.block(block), (run) => {
      const index = findVersion(run, key, snapshot);
      if (index >= 0) return { run, index };
      // The versions of one key may go on in the next block.
      return compareBytes(this.#index.lastKey(block), key) === 0
        ? this.#findFrom(block + 1, key, snapshot)
        : undefined;
    });
  }

  /** Data block `block`, decoded. */
  block(block: number): MaybePromise<DecodedBlock> {
    return this.#blocks.get(
      this.#reader,
      block,
      () => this.#fetch(block),
    );
  }

  /** Runs over `range`, forward or backward. */
  runs(range: KeyRange, reverse = false): RunSource {
    const first = range.start === undefined
      ? 0
      : this.#index.blockFor(range.start);
    const last = range.end === undefined
      ? this.#index.count - 1
      : Math.min(this.#index.blockFor(range.end), this.#index.count - 1);
    let block = reverse ? last : first;
    const step = reverse ? -1 : 1;
    return {
      nextRun: (): MaybePromise<EntryRun | undefined> => {
        if (block < first || block > last) return undefined;
        const run = this.block(block);
        block += step;
        return run;
      },
    };
  }

  /** Lets go of the table's blocks. */
  close(): void {
    this.#blocks.drop(this.#reader, this.#index.count);
  }

  /** A whole block in another's place would pass its own checksum. */
  #checkPlace(decoded: DecodedBlock, block: number): void {
    const index = this.#index;
    const { count, keys, keyStarts, keyEnds } = decoded;
    const last = keys.subarray(keyStarts[count - 1], keyEnds[count - 1]);
    if (
      count !== index.entryCount(block) ||
      compareBytes(last, index.lastKey(block)) !== 0
    ) {
      throw new KriyaError(
        "corrupt",
        `Cannot read "${this.path}" at byte ${
          index.offset(block)
        }: the block is not the one that the index names`,
      );
    }
  }

  #fetch(block: number): MaybePromise<DecodedBlock> {
    const { path, commitSequence } = this.#location;
    const offset = this.#index.offset(block);
    const length = this.#index.length(block);
    return then(readPart(this.#store, path, offset, length), (bytes) => {
      const raw = readBlock(bytes, path, offset);
      const decoded = decodeBlock(raw, path, commitSequence);
      this.#checkPlace(decoded, block);
      return decoded;
    });
  }
}

/**
 * Bytes [offset, offset + length) of a table.
 *
 * @throws {KriyaError} `corrupt` when the object ends before them.
 */
function readPart(
  store: ObjectStore,
  path: string,
  offset: number,
  length: number,
): MaybePromise<Uint8Array> {
  const check = (body: ObjectBody | undefined): Uint8Array => {
    if (body === undefined) throw missing(path);
    if (body.bytes.length !== length) throw cutShort(path, offset);
    return body.bytes;
  };
  const explain = (error: unknown): never => {
    // A range that begins past the end is not one.
    const short = error instanceof KriyaError && error.kind === "invalid";
    throw short ? cutShort(path, offset) : error;
  };
  try {
    const body = store.get(path, { range: { offset, length } });
    return isPromise(body) ? body.then(check, explain) : check(body);
  } catch (error) {
    return explain(error);
  }
}

function cutShort(path: string, offset: number): KriyaError {
  return new KriyaError(
    "corrupt",
    `Cannot read "${path}" at byte ${offset}: the object is cut short`,
  );
}

function missing(path: string): KriyaError {
  return new KriyaError(
    "corrupt",
    `Cannot read "${path}": the object is missing`,
  );
}
