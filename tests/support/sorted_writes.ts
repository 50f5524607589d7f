/**
 * Writes in the order of their keys, as transactions larger than memory commit
 * them.
 *
 * @module
 */
import { bytes } from "./lsm_contents.ts";
import type { BatchRange } from "../../storage/engine/write_batch.ts";
import type { SortedWrites } from "../../storage/engine/sorted_writes.ts";
import { Memtable } from "../../storage/memtable/memtable.ts";
import { KIND_DELETE, KIND_PUT } from "../../storage/mvcc/internal_key.ts";
import { NewestVersions } from "../../storage/spill/newest_versions.ts";

/** The writes of a map (`undefined`: the key is removed), after `ranges`. */
export function sortedWrites(
  writes: ReadonlyMap<string, string | undefined>,
  ranges: readonly BatchRange[],
  checked: boolean,
): SortedWrites {
  const memtable = new Memtable();
  let sequence = 0;
  for (const [key, value] of writes) {
    const kind = value === undefined ? KIND_DELETE : KIND_PUT;
    memtable.insert(bytes(key), bytes(value ?? ""), ++sequence, kind);
  }
  return {
    ranges,
    hasChecked: checked,
    read: () =>
      Object.assign(
        new NewestVersions({
          sources: [memtable.runs({})],
          range: {},
          sequenceMax: Infinity,
        }),
        { checked },
      ),
  };
}
