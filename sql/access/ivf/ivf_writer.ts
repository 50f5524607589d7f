/**
 * The entries of rows in a clustered index, written with the rows.
 *
 * Nothing here is checked for conflicts, as the rows are: whoever moves vectors
 * between clusters meanwhile gives way (`ivf_maintenance.ts`). A row may then
 * have a vector left in a cluster it went from. A search gives a row once, with
 * the distance of its own vector, and the next division of that cluster takes
 * the vector away.
 *
 * @module
 */
import {
  isPromise,
  type MaybePromise,
  then,
} from "../../../base/maybe_promise.ts";
import { invariant } from "../../../base/invariant.ts";
import {
  NO_CODE,
  type ProductCoder,
} from "../../../vector/codes/product/product_coder.ts";
import type { AnyVector } from "../../../vector/distance/metric.ts";
import type {
  CentroidSet,
  CentroidVersion,
} from "../../../vector/ivf/centroid_set.ts";
import { type Column, valueAt } from "../../chunk/chunk.ts";
import type { Transaction } from "../../transaction/transaction.ts";
import { vectorOf } from "../indexed_vectors.ts";
import { decodePlace, encodePlace, type IvfEntries } from "./ivf_entries.ts";

/** Which clusters there are for a transaction. */
export interface Clusters {
  readonly set: CentroidSet;
  readonly version: CentroidVersion;
  /** What makes codes, if something does by now. */
  readonly coder: ProductCoder | undefined;
}

/** The code of a vector in the cluster at a place; -1: there is none yet. */
export function codeIn(
  { set, version, coder }: Clusters,
  place: number,
  vector: AnyVector,
): Uint8Array {
  if (coder === undefined || place < 0) return NO_CODE;
  const frame = set.frameAt(version, place, coder);
  return coder.code(vector as Float32Array, frame);
}

/** Rows of a column, and where each is. */
export interface WrittenRows {
  readonly column: Column;
  /** Which of its rows. */
  readonly rows: ArrayLike<number>;
  readonly locators: ArrayLike<number>;
}

/** Writes entries for a transaction. */
export class IvfWriter {
  readonly #transaction: Transaction;
  readonly #entries: IvfEntries;
  readonly #clusters: Clusters;

  /** A writer into clusters as the transaction sees them. */
  constructor(
    transaction: Transaction,
    entries: IvfEntries,
    clusters: Clusters,
  ) {
    this.#transaction = transaction;
    this.#entries = entries;
    this.#clusters = clusters;
  }

  /** Adds vectors, or puts others in the place of those that were removed. */
  put(
    { column, rows, locators }: WrittenRows,
    before?: readonly (number | undefined)[],
  ): void {
    const transaction = this.#transaction;
    const entries = this.#entries;
    const clusters = this.#clusters;
    const { set, version } = clusters;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!;
      const tid = locators[i]!;
      const value = valueAt(column, row);
      invariant(value !== null, "an entry for a row without a vector");
      const vector = vectorOf(value);
      const place = set.nearest(version, vector);
      const cluster = version.clusters[place] ?? 0;
      const bytes = entries.encodeVector(column, row);
      const isNew = before?.[i] !== cluster;
      transaction.put(entries.vectorKey(cluster, tid), bytes, false);
      if (entries.isCoded) {
        const code = codeIn(clusters, place, vector);
        transaction.put(entries.codeKey(cluster, tid), code, false);
      }
      transaction.put(
        entries.placeKey(tid),
        encodePlace({ cluster, isNew }),
        false,
      );
    }
  }

  /**
   * Removes the vectors of rows, and where they are; gives the clusters they
   * were in.
   */
  remove(
    tids: readonly number[],
  ): MaybePromise<readonly (number | undefined)[]> {
    const transaction = this.#transaction;
    const entries = this.#entries;
    return then(this.#places(tids), (clusters) => {
      tids.forEach((tid, i) => {
        const cluster = clusters[i];
        if (cluster === undefined) return;
        transaction.delete(entries.vectorKey(cluster, tid), false);
        transaction.delete(entries.placeKey(tid), false);
        if (entries.isCoded) {
          transaction.delete(entries.codeKey(cluster, tid), false);
        }
      });
      return clusters;
    });
  }

  /** The clusters of rows as they are now, whatever the snapshot. */
  #places(
    tids: readonly number[],
  ): MaybePromise<readonly (number | undefined)[]> {
    const clusterOf = (bytes: Uint8Array | undefined): number | undefined =>
      bytes && decodePlace(bytes).cluster;
    const found = tids.map((tid) =>
      then(
        this.#transaction.getNewest(this.#entries.placeKey(tid)),
        clusterOf,
      )
    );
    return found.some(isPromise)
      ? Promise.all(found)
      : found as (number | undefined)[];
  }
}
