/**
 * What the database says of its vector indexes: `lsm_recall`, and their part of
 * `lsm_s3_status`.
 *
 * @module
 */
import { delay } from "../../base/environment.ts";
import { codeBytesOf } from "../../vector/codes/product/product_codebook.ts";
import { CODE_HEAD_BYTES } from "../../vector/codes/product/product_coder.ts";
import type { AnyVector } from "../../vector/distance/metric.ts";
import type { RowForm } from "../../vector/hnsw/row_form.ts";
import { SeededRandom } from "../../vector/hnsw/seeded_random.ts";
import {
  givenRecall,
  sampleRecall,
} from "../../vector/segments/sample_recall.ts";
import { SparseVector } from "../../vector/types/sparse_vector.ts";
import type { HnswState } from "../access/hnsw_state.ts";
import { vectorOf } from "../access/indexed_vectors.ts";
import { recallOfOne, recallOfQuery } from "../access/ivf/ivf_calibration.ts";
import type { IvfState } from "../access/ivf/ivf_state.ts";
import type { IndexEntry, TableEntry } from "../catalog/entries.ts";
import { SqlError } from "../errors/sql_error.ts";
import type { ArrayValue, Nullable, SqlValue } from "../types/data_type.ts";
import type { DatabaseCore } from "./database_core.ts";

/** Rows that a measured search may be for. */
export const K_MAX = 1000;
/** Searches that may be measured. */
export const SAMPLES_MAX = 10_000;

/** Searches between two turns of everything else. */
const SEARCHES_A_TURN = 4;

/**
 * `lsm_recall(index, k, samples)`: the mean share of the nearest k rows that
 * searches of the index find, over so many of its own rows; 1 where every row is
 * looked at. `lsm_recall(index, k, queries)`: over the vectors of an array.
 *
 * @throws {SqlError} `42704` for no such index, `42809` for one of another kind,
 * `22023` for numbers out of range, `42804` for an array of something else.
 */
export async function recallOf(
  core: DatabaseCore,
  args: readonly Nullable[],
): Promise<number> {
  const [name, k = 10, asked = 100] = args as [string, number?, Nullable?];
  const given = typeof asked === "number" ? undefined : itemsOf(asked);
  const samples = given?.length ?? asked as number;
  checkRange("k", k, K_MAX);
  if (samples > 0 || given === undefined) {
    checkRange(
      given === undefined ? "samples" : "queries",
      samples,
      SAMPLES_MAX,
    );
  }
  const { index, table } = vectorIndexNamed(core, name);
  const { environment } = core;
  const seed = Math.floor(environment.random() * 0x1_0000_0000);
  if (index.accessMethod === core.ivf.name) {
    const state = await core.ivf.state(index, table);
    if (state === undefined) return 1;
    const queries = given && queriesOf(given, state.form);
    const random = new SeededRandom(seed);
    let sum = 0;
    for (let i = 0; i < samples; i++) {
      sum += queries === undefined
        ? await recallOfOne(state, core.store, random, k)
        : await recallOfQuery(state, core.store, { vector: queries[i]! }, k);
      await delay(environment, 0);
    }
    return samples === 0 ? 1 : sum / samples;
  }
  const state = await core.hnsw.state(index, table);
  if (state === undefined) return 1;
  const queries = given && queriesOf(given, state.index.form);
  const shares = queries === undefined
    ? sampleRecall(state.index, { k, samples, seed })
    : givenRecall(state.index, queries, { k });
  let sum = 0;
  let count = 0;
  for await (const share of shares) {
    sum += share;
    if (++count % SEARCHES_A_TURN === 0) await delay(environment, 0);
  }
  return count === 0 ? 1 : sum / count;
}

/** The items of an array that are not NULL. */
function itemsOf(array: Nullable): SqlValue[] {
  const { elements } = array as ArrayValue;
  return elements.filter((each) => each !== null);
}

/** Values as queries of an index. */
function queriesOf(items: readonly SqlValue[], form: RowForm): AnyVector[] {
  return items.map((item) => {
    const isOne = form.element === "bit"
      ? typeof item === "string"
      : form.element === "sparse"
      ? item instanceof SparseVector
      : item instanceof Float32Array;
    if (isOne) return form.queryOf(vectorOf(item));
    throw new SqlError(
      "42804",
      "lsm_recall: queries must be of the type of the indexed column",
    );
  });
}

/** Fails (22023) for a number that is out of range. */
export function checkRange(name: string, value: number, most: number): void {
  if (value >= 1 && value <= most) return;
  throw new SqlError(
    "22023",
    `lsm_recall: ${name} must be between 1 and ${most}`,
  );
}

/** The vector index of a name. */
export function vectorIndexNamed(
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
  const { form, rows, centroids, clusters, byteLength, calibration } = state;
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
    cachedClusters: state.cachedClusters,
    bytes: byteLength,
    ...codeStatus(state),
  };
}

/** What there is to say of codes. */
function codeStatus(
  state: IvfState,
): Record<string, unknown> {
  const { codes, form } = state;
  if (codes === undefined) return { quantization: "none" };
  return {
    quantization: "pq",
    parts: codes.parts,
    codeBytesPerVector: CODE_HEAD_BYTES + codeBytesOf(codes.parts),
    vectorBytesPerVector: form.storedBytes,
    trainedRows: codes.coder?.codebook.trained ?? 0,
    window: state.windowFor(10),
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
