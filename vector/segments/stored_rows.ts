/**
 * Rows of a segment that are not in memory but where the segment is stored.
 *
 * Rows are read by pages: as many rows as 16 KiB hold, one at least. Rows lie
 * by nearness, so that the candidates of a search share pages; each page has a
 * checksum of its own, for a range that is read has to be checked by itself.
 *
 * @module
 */
import type { MaybePromise } from "../../base/maybe_promise.ts";
import type { SearchCounters } from "./search_counters.ts";

/** Bytes of a page, about. */
const PAGE_BYTES = 16_384;

/** Rows of a page, the last of which may have fewer. */
export function rowsOfPage(rowBytes: number): number {
  return Math.max(1, Math.floor(PAGE_BYTES / rowBytes));
}

/** Where the rows of a stored segment are. */
export interface RowPages {
  /** Where the first row begins. */
  readonly offset: number;
  /** Bytes of a row. */
  readonly rowBytes: number;
  /** How many rows. */
  readonly count: number;
  /** Rows of a page. */
  readonly rowsAPage: number;
  /** The CRC-32C of each page. */
  readonly checksums: Uint32Array<ArrayBuffer>;
}

/** Reads rows; whoever stores segments provides it. */
export interface StoredRows {
  /** Bytes held for it, about, but for what caches hold. */
  readonly byteLength: number;
  /**
   * The stored bytes of rows, in the order of their numbers, which rise: views
   * that nobody changes.
   *
   * @throws {KriyaError} of kind `corrupt` if they are not what was written.
   */
  read(
    ordinals: Uint32Array,
    counters?: SearchCounters,
  ): MaybePromise<readonly Uint8Array[]>;
  /** Lets go of what was read; rows can still be read. */
  close(): void;
}

/** Rows that are asked for at once: 2 MiB of 512 dimensions. */
export const ROWS_A_READ = 1024;
