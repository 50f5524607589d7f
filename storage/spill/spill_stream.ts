/**
 * A stream of records in a {@linkcode SpillFile}: written once, read from the
 * start as often as wanted. Many streams share a file, as the partitions of a
 * hash join do.
 *
 * A block of a stream is its records, each with its length before it as a
 * varint. What is still in memory is the block that is being filled, and eight
 * bytes for each that was.
 *
 * @module
 */
import { ByteReader, ByteWriter } from "../../base/bytes.ts";
import type { SpillFile } from "./spill_file.ts";

/** Bytes at which a block is full. */
const BLOCK_BYTES = 32 * 1024;

/**
 * Records in a file.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { MemoryScratch } from "../object_store/memory_scratch.ts";
 * import { SpillSpace } from "./spill_space.ts";
 * import { SpillStream } from "./spill_stream.ts";
 *
 * const file = new SpillSpace(new MemoryScratch()).account().file();
 * const stream = new SpillStream(file);
 * stream.write(new Uint8Array([1, 2, 3]));
 * assertEquals(stream.read().next(), new Uint8Array([1, 2, 3]));
 * file.close();
 * ```
 */
export class SpillStream {
  readonly #file: SpillFile;
  readonly #blocks: number[] = [];
  #open: ByteWriter | undefined;
  #count = 0;
  #bytes = 0;

  /** An empty stream in `file`. */
  constructor(file: SpillFile) {
    this.#file = file;
  }

  /** How many records it has. */
  get count(): number {
    return this.#count;
  }

  /** Bytes of its records. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Bytes of memory that it takes. */
  get memoryBytes(): number {
    return this.#blocks.length * 8 + (this.#open?.memory.length ?? 0);
  }

  /**
   * Adds a record, which is copied.
   *
   * @throws {KriyaError} as {@linkcode SpillFile.append} does.
   */
  write(record: Uint8Array): void {
    const open = this.#open ??= new ByteWriter(1024);
    open.bytes(record);
    this.#count++;
    this.#bytes += record.length;
    if (open.length >= BLOCK_BYTES) this.#store(open);
  }

  /** Puts the block that is being filled into the file, to free its memory. */
  flush(): void {
    const open = this.#open;
    if (open !== undefined && open.length > 0) this.#store(open);
    this.#open = undefined;
  }

  /** Reads it from the start. What is written afterwards may not be seen. */
  read(): SpillReader {
    return new SpillReader(
      this.#file,
      [...this.#blocks],
      this.#open?.toBytes(),
    );
  }

  #store(open: ByteWriter): void {
    this.#blocks.push(this.#file.append(open.written));
    open.reset();
  }
}

/** Reads a stream. */
export class SpillReader {
  readonly #file: SpillFile;
  readonly #blocks: readonly number[];
  #last: Uint8Array | undefined;
  #next = 0;
  #reader: ByteReader | undefined;

  /** Reads `blocks` of `file`, then the block `last`. */
  constructor(
    file: SpillFile,
    blocks: readonly number[],
    last: Uint8Array | undefined,
  ) {
    this.#file = file;
    this.#blocks = blocks;
    this.#last = last;
  }

  /**
   * The next record, which may be kept, or `undefined` at the end.
   *
   * @throws {KriyaError} `corrupt`, `unavailable`.
   */
  next(): Uint8Array | undefined {
    while (this.#reader === undefined || this.#reader.remaining === 0) {
      const block = this.#nextBlock();
      if (block === undefined) return undefined;
      this.#reader = new ByteReader(block, "a temporary file");
    }
    return this.#reader.bytes();
  }

  #nextBlock(): Uint8Array | undefined {
    if (this.#next < this.#blocks.length) {
      return this.#file.read(this.#blocks[this.#next++]!);
    }
    const last = this.#last;
    this.#last = undefined;
    return last;
  }
}
