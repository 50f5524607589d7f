/**
 * Scratch files in memory: for tests, and for hosts that have no files.
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";
import type { ScratchFile, ScratchFiles } from "./scratch_file.ts";

const CAPACITY_MIN = 64 * 1024;

/** What a place in memory allows. */
export interface MemoryScratchOptions {
  /** Bytes that all its files may have together (default: any number). */
  readonly bytesMax?: number | undefined;
}

/** Scratch files in memory. */
export class MemoryScratch implements ScratchFiles {
  readonly #bytesMax: number;
  /** Files that are open. */
  openCount = 0;
  /** Files that were made. */
  createdCount = 0;
  /** Bytes of the files that are open. */
  bytes = 0;

  /** A place with no file. */
  constructor({ bytesMax = Infinity }: MemoryScratchOptions = {}) {
    this.#bytesMax = bytesMax;
  }

  /** A new, empty file. */
  create(): ScratchFile {
    this.openCount++;
    this.createdCount++;
    return new MemoryFile(this, this.#bytesMax);
  }
}

class MemoryFile implements ScratchFile {
  readonly #place: MemoryScratch;
  readonly #bytesMax: number;
  #bytes: Uint8Array | undefined = new Uint8Array(0);
  #length = 0;

  constructor(place: MemoryScratch, bytesMax: number) {
    this.#place = place;
    this.#bytesMax = bytesMax;
  }

  write(bytes: Uint8Array, offset: number): void {
    if (this.#bytes === undefined) throw closedFile();
    const end = offset + bytes.length;
    const added = Math.max(0, end - this.#length);
    if (this.#place.bytes + added > this.#bytesMax) {
      throw new KriyaError(
        "unavailable",
        "could not write to temporary file: No space left on device",
        { code: "53100" },
      );
    }
    if (end > this.#bytes.length) {
      const capacity = Math.max(CAPACITY_MIN, end, this.#bytes.length * 2);
      const grown = new Uint8Array(capacity);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, offset);
    this.#length += added;
    this.#place.bytes += added;
  }

  read(bytes: Uint8Array, offset: number): number {
    if (this.#bytes === undefined) throw closedFile();
    const end = Math.min(offset + bytes.length, this.#length);
    if (offset >= end) return 0;
    bytes.set(this.#bytes.subarray(offset, end));
    return end - offset;
  }

  close(): void {
    if (this.#bytes === undefined) return;
    this.#bytes = undefined;
    this.#place.bytes -= this.#length;
    this.#place.openCount--;
  }
}

function closedFile(): KriyaError {
  return new KriyaError("closed", "The temporary file is closed");
}
