/**
 * Many queries at once: one snapshot for all, and the rows that a filter allows
 * are looked up once, segment by segment, not for each of them.
 *
 * @module
 */
import type { AnyVectorLike } from "../hnsw/row_form.ts";
import type { BatchedSearch, SearchOptions } from "./index_options.ts";
import type { SharedRows } from "./row_set.ts";
import type { VectorBatch } from "./vector_cursor.ts";
import type { VectorIndex } from "./vector_index.ts";

/**
 * The nearest `k` rows of each query (default 10), as searches one by one at the
 * same moment would give them.
 *
 * @throws {KriyaError} of kind `invalid` for a query of other dimensions, before
 * any is searched for.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { searchBatch } from "./search_batch.ts";
 * import { VectorIndex } from "./vector_index.ts";
 *
 * const index = new VectorIndex({ dims: 2 });
 * index.insert(7, new Float32Array([0, 1]), 1);
 * index.insert(8, new Float32Array([5, 5]), 1);
 * const [first, second] = await searchBatch(index, [[0, 0], [6, 6]], { k: 1 });
 * assertEquals([...first!.locators, ...second!.locators], [7, 8]);
 * ```
 */
export async function searchBatch(
  index: VectorIndex,
  queries: readonly AnyVectorLike[],
  options: SearchOptions = {},
): Promise<VectorBatch[]> {
  const { k = 10, snapshot = index.lastSeq } = options;
  const shared: SharedRows = new Map();
  const searching: BatchedSearch = { ...options, k, snapshot, shared };
  const cursors = queries.map((query) => index.search(query, searching));
  const batches: VectorBatch[] = [];
  for (const cursor of cursors) batches.push(await cursor.read(k));
  return batches;
}
