/**
 * A scratch file of blocks with checksums.
 *
 * | size | field |
 * | ---: | --- |
 * |    4 | CRC-32C of everything after it |
 * |    4 | length of the payload |
 * |    8 | where the block begins in the file |
 * |    n | payload |
 *
 * A block is known by where it begins. Numbers are little-endian. Blocks gather
 * in a buffer before they are written.
 *
 * Invariants:
 * 1. What is read is what was written at that place, or an error of kind
 *    `corrupt`: bytes of a disk are hostile.
 * 2. What a file has taken of its session's bound is given back when it is
 *    closed.
 *
 * @module
 */
import { crc32c } from "../../base/checksum.ts";
import { KriyaError } from "../../base/errors.ts";
import { invariant } from "../../base/invariant.ts";
import type {
  ScratchFile,
  ScratchFiles,
} from "../object_store/scratch_file.ts";

const HEADER_BYTES = 16;

/** Bytes that gather before they are written. */
const BUFFER_BYTES = 128 * 1024;

/** The largest payload of a block. */
export const SPILL_BLOCK_BYTES_MAX = 0x7fff_ffff;

/** Who counts the bytes of files. */
export interface SpillAccount {
  /**
   * Bytes were written.
   *
   * @throws {KriyaError} `53400` when they are too many.
   */
  take(bytes: number): void;
  /** Files are closed. */
  release(bytes: number): void;
}

/** A file of blocks. */
export class SpillFile {
  readonly #places: ScratchFiles;
  readonly #account: SpillAccount;
  #file: ScratchFile | undefined;
  #closed = false;
  /** Bytes of it that are in the file. */
  #written = 0;
  #buffer: Uint8Array<ArrayBuffer> | undefined;
  #buffered = 0;
  #taken = 0;

  /** An empty file in `places`, made with its first write. */
  constructor(places: ScratchFiles, account: SpillAccount) {
    this.#places = places;
    this.#account = account;
  }

  /** Its length in bytes. */
  get length(): number {
    return this.#written + this.#buffered;
  }

  /**
   * Adds a block; returns where it begins.
   *
   * @throws {KriyaError} `53400` beyond the bound of the session, `53100` where
   * there is no room, `53200` where no file may be made.
   */
  append(payload: Uint8Array): number {
    this.#check();
    invariant(payload.length <= SPILL_BLOCK_BYTES_MAX, "block is too long");
    const length = HEADER_BYTES + payload.length;
    this.#account.take(length);
    this.#taken += length;
    if (this.#buffered + length > BUFFER_BYTES) this.flush();
    const offset = this.length;
    if (length > BUFFER_BYTES) {
      const block = new Uint8Array(length);
      encode(block, 0, offset, payload);
      this.#write(block);
    } else {
      this.#buffer ??= new Uint8Array(BUFFER_BYTES);
      encode(this.#buffer, this.#buffered, offset, payload);
      this.#buffered += length;
    }
    return offset;
  }

  /** The payload of the block at `offset`, for the caller to keep. */
  read(offset: number): Uint8Array {
    this.#check();
    const buffered = offset - this.#written;
    if (buffered >= 0) {
      const bytes = this.#buffer!.subarray(buffered, this.#buffered);
      return payloadOf(bytes, offset, this.length).slice();
    }
    const header = this.#read(offset, HEADER_BYTES);
    const length = HEADER_BYTES + lengthIn(header, offset, this.#written);
    return payloadOf(this.#read(offset, length), offset, this.#written);
  }

  /** Writes what is in the buffer. */
  flush(): void {
    if (this.#buffered === 0) return;
    const bytes = this.#buffer!.subarray(0, this.#buffered);
    this.#write(bytes);
    this.#buffered = 0;
  }

  /** Lets it go; may be called twice. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#account.release(this.#taken);
    this.#buffer = undefined;
    this.#file?.close();
  }

  #check(): void {
    if (this.#closed) {
      throw new KriyaError("closed", "The temporary file is closed");
    }
  }

  #write(bytes: Uint8Array): void {
    this.#file ??= this.#places.create();
    this.#file.write(bytes, this.#written);
    this.#written += bytes.length;
  }

  #read(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    if (this.#file!.read(bytes, offset) < length) {
      throw damaged(offset, "it ends early");
    }
    return bytes;
  }
}

function encode(
  to: Uint8Array<ArrayBuffer>,
  at: number,
  offset: number,
  payload: Uint8Array,
): void {
  const view = new DataView(to.buffer, at, HEADER_BYTES);
  view.setUint32(4, payload.length, true);
  view.setFloat64(8, offset, true);
  to.set(payload, at + HEADER_BYTES);
  const end = at + HEADER_BYTES + payload.length;
  view.setUint32(0, crc32c(to, at + 4, end), true);
}

/** The length that a header says, if it can be. */
function lengthIn(block: Uint8Array, offset: number, end: number): number {
  const view = new DataView(block.buffer, block.byteOffset, block.length);
  const length = view.getUint32(4, true);
  if (offset + HEADER_BYTES + length > end) {
    throw damaged(offset, "its length cannot be");
  }
  return length;
}

function payloadOf(block: Uint8Array, offset: number, end: number): Uint8Array {
  const length = lengthIn(block, offset, end);
  const view = new DataView(block.buffer, block.byteOffset, block.length);
  const last = HEADER_BYTES + length;
  if (view.getUint32(0, true) !== crc32c(block, 4, last)) {
    throw damaged(offset, "its checksum does not match");
  }
  if (view.getFloat64(8, true) !== offset) {
    throw damaged(offset, "it belongs elsewhere");
  }
  return block.subarray(HEADER_BYTES, last);
}

function damaged(offset: number, why: string): KriyaError {
  return new KriyaError(
    "corrupt",
    `Cannot read the block at byte ${offset} of a temporary file: ${why}`,
  );
}
