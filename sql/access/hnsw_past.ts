/**
 * Whether a vector index can be searched as it was: what it has forgotten is
 * gone, though the rows may still be there.
 *
 * @module
 */
import type { Manifest } from "../../storage/manifest/manifest.ts";
import type { CatalogState } from "../catalog/catalog_state.ts";
import type { CatalogEntry, IndexEntry } from "../catalog/entries.ts";
import { HNSW_METHOD } from "./hnsw_definition.ts";
import { horizonOfSegments } from "./hnsw_objects.ts";
import type { HnswState } from "./hnsw_state.ts";

/** What there is now. */
export interface PresentIndexes {
  /** The catalog. */
  readonly catalog: CatalogState;
  /** The manifest, with the segments of all indexes. */
  readonly manifest: Manifest;
  /** The vector indexes that are open, by storage id. */
  readonly open: ReadonlyMap<number, HnswState>;
}

/**
 * Whether an index of the past can be searched as of a sequence, which the
 * caller holds; others than vector indexes always can. One that was dropped, or
 * whose table has other storage by now, cannot.
 */
export function answersPast(
  index: IndexEntry,
  table: CatalogEntry,
  sequence: number,
  { catalog, manifest, open }: PresentIndexes,
): boolean {
  if (index.accessMethod !== HNSW_METHOD) return true;
  const { storageId, tableId } = index;
  const now = catalog.relationById(tableId);
  const isThere = table.kind === "table" && now?.kind === "table" &&
    table.storageId === now.storageId &&
    catalog.indexesOf(tableId).some((each) => each.storageId === storageId);
  if (!isThere || sequence < manifest.horizon) return false;
  const from = open.get(storageId)?.answersFrom ??
    horizonOfSegments(manifest.segments, storageId);
  return sequence >= from;
}
