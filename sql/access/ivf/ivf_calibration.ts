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
} from "../../../vector/ivf/probes.ts";
import type { AnyVector } from "../../../vector/distance/metric.ts";
import { lowerBound } from "../../../vector/segments/calibration.ts";
import type { IvfState, LocatedVector } from "./ivf_state.ts";

/** Vectors that are looked for. */
const QUERIES = 64;
/** A recall no point has to pass. */
const ENOUGH = 1 - (1 - MIN_RECALL) / 10;

/** The measured points; `undefined` if there was nothing, or it was stopped. */
export async function measureProbes(
  state: IvfState,
  store: LsmStore,
  random: SeededRandom,
  isStopped: () => boolean,
): Promise<ProbePoint[] | undefined> {
  const shares10: number[][] = PROBE_LADDER.map(() => []);
  const shares100: number[][] = PROBE_LADDER.map(() => []);
  for (let i = 0; i < QUERIES; i++) {
    if (isStopped()) return undefined;
    const query = await randomVector(state, store, random);
    await delay(store.config.environment, 0);
    if (query === undefined) continue;
    const found = await ranksOfNearest(state, store, query);
    if (found.length === 0) continue;
    PROBE_LADDER.forEach((probes, p) => {
      shares10[p]!.push(shareWithin(found.slice(0, 10), probes));
      shares100[p]!.push(shareWithin(found, probes));
    });
  }
  if (shares10[0]!.length === 0) return undefined;
  const points: ProbePoint[] = [];
  for (const [p, probes] of PROBE_LADDER.entries()) {
    const recall10 = lowerBound(shares10[p]!);
    const recall100 = lowerBound(shares100[p]!);
    points.push({ probes, recall10, recall100 });
    if (recall100 >= ENOUGH || probes >= state.clusters) break;
  }
  return points;
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
    const cursor = await state.search(query.vector, { snapshot, probes });
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
  const reading = state.eachVector(
    cluster,
    store.visibleSequence,
    (locator, vector) => rows.push({ locator, vector }),
  );
  if (isPromise(reading)) await reading;
  return rows.length === 0 ? undefined : rows[random.below(rows.length)];
}

/** In which cluster, counted by nearness, each of the nearest 100 is. */
async function ranksOfNearest(
  state: IvfState,
  store: LsmStore,
  { locator: own, vector }: LocatedVector,
): Promise<number[]> {
  const snapshot = store.visibleSequence;
  const most = PROBE_LADDER.at(-1)!;
  const found: { readonly distance: number; readonly rank: number }[] = [];
  await state.eachNearCluster(
    vector,
    snapshot,
    most,
    (rank, locator, distance) => {
      if (locator !== own) found.push({ distance, rank });
    },
  );
  found.sort((a, b) => a.distance - b.distance);
  return found.slice(0, 100).map(({ rank }) => rank);
}

function shareWithin(ranks: readonly number[], probes: number): number {
  return ranks.filter((rank) => rank < probes).length / ranks.length;
}
