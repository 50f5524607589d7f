/**
 * The temporary space of a database: where transactions, sorts and joins put
 * what memory is not to hold.
 *
 * Each session has an account, which bounds what its files take together:
 * `temp_file_limit`.
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";
import type { ScratchFiles } from "../object_store/scratch_file.ts";
import { type SpillAccount, SpillFile } from "./spill_file.ts";

/** Temporary files of a database. */
export class SpillSpace {
  readonly #places: ScratchFiles;
  #bytes = 0;
  #isOff: boolean | undefined;

  /** The files are made in `places`. */
  constructor(places: ScratchFiles) {
    this.#places = places;
  }

  /** Bytes that all files take now. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Whether files can be made: what needs none else goes without, or fails with
   * `53200` when it tries.
   */
  get isOn(): boolean {
    if (this.#isOff === undefined) {
      try {
        this.#places.create().close();
        this.#isOff = false;
      } catch (error) {
        // A full disk or too many files are no reason for ever.
        if (!isRefusal(error)) return false;
        this.#isOff = true;
      }
    }
    return !this.#isOff;
  }

  /**
   * An account whose files may take `limitKb()` kB together, any number where it
   * is negative (default).
   */
  account(limitKb: () => number = unlimited): SpillFiles {
    return new SpillFiles(this, this.#places, limitKb);
  }

  /** Counts bytes that an account took, or (negative) gave back. */
  count(bytes: number): void {
    this.#bytes += bytes;
  }
}

function unlimited(): number {
  return -1;
}

function isRefusal(error: unknown): boolean {
  return error instanceof KriyaError && error.code === "53200";
}

/** The temporary files of a session. */
export class SpillFiles implements SpillAccount {
  readonly #space: SpillSpace;
  readonly #places: ScratchFiles;
  readonly #limitKb: () => number;
  #bytes = 0;

  /** Files in `places`, counted in `space`. */
  constructor(
    space: SpillSpace,
    places: ScratchFiles,
    limitKb: () => number,
  ) {
    this.#space = space;
    this.#places = places;
    this.#limitKb = limitKb;
  }

  /** Whether files can be made. */
  get isOn(): boolean {
    return this.#space.isOn;
  }

  /** Bytes that they take now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** A new file; close it. */
  file(): SpillFile {
    return new SpillFile(this.#places, this);
  }

  /** Counts bytes that are written. */
  take(bytes: number): void {
    const limitKb = this.#limitKb();
    if (limitKb >= 0 && this.#bytes + bytes > limitKb * 1024) {
      throw new KriyaError(
        "unavailable",
        `temporary file size exceeds "temp_file_limit" (${limitKb}kB)`,
        { code: "53400" },
      );
    }
    this.#bytes += bytes;
    this.#space.count(bytes);
  }

  /** Counts bytes of files that are closed. */
  release(bytes: number): void {
    this.#bytes -= bytes;
    this.#space.count(-bytes);
  }
}
