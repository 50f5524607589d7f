/**
 * An index whose segments are damaged, filled from the rows of its table.
 *
 * Segments are made of rows, and rows are in the tree: what a segment has lost
 * is read again, as of the sequence up to which the segments covered the index.
 * What came later has entries in the tree, as ever (`hnsw_changes.ts`).
 * Snapshots older than that sequence are not answered any more.
 *
 * @module
 */
import type { StoreView } from "../../storage/engine/store_view.ts";
import type { VectorIndex } from "../../vector/segments/vector_index.ts";
import type { IndexEntry, TableEntry } from "../catalog/entries.ts";
import { valueAt } from "../chunk/chunk.ts";
import { SqlError } from "../errors/sql_error.ts";
import type { RebuildHelp } from "./index_access.ts";
import {
  columnKeys,
  hasPlainKeys,
  type IndexKeys,
  locatorsOf,
} from "./index_keys.ts";
import { vectorOf } from "./indexed_vectors.ts";
import type { LsmTableMethod } from "./lsm_table.ts";
import { storageRange } from "./row_key.ts";

/** From where an index is filled again. */
export interface RebuildSource {
  /** The store as of one moment. */
  readonly view: StoreView;
  /** The rows that are read are those of this sequence. */
  readonly sequence: number;
  /** Computes keys that are not columns; absent: nobody does. */
  readonly help: RebuildHelp | undefined;
}

/** Fills an empty index with the rows of its table. */
export type IndexRebuild = (
  into: VectorIndex,
  source: RebuildSource,
) => Promise<void>;

/** What fills an index again. */
export function rebuildOf(
  index: IndexEntry,
  table: TableEntry,
  tables: LsmTableMethod,
): IndexRebuild {
  return async (into, { view, sequence, help }) => {
    const keysOf = keysFor(index, help);
    const scan = view.scan({
      ...storageRange(table.storageId),
      snapshot: sequence,
    });
    const rows = tables.rowsOf(table, scan);
    try {
      for (let next = await rows.next(); next; next = await rows.next()) {
        const keys = keysOf(index, table, next.chunk);
        const locators = locatorsOf(next.chunk, keys, next.locators);
        const { selection, columns: [column] } = keys;
        for (let i = 0; i < locators.length; i++) {
          const row = selection === undefined ? i : selection[i]!;
          const vector = valueAt(column!, row);
          if (vector === null) continue;
          into.insert(locators[i]!, vectorOf(vector), sequence);
        }
      }
    } finally {
      rows.close();
    }
    help?.warn(
      `index "${index.name}" was damaged, and is rebuilt from the rows of table "${table.name}"`,
    );
  };
}

function keysFor(
  index: IndexEntry,
  help: RebuildHelp | undefined,
): IndexKeys {
  if (hasPlainKeys(index)) return columnKeys;
  if (help !== undefined) return help.keysOf;
  throw new SqlError("XX002", `index "${index.name}" is damaged`, {
    hint: "It is rebuilt when it is searched, or by REINDEX.",
  });
}
