/**
 * The recall that an index has now: rows of its own as queries, or queries that
 * are given, found as searches find them, and exactly.
 *
 * @module
 */
import type { AnyVector } from "../distance/metric.ts";
import { SeededRandom } from "../hnsw/seeded_random.ts";
import type { BatchedSearch } from "./index_options.ts";
import type { SealedSegment } from "./sealed_segment.ts";
import type { VectorIndex } from "./vector_index.ts";

/** How it is measured. */
export interface RecallSearch {
  /** How many rows each search is for. */
  readonly k: number;
  /** How searches are made, but for how many rows they are for. */
  readonly search?: Pick<
    BatchedSearch,
    "snapshot" | "ef" | "minRecall" | "only"
  >;
}

/** What is measured. */
export interface RecallSample extends RecallSearch {
  /** How many searches. */
  readonly samples: number;
  /** Where chance comes from. */
  readonly seed: number;
}

/**
 * The share of the nearest `k` rows of rows of the index that its searches find,
 * search by search; equals count as found, and a row does not count as its own
 * neighbour. Gives nothing where there is no graph, for then all are found. Of one
 * segment, rows and what is found are of that segment.
 */
export async function* sampleRecall(
  index: VectorIndex,
  { samples, seed, ...how }: RecallSample,
): AsyncGenerator<number, void> {
  const random = new SeededRandom(seed);
  const only = how.search?.only;
  const sealed = only === undefined
    ? index.sealed.filter(({ count }) => count > 0)
    : [only];
  const total = sealed.reduce((sum, { count }) => sum + count, 0);
  if (total === 0) return;
  for (let i = 0; i < samples; i++) {
    const { segment, ordinal } = rowAt(sealed, random.below(total));
    const query = await vectorOf(segment, ordinal);
    if (query === undefined) continue;
    const own = segment.versions.locatorOf(ordinal);
    const share = await recallOfSearch(index, query, how, own);
    if (share !== undefined) yield share;
  }
}

/** The same of queries that are given; 1 where there is nothing to find. */
export async function* givenRecall(
  index: VectorIndex,
  queries: readonly AnyVector[],
  how: RecallSearch,
): AsyncGenerator<number, void> {
  for (const query of queries) {
    yield await recallOfSearch(index, query, how) ?? 1;
  }
}

/** The share that a search finds; `undefined` where there is no row but `own`. */
async function recallOfSearch(
  index: VectorIndex,
  query: AnyVector,
  { k, search = {} }: RecallSearch,
  own?: number,
): Promise<number | undefined> {
  const wanted = own === undefined ? k : k + 1;
  const distances = async (plan: "auto" | "exact"): Promise<number[]> => {
    const options = { ...search, k: wanted, plan };
    const batch = await index.search(query, options).read(wanted);
    return [...batch.distances].filter((_, j) => batch.locators[j] !== own)
      .slice(0, k);
  };
  const exact = await distances("exact");
  const worst = exact.at(-1);
  if (worst === undefined) return undefined;
  // Kernels round alike; what is as far as the last one counts.
  const found = await distances("auto");
  return found.filter((distance) => !(distance > worst)).length / exact.length;
}

/** The vector of a row; `undefined` for one without direction. */
async function vectorOf(
  { memory, stored }: SealedSegment,
  ordinal: number,
): Promise<AnyVector | undefined> {
  if (stored !== undefined) {
    const [row] = await stored.read(Uint32Array.of(ordinal));
    // Nothing comes between this and reading it: the window is everybody's.
    memory.setStoredRow(0, row!);
  }
  const at = stored === undefined ? ordinal : 0;
  return memory.isNowhere(at) ? undefined : memory.vectorAt(at);
}

/** Row `place` of all segments, one after the other. */
function rowAt(
  segments: readonly SealedSegment[],
  place: number,
): { readonly segment: SealedSegment; readonly ordinal: number } {
  let rest = place;
  for (const segment of segments) {
    if (rest < segment.count) return { segment, ordinal: rest };
    rest -= segment.count;
  }
  return { segment: segments[0]!, ordinal: 0 };
}
