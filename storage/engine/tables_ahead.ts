/**
 * Metadata of tables, asked for while the log is still replayed: what an opening
 * reads next does not depend on the log, and in a bucket every request that
 * waits for another takes some thirty ms.
 *
 * Only a small tree is read ahead: of a large one nobody knows yet which tables
 * are wanted.
 *
 * @module
 */
import type { Manifest, TableMeta } from "../manifest/manifest.ts";
import type { ObjectStore } from "../object_store/object_store.ts";
import { readPart } from "../sstable/table_parts.ts";

/** Tables of a tree that is read ahead, at most. */
const TABLES_MAX = 8;
/** Bytes of their metadata, at most. */
const BYTES_MAX = 4 * 1024 * 1024;

/** What is read ahead of an opening. */
export class TablesAhead {
  readonly #objects: ObjectStore;
  #parts: Map<string, Promise<Uint8Array>> = new Map();

  /** Nothing yet. */
  constructor(objects: ObjectStore) {
    this.#objects = objects;
  }

  /** Asks for the metadata of the tables that a manifest names. */
  begin({ levels }: Manifest): void {
    const tables = levels.flat();
    const bytes = tables.reduce((sum, each) => sum + bytesOf(each), 0);
    const parts = new Map<string, Promise<Uint8Array>>();
    this.#parts = parts;
    if (tables.length > TABLES_MAX || bytes > BYTES_MAX) return;
    for (const table of tables) {
      try {
        const { path, metaOffset } = table;
        const part = Promise.resolve(
          readPart(this.#objects, path, metaOffset, bytesOf(table)),
        );
        part.catch(() => parts.delete(path));
        parts.set(path, part);
      } catch {
        // Who needs the table is told.
      }
    }
  }

  /** The metadata of a table, once, if it was asked for and has not failed. */
  take({ path }: TableMeta): Promise<Uint8Array> | undefined {
    const part = this.#parts.get(path);
    this.#parts.delete(path);
    return part;
  }
}

function bytesOf({ size, metaOffset }: TableMeta): number {
  return size - metaOffset;
}
