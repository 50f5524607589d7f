/**
 * The memory of vector indexes, as the store's budget sees it.
 *
 * @module
 */
import type { MemoryPart } from "../../storage/engine/memory_budget.ts";
import type { HnswMethod } from "../access/hnsw_index.ts";
import type { IvfMethod } from "../access/ivf/ivf_index.ts";

/** What vector indexes hold. */
export function vectorMemory(
  { hnsw, ivf }: { readonly hnsw: HnswMethod; readonly ivf: IvfMethod },
): MemoryPart {
  return {
    name: "vector indexes",
    group: "user",
    bytes: () =>
      hnsw.states.values().reduce(
        (sum, { index }) => sum + index.byteLength,
        0,
      ) + ivf.states.values().reduce(
        (sum, { byteLength }) => sum + byteLength,
        0,
      ),
  };
}
