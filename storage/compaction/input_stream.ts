/**
 * The blocks of tables one after the other, read in large pieces.
 *
 * Blocks pass by the cache: what is merged is read once, and would push out what
 * is read often. The next piece is asked for while the one before is merged, so
 * a stream holds two pieces at most.
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";
import {
  isPromise,
  type MaybePromise,
  then,
} from "../../base/maybe_promise.ts";
import { BlockCache } from "../cache/block_cache.ts";
import type { TableMeta } from "../manifest/manifest.ts";
import type { ObjectSource } from "../object_store/object_store.ts";
import type { DecodedBlock } from "../sstable/block.ts";
import { SstableReader } from "../sstable/sstable_reader.ts";

/** Bytes of one read; a block that is longer is read whole. */
const PIECE_BYTES = 1024 * 1024;

/** A block of an input. */
export interface InputBlock {
  /** Its entries. */
  readonly run: DecodedBlock;
  /**
   * Its bytes as they are stored, if they may be written again as they are (an
   * ingested table's sequences are not in them).
   */
  readonly stored: Uint8Array | undefined;
}

/** What streams read from, and count into. */
export interface InputPlace {
  /** The store. */
  readonly objects: ObjectSource;
  /** Ends reads. */
  readonly signal?: AbortSignal | undefined;
  /** Is called with the bytes of every read. */
  readonly onRead: (bytes: number) => void;
}

/** An input table, open: metadata only. */
export interface OpenInput {
  /** What the manifest says. */
  readonly meta: TableMeta;
  /** Its reader. */
  readonly reader: SstableReader;
  /** Where its blocks begin, and where the last one ends. */
  readonly offsets: Float64Array;
}

/** Bytes of indexes of one table that are kept while it is read. */
const INDEX_BYTES_MAX = 4 * 1024 * 1024;

/** Opens an input. */
export async function openInput(
  place: InputPlace,
  meta: TableMeta,
): Promise<OpenInput> {
  place.onRead(meta.size - meta.metaOffset);
  const cache = new BlockCache(INDEX_BYTES_MAX);
  const reader = await SstableReader.open(place.objects, meta, cache);
  return { meta, reader, offsets: await reader.blockOffsets() };
}

/** Some consecutive blocks of a table. */
interface Piece {
  readonly input: OpenInput;
  readonly firstBlock: number;
  readonly endBlock: number;
  readonly offset: number;
  readonly bytes: MaybePromise<Uint8Array>;
}

/** The blocks of tables that do not overlap, in the order of their keys. */
export class InputStream {
  readonly #place: InputPlace;
  readonly #inputs: readonly OpenInput[];
  #table = 0;
  #block = 0;
  #piece: Piece | undefined;
  #ahead: Piece | undefined;
  /** The next block of the piece. */
  #at = 0;

  /** The blocks of `inputs`. */
  constructor(place: InputPlace, inputs: readonly OpenInput[]) {
    this.#place = place;
    this.#inputs = inputs;
  }

  /** The next block, `undefined` at the end. */
  next(): MaybePromise<InputBlock | undefined> {
    let piece = this.#piece;
    if (piece === undefined || this.#at === piece.endBlock) {
      piece = this.#piece = this.#ahead ?? this.#ask();
      this.#ahead = piece && this.#ask();
      if (piece === undefined) return undefined;
      this.#at = piece.firstBlock;
    }
    const { bytes } = piece;
    if (!isPromise(bytes)) return this.#take(piece, bytes);
    const waited = piece;
    return bytes.then((bytes) => {
      this.#piece = { ...waited, bytes };
      return this.#take(waited, bytes);
    });
  }

  #take(piece: Piece, bytes: Uint8Array): MaybePromise<InputBlock> {
    const { reader, meta, offsets } = piece.input;
    const block = this.#at++;
    const stored = bytes.subarray(
      offsets[block]! - piece.offset,
      offsets[block + 1]! - piece.offset,
    );
    return then(reader.decodeStored(block, stored), (run) => ({
      run,
      stored: meta.commitSequence === undefined ? stored : undefined,
    }));
  }

  /** Asks for the next piece. */
  #ask(): Piece | undefined {
    for (; this.#table < this.#inputs.length; this.#table++) {
      const input = this.#inputs[this.#table]!;
      const { reader: { blockCount }, offsets } = input;
      const firstBlock = this.#block;
      if (firstBlock >= blockCount) {
        this.#block = 0;
        continue;
      }
      const offset = offsets[firstBlock]!;
      let endBlock = firstBlock + 1;
      while (
        endBlock < blockCount && offsets[endBlock + 1]! - offset <= PIECE_BYTES
      ) endBlock++;
      this.#block = endBlock;
      const length = offsets[endBlock]! - offset;
      const bytes = this.#read(input.meta.path, offset, length);
      // It may fail while nobody waits for it yet.
      if (isPromise(bytes)) bytes.catch(() => {});
      return { input, firstBlock, endBlock, offset, bytes };
    }
    return undefined;
  }

  #read(
    path: string,
    offset: number,
    length: number,
  ): MaybePromise<Uint8Array> {
    const { objects, signal, onRead } = this.#place;
    const body = objects.get(path, { range: { offset, length }, signal });
    return then(body, (body) => {
      if (body === undefined || body.bytes.length !== length) {
        const what = body === undefined ? "is missing" : "is cut short";
        throw new KriyaError(
          "corrupt",
          `Cannot read "${path}" at byte ${offset}: the object ${what}`,
        );
      }
      onRead(length);
      return body.bytes;
    });
  }
}
