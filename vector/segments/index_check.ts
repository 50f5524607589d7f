/**
 * The rules of an index's entries, as a walk over all of them.
 *
 * @module
 */
import type { VectorEntry, VectorIndex } from "./vector_index.ts";

/**
 * What is wrong with an index: two versions of a row visible to one snapshot,
 * or a version that ends before it begins; `undefined` if nothing is.
 */
export function indexProblem(index: VectorIndex): string | undefined {
  const byLocator = new Map<number, VectorEntry[]>();
  for (const entry of index.entries()) {
    if (entry.end < entry.begin) {
      return `version of ${entry.locator} from ${entry.begin} to ${entry.end}`;
    }
    if (entry.end === entry.begin) continue;
    const versions = byLocator.get(entry.locator);
    if (versions === undefined) byLocator.set(entry.locator, [entry]);
    else versions.push(entry);
  }
  for (const [locator, versions] of byLocator) {
    versions.sort((a, b) => a.begin - b.begin);
    for (let i = 1; i < versions.length; i++) {
      if (versions[i - 1]!.end > versions[i]!.begin) {
        return `two versions of ${locator} at ${versions[i]!.begin}`;
      }
    }
  }
  return undefined;
}
