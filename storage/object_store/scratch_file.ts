/**
 * Files that nobody else sees and that are gone with the process: where what is
 * larger than memory goes for a while.
 *
 * All calls are synchronous: they mostly meet the cache of the system, and who
 * sorts or looks a key up does not wait per row.
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";

/** A file of bytes at positions. */
export interface ScratchFile {
  /**
   * Writes `bytes` from `offset` on.
   *
   * @throws {KriyaError} `unavailable`; with code `53100` where there is no
   * room.
   */
  write(bytes: Uint8Array, offset: number): void;
  /** Reads up to `bytes.length` bytes from `offset`; returns how many came. */
  read(bytes: Uint8Array, offset: number): number;
  /** Lets it go with its bytes; may be called twice. */
  close(): void;
}

/** Where scratch files are made. */
export interface ScratchFiles {
  /**
   * A new, empty file.
   *
   * @throws {KriyaError} `unavailable`; with code `53200` where none may be
   * made, saying what to allow.
   */
  create(): ScratchFile;
}

/** The error of who needs a scratch file and may make none. */
export function noScratch(
  options: { readonly hint: string; readonly cause?: unknown },
): KriyaError {
  return new KriyaError("unavailable", "out of memory", {
    code: "53200",
    detail:
      "It would go on with temporary files, of which none can be made here.",
    ...options,
  });
}
