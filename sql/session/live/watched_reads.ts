/**
 * What a query has read, and whether a commit touches it: the keys and ranges
 * that a serializable transaction would validate, and the catalog.
 *
 * @module
 */
import { compareBytes } from "../../../base/bytes.ts";
import type { CommittedEntry } from "../../../storage/engine/change_log.ts";
import type { BatchRange } from "../../../storage/engine/write_batch.ts";
import { prefixOf } from "../../../storage/sstable/properties.ts";
import { ENTRIES_END, ENTRIES_START } from "../../catalog/catalog_rows.ts";
import type { ReadSet } from "../../transaction/read_set.ts";

/** The prefix of the catalog's keys. */
const CATALOG_PREFIX = 0;

/** Relations that a range is looked for in, at most; else in all. */
const PREFIXES_MAX = 4;

/** What a query has read. */
export class WatchedReads {
  readonly #keys: ReadonlySet<string>;
  readonly #ranges: readonly BatchRange[];
  readonly #prefixes = new Set<number>();
  #everywhere = false;

  /** What `reads` says; without it, only the catalog. */
  constructor(reads: ReadSet | undefined) {
    this.#keys = new Set(reads?.keys.map((key) => key.toHex()));
    this.#ranges = reads?.ranges ?? [];
    for (const key of reads?.keys ?? []) this.#addPrefixes(key, key);
    for (const { start, end } of this.#ranges) this.#addPrefixes(start, end);
  }

  #addPrefixes(start: Uint8Array, end: Uint8Array): void {
    const first = prefixOf(start, 0, start.length);
    const last = prefixOf(end, 0, end.length);
    if (last - first >= PREFIXES_MAX) this.#everywhere = true;
    else for (let each = first; each <= last; each++) this.#prefixes.add(each);
  }

  /** Whether keys with a prefix may count. */
  wants(prefix: number): boolean {
    return this.#everywhere || prefix === CATALOG_PREFIX ||
      this.#prefixes.has(prefix);
  }

  /** Whether an entry is of a definition. */
  isDefinition({ key }: CommittedEntry): boolean {
    return isWithin(key, { start: ENTRIES_START, end: ENTRIES_END });
  }

  /** Whether an entry changed what was read. */
  isTouchedBy({ key }: CommittedEntry): boolean {
    return this.#keys.has(key.toHex()) ||
      this.#ranges.some((range) => isWithin(key, range));
  }
}

function isWithin(key: Uint8Array, { start, end }: BatchRange): boolean {
  return compareBytes(key, start) >= 0 && compareBytes(key, end) < 0;
}
