/**
 * What the database says of its vector indexes: `lsm_recall`, and their part of
 * `lsm_s3_status`.
 *
 * @module
 */
import { delay } from "../../base/environment.ts";
import { SeededRandom } from "../../vector/hnsw/seeded_random.ts";
import { sampleRecall } from "../../vector/segments/sample_recall.ts";
import type { HnswState } from "../access/hnsw_state.ts";
import { recallOfOne } from "../access/ivf/ivf_calibration.ts";
import type { IvfState } from "../access/ivf/ivf_state.ts";
import type { IndexEntry, TableEntry } from "../catalog/entries.ts";
import { SqlError } from "../errors/sql_error.ts";
import type { Nullable } from "../types/data_type.ts";
import type { DatabaseCore } from "./database_core.ts";

/** Bounds of what can be asked for. */
const K_MAX = 1000;
const SAMPLES_MAX = 10_000;

/** Searches between two turns of everything else. */
const SEARCHES_A_TURN = 4;

/**
 * `lsm_recall(index, k, samples)`: the mean share of the nearest k rows that
 * searches of the index find, over so many of its own rows; 1 where every row is
 * looked at.
 *
 * @throws {SqlError} `42704` for no such index, `42809` for one of another kind,
 * `22023` for numbers out of range.
 */
export async function recallOf(
  core: DatabaseCore,
  args: readonly Nullable[],
): Promise<number> {
  const [name, k = 10, samples = 100] = args as [string, number?, number?];
  checkRange("k", k, K_MAX);
  checkRange("samples", samples, SAMPLES_MAX);
  const { index, table } = vectorIndexNamed(core, name);
  const { environment } = core;
  const seed = Math.floor(environment.random() * 0x1_0000_0000);
  let sum = 0;
  let count = 0;
  if (index.accessMethod === core.ivf.name) {
    const state = await core.ivf.state(index, table);
    if (state === undefined) return 1;
    const random = new SeededRandom(seed);
    for (; count < samples; count++) {
      sum += await recallOfOne(state, core.store, random, k);
      await delay(environment, 0);
    }
    return sum / count;
  }
  const state = await core.hnsw.state(index, table);
  if (state === undefined) return 1;
  for await (const share of sampleRecall(state.index, { k, samples, seed })) {
    sum += share;
    if (++count % SEARCHES_A_TURN === 0) await delay(environment, 0);
  }
  return count === 0 ? 1 : sum / count;
}

function checkRange(name: string, value: number, most: number): void {
  if (value >= 1 && value <= most) return;
  throw new SqlError(
    "22023",
    `lsm_recall: ${name} must be between 1 and ${most}`,
  );
}

function vectorIndexNamed(
  { catalog, hnsw, ivf }: DatabaseCore,
  name: string,
): { readonly index: IndexEntry; readonly table: TableEntry } {
  const wanted = [hnsw.name, ivf.name].flatMap((method) =>
    catalog.committed.indexesUsing(method)
  ).find((index) =>
    index.name === name || `${index.schema}.${index.name}` === name
  );
  const table = wanted && catalog.committed.relationById(wanted.tableId);
  if (wanted !== undefined && table?.kind === "table") {
    return { index: wanted, table };
  }
  for (const entry of catalog.committed.relations()) {
    if (entry.name === name) {
      throw new SqlError("42809", `"${name}" is not a vector index`);
    }
  }
  throw new SqlError("42704", `index "${name}" does not exist`);
}

/** An open clustered index, for `lsm_s3_status`. */
export function clusteredIndexStatus(
  storageId: number,
  state: IvfState,
): Record<string, unknown> {
  const { form, rows, centroids, clusters, cache, byteLength, calibration } =
    state;
  return {
    storageId,
    element: form.element,
    metric: form.metric,
    dimensions: form.dims,
    rows,
    clusters,
    closedClusters: centroids.newest.states.filter((each) => each === "closed")
      .length,
    probes: state.probesFor(10),
    calibratedRows: calibration.rows,
    cachedClusters: cache.size,
    bytes: byteLength,
  };
}

/** An open index, for `lsm_s3_status`. */
export function vectorIndexStatus(
  storageId: number,
  { index, objectBytes }: Pick<HnswState, "index" | "objectBytes">,
  horizon: number,
): Record<string, unknown> {
  const facts = index.facts(horizon);
  const sealedRows = facts.reduce((sum, { entries }) => sum + entries, 0);
  const dead = facts.reduce((sum, each) => sum + each.dead, 0);
  const perVector = (bytes: number): number =>
    index.count === 0 ? 0 : Math.round(bytes / index.count);
  const unread = index.sealed.reduce(
    (sum, { stored, count }) => stored === undefined ? sum : sum + count,
    0,
  );
  return {
    storageId,
    element: index.form.element,
    metric: index.metric,
    dimensions: index.dims,
    rows: index.count,
    liveRows: index.liveCount,
    segments: index.sealed.length,
    bytes: index.byteLength,
    bytesPerVector: perVector(index.byteLength),
    storedBytes: objectBytes,
    storedBytesPerVector: perVector(objectBytes),
    rowsLeftInBucket: unread,
    deadShare: sealedRows === 0 ? 0 : dead / sealedRows,
  };
}
