/**
 * Measures how many clusters have to be read for a recall: vectors of the index
 * are looked for in the {@linkcode PROBE_LADDER}'s last number of clusters, and
 * what was found there is where the nearest are.
 *
 * @module
 */
import { delay } from "../../../base/environment.ts";
import { isPromise } from "../../../base/maybe_promise.ts";
import type { LsmStore } from "../../../storage/engine/lsm_store.ts";
import type { SeededRandom } from "../../../vector/hnsw/seeded_random.ts";
import {
  MIN_RECALL,
  PROBE_LADDER,
  type ProbePoint,
  probesFor,
} from "../../../vector/ivf/probes.ts";
import type { AnyVector } from "../../../vector/distance/metric.ts";
import { lowerBound } from "../../../vector/segments/calibration.ts";
import { windowOf } from "../../../vector/ivf/code_windows.ts";
import type { Calibrated } from "./ivf_entries.ts";
import type { IvfState, LocatedVector } from "./ivf_state.ts";

/** Vectors that are looked for. */
const QUERIES = 64;
/** Of how many of the nearest by codes the vectors are looked at. */
const LOOKED = 1000;
/** A recall no point has to pass. */
const ENOUGH = 1 - (1 - MIN_RECALL) / 10;

/** What was measured. */
export type Measured = Pick<Calibrated, "points" | "windows">;

/** Measures; `undefined` if there was nothing, or it was stopped. */
export async function measureProbes(
  state: IvfState,
  store: LsmStore,
  random: SeededRandom,
  isStopped: () => boolean,
): Promise<Measured | undefined> {
  const searches: FoundRow[][] = [];
  for (let i = 0; i < QUERIES; i++) {
    if (isStopped()) return undefined;
    const query = await randomVector(state, store, random);
    await delay(store.config.environment, 0);
    if (query === undefined) continue;
    const found = await nearestByCluster(state, store, query);
    if (found.length > 0) searches.push(found);
  }
  if (searches.length === 0) return undefined;
  const nearest = searches.map((found) => nearestOf(found, 100));
  const points: ProbePoint[] = [];
  for (const probes of PROBE_LADDER) {
    const recall10 = lowerBound(
      nearest.map((found) => shareWithin(found.slice(0, 10), probes)),
    );
    const recall100 = lowerBound(
      nearest.map((found) => shareWithin(found, probes)),
    );
    points.push({ probes, recall10, recall100 });
    if (recall100 >= ENOUGH || probes >= state.clusters) break;
  }
  if (state.codes === undefined) return { points };
  const { clusters } = state;
  const windowAt = (k: number): number => {
    const probes = probesFor(points, { k, clusters });
    return windowOf(
      searches.flatMap((found) => placesByCode(found, k, probes)),
    );
  };
  const windows = { of10: windowAt(10), of100: windowAt(100) };
  return { points, windows };
}

/**
 * The share of the nearest `k` rows of a row of the index that a search finds; 1
 * where there is nothing to find. What is as far as the last of them counts.
 */
export async function recallOfOne(
  state: IvfState,
  store: LsmStore,
  random: SeededRandom,
  k: number,
): Promise<number> {
  const query = await randomVector(state, store, random);
  return query === undefined ? 1 : await recallOfQuery(state, store, query, k);
}

/**
 * The share of the nearest `k` rows of a query that a search finds, but for the
 * row that it is itself; 1 where there is nothing to find.
 */
export async function recallOfQuery(
  state: IvfState,
  store: LsmStore,
  query: { readonly vector: AnyVector; readonly locator?: number },
  k: number,
): Promise<number> {
  const snapshot = store.visibleSequence;
  const nearest = async (probes: number | undefined): Promise<number[]> => {
    const isExact = probes === Infinity;
    const cursor = await state.search(query.vector, {
      snapshot,
      probes,
      isExact,
    });
    const { locators, distances } = await cursor.next(k + 1);
    return [...distances].filter((_, i) => locators[i] !== query.locator)
      .slice(0, k);
  };
  const exact = await nearest(Infinity);
  const worst = exact.at(-1);
  if (worst === undefined) return 1;
  const found = await nearest(undefined);
  return found.filter((distance) => !(distance > worst)).length / exact.length;
}

/** A vector of a cluster, each cluster as likely as any other. */
async function randomVector(
  state: IvfState,
  store: LsmStore,
  random: SeededRandom,
): Promise<LocatedVector | undefined> {
  const { clusters } = state.centroids.newest;
  // Before the first centroids there is one cluster.
  const cluster = clusters.length === 0
    ? 0
    : clusters[random.below(clusters.length)]!;
  const rows: LocatedVector[] = [];
  const reading = state.reader.eachVector(
    cluster,
    store.visibleSequence,
    (locator, vector) => rows.push({ locator, vector }),
  );
  if (isPromise(reading)) await reading;
  return rows.length === 0 ? undefined : rows[random.below(rows.length)];
}

/** A row that a search came by. */
interface FoundRow {
  readonly locator: number;
  readonly cluster: number;
  /** Its cluster's place by nearness. */
  readonly rank: number;
  /** How far it is, by its code where there are codes … */
  readonly distance: number;
  /** … and by its vector. */
  exact: number;
}

/** The rows of the nearest clusters that are nearest by codes, or all. */
async function nearestByCluster(
  state: IvfState,
  store: LsmStore,
  { locator: own, vector }: LocatedVector,
): Promise<FoundRow[]> {
  const snapshot = store.visibleSequence;
  const most = PROBE_LADDER.at(-1)!;
  const found: FoundRow[] = [];
  await state.eachNearCluster(
    vector,
    snapshot,
    most,
    ({ locator, distance }, { cluster, rank }) => {
      if (locator === own) return;
      found.push({ locator, cluster, rank, distance, exact: distance });
    },
  );
  if (state.codes === undefined) return found;
  found.sort((a, b) => a.distance - b.distance);
  const coded = found.findIndex(({ distance }) => distance !== -Infinity);
  const looked = found.slice(0, Math.max(coded, 0) + LOOKED);
  const distances = await state.distancesOf(
    vector,
    snapshot,
    looked.map(({ locator }) => locator),
    looked.map(({ cluster }) => cluster),
  );
  looked.forEach((each, i) => each.exact = distances[i]!);
  return looked;
}

function nearestOf(found: readonly FoundRow[], k: number): FoundRow[] {
  return found.toSorted((a, b) => a.exact - b.exact).slice(0, k);
}

/** Where the nearest `k` of so many clusters are by their codes. */
function placesByCode(
  found: readonly FoundRow[],
  k: number,
  probes: number,
): number[] {
  const read = found.filter(({ rank }) => rank < probes);
  const nearest = new Set(nearestOf(read, k));
  const coded = read.filter(({ distance }) => distance !== -Infinity);
  return coded.flatMap((row, place) => nearest.has(row) ? [place] : []);
}

function shareWithin(found: readonly FoundRow[], probes: number): number {
  return found.filter(({ rank }) => rank < probes).length / found.length;
}
