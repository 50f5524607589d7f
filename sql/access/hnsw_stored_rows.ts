/**
 * Vectors of a segment that are read from its object when they are looked at.
 *
 * Pages that were read lie in the block cache, beside the blocks of tables, and
 * go as these do. Of a read, pages side by side, or almost, come in one range;
 * ranges come at the same time. Objects that the store keeps on disk are read
 * from there.
 *
 * @module
 */
import { crc32c } from "../../base/checksum.ts";
import { KriyaError } from "../../base/errors.ts";
import {
  forEachOf,
  type MaybePromise,
  then,
} from "../../base/maybe_promise.ts";
import type { CacheShelf } from "../../storage/cache/cache_shelf.ts";
import type { LsmStore } from "../../storage/engine/lsm_store.ts";
import type { SearchCounters } from "../../vector/segments/search_counters.ts";
import type {
  RowPages,
  StoredRows,
} from "../../vector/segments/stored_rows.ts";

/** Pages between two that are wanted, up to which all are read at once. */
const GAP_PAGES = 2;

/** Bytes of a range, at most. */
const RANGE_BYTES_MAX = 1024 * 1024;

/** Ranges that are read at the same time. */
const RANGES_AT_ONCE = 32;

/** A page of vectors. */
interface Page {
  readonly bytes: Uint8Array;
  readonly memoryBytes: number;
}

/** Pages that are read at once: from one on, up to another. */
interface PageRange {
  readonly from: number;
  end: number;
}

/** Vectors in an object: see the module. */
export class ObjectRows implements StoredRows {
  readonly #store: LsmStore;
  readonly #path: string;
  readonly #pages: RowPages;
  readonly #shelf: CacheShelf<Page>;

  /** The vectors of the segment in the object at `path`. */
  constructor(store: LsmStore, path: string, pages: RowPages) {
    this.#store = store;
    this.#path = path;
    this.#pages = pages;
    this.#shelf = store.cache.shelf("data", pages.checksums.length, {
      load: (slot) => then(this.#fetch(slot, slot + 1), ([page]) => page!),
    });
  }

  /** The object's path. */
  get path(): string {
    return this.#path;
  }

  get byteLength(): number {
    // A checksum, and a slot of the shelf.
    return 12 * this.#pages.checksums.length;
  }

  read(
    ordinals: Uint32Array,
    counters?: SearchCounters,
  ): MaybePromise<readonly Uint8Array[]> {
    const { rowsAPage, rowBytes } = this.#pages;
    const pages = new Map<number, Page>();
    const missing: PageRange[] = [];
    for (const ordinal of ordinals) {
      const slot = Math.floor(ordinal / rowsAPage);
      if (pages.has(slot)) continue;
      const page = this.#shelf.peek(slot);
      if (page === undefined) this.#want(slot, missing);
      // Counts as a use: the page is there.
      else pages.set(slot, this.#shelf.get(slot) as Page);
    }
    const done = forEachOf(missing, RANGES_AT_ONCE, (range) => {
      const { from, end } = range;
      if (counters !== undefined) {
        counters.requests++;
        counters.bytes += this.#bytesOf(from, end);
      }
      return then(this.#fetch(from, end), (came) =>
        came.forEach((page, i) => {
          pages.set(from + i, page);
          if (this.#shelf.peek(from + i) === undefined) {
            this.#shelf.put(from + i, page);
          }
        }));
    });
    return then(done, () => {
      const rows: Uint8Array[] = [];
      for (const ordinal of ordinals) {
        const slot = Math.floor(ordinal / rowsAPage);
        const at = (ordinal - slot * rowsAPage) * rowBytes;
        rows.push(pages.get(slot)!.bytes.subarray(at, at + rowBytes));
      }
      return rows;
    });
  }

  /** Adds a page to the ranges that will be read; pages come in order. */
  #want(slot: number, ranges: PageRange[]): void {
    const last = ranges.at(-1);
    if (
      last !== undefined && slot <= last.end + GAP_PAGES &&
      this.#bytesOf(last.from, slot + 1) <= RANGE_BYTES_MAX
    ) last.end = Math.max(last.end, slot + 1);
    else ranges.push({ from: slot, end: slot + 1 });
  }

  #bytesOf(from: number, end: number): number {
    const { rowsAPage, rowBytes, count } = this.#pages;
    return (Math.min(count, end * rowsAPage) - from * rowsAPage) * rowBytes;
  }

  /** Reads pages, and checks them. */
  #fetch(from: number, end: number): MaybePromise<Page[]> {
    const { offset, rowsAPage, rowBytes, checksums } = this.#pages;
    const start = offset + from * rowsAPage * rowBytes;
    const length = this.#bytesOf(from, end);
    const range = { offset: start, length };
    const body = this.#store.objects.get(this.#path, { range });
    return then(body, (body) => {
      if (body === undefined) throw this.#corrupt("the object is missing");
      if (body.bytes.length !== length) {
        throw this.#corrupt(`it ends before byte ${start + length}`);
      }
      const pages: Page[] = [];
      let at = 0;
      for (let page = from; page < end; page++) {
        const size = this.#bytesOf(page, page + 1);
        // A page of its own, so that the others of a range can go.
        const bytes = body.bytes.slice(at, at + size);
        if (crc32c(bytes) !== checksums[page]) {
          throw this.#corrupt(`checksum of vectors at byte ${start + at}`);
        }
        pages.push({ bytes, memoryBytes: size });
        at += size;
      }
      return pages;
    });
  }

  #corrupt(what: string): KriyaError {
    return new KriyaError("corrupt", `Cannot read "${this.#path}": ${what}`);
  }

  close(): void {
    this.#shelf.close();
  }
}
