/**
 * The temporary objects of a session as a transaction finds them.
 *
 * @module
 */
import type { Memtable } from "../../../storage/memtable/memtable.ts";
import type { CatalogEntry, SchemaEntry } from "../../catalog/entries.ts";

/** What a transaction finds. */
export interface TemporarySnapshot {
  /** The rows, and entries of indexes. */
  readonly rows: Memtable | undefined;
  /** The last commit that is seen of them. */
  readonly sequence: number;
  /** The objects, by id. */
  readonly entries: ReadonlyMap<number, CatalogEntry>;
}

/** Where the objects of a session are. */
export interface TemporaryPlace {
  /** The schema they are in. */
  readonly schema: SchemaEntry;
  /** Bytes of memory their rows take. */
  readonly memoryBytes: number;
  /** The most bytes they may take. */
  readonly memoryBytesMax: number;
}
