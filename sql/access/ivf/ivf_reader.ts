/**
 * Reads the entries of a clustered index from the tree.
 *
 * @module
 */
import { KriyaError } from "../../../base/errors.ts";
import {
  isPromise,
  type MaybePromise,
  then,
} from "../../../base/maybe_promise.ts";
import type { LsmStore } from "../../../storage/engine/lsm_store.ts";
import type { EntryRun } from "../../../storage/mvcc/entry_run.ts";
import type { AnyVector } from "../../../vector/distance/metric.ts";
import type { Centroid } from "../../../vector/ivf/centroid_set.ts";
import { decodePlace, type IvfEntries, type Range } from "./ivf_entries.ts";

/** Reads one index's entries, as of a sequence. */
export class IvfReader {
  readonly #store: LsmStore;
  readonly #entries: IvfEntries;

  /** A reader of entries in a store. */
  constructor(store: LsmStore, entries: IvfEntries) {
    this.#store = store;
    this.#entries = entries;
  }

  /** Visits the vectors of a cluster, by tuple id. */
  eachVector(
    cluster: number,
    sequence: number,
    visit: (locator: number, vector: AnyVector) => void,
    from = 0,
  ): MaybePromise<void> {
    const entries = this.#entries;
    const { start, end } = entries.vectorsOf(cluster);
    const range = from === 0
      ? { start, end }
      : { start: entries.vectorKey(cluster, from), end };
    return this.#scan(range, sequence, (run, i) => {
      const entry = entries.entryOf(
        run.keys,
        run.keyStarts[i]!,
        run.keyEnds[i]!,
      );
      if (entry?.kind !== "vector") return;
      const vector = entries.decodeVector(
        run.values,
        run.valueStarts[i]!,
        run.valueEnds[i]!,
      );
      visit(entry.tid, vector);
    });
  }

  /** Visits codes: those of a cluster, by tuple id, or all. */
  eachCode(
    cluster: number | undefined,
    sequence: number,
    visit: (locator: number, code: Uint8Array, cluster: number) => void,
  ): MaybePromise<void> {
    const entries = this.#entries;
    const range = cluster === undefined
      ? entries.codes
      : entries.codesOf(cluster);
    return this.#scan(range, sequence, (run, i) => {
      const entry = entries.entryOf(
        run.keys,
        run.keyStarts[i]!,
        run.keyEnds[i]!,
      );
      if (entry?.kind !== "code") return;
      const { values, valueStarts, valueEnds } = run;
      const code = values.slice(valueStarts[i]!, valueEnds[i]!);
      visit(entry.tid, code, entry.cluster);
    });
  }

  /**
   * The vectors of rows in clusters.
   *
   * @throws {KriyaError} of kind `corrupt` where one is missing: it is written
   * with its code.
   */
  vectorsAt(
    locators: ArrayLike<number>,
    clusters: ArrayLike<number>,
    sequence: number,
  ): MaybePromise<AnyVector[]> {
    const entries = this.#entries;
    const keys = Array.from(
      { length: locators.length },
      (_, i) => entries.vectorKey(clusters[i]!, locators[i]!),
    );
    return then(
      this.#store.getMany(keys, sequence),
      (values) =>
        values.map((bytes, i) => {
          if (bytes !== undefined) {
            return entries.decodeVector(bytes, 0, bytes.length);
          }
          throw new KriyaError(
            "corrupt",
            `Cannot find the vector of row ${locators[i]} in cluster ${
              clusters[i]
            } of a vector index: its code is there`,
          );
        }),
    );
  }

  /** The centroids. */
  async centroids(sequence: number): Promise<Centroid[]> {
    const entries = this.#entries;
    const centroids: Centroid[] = [];
    await this.#scan(entries.centroids, sequence, (run, i) => {
      const entry = entries.entryOf(
        run.keys,
        run.keyStarts[i]!,
        run.keyEnds[i]!,
      );
      if (entry?.kind !== "centroid") return;
      const bytes = run.values.subarray(run.valueStarts[i]!, run.valueEnds[i]!);
      centroids.push(entries.decodeCentroid(entry.cluster, bytes));
    });
    return centroids;
  }

  /** How many vectors each cluster has. */
  async countClusters(): Promise<Map<number, number>> {
    const counts = new Map<number, number>();
    const sequence = this.#store.visibleSequence;
    await this.#scan(this.#entries.places, sequence, (run, i) => {
      const bytes = run.values.subarray(run.valueStarts[i]!, run.valueEnds[i]!);
      const { cluster } = decodePlace(bytes);
      counts.set(cluster, (counts.get(cluster) ?? 0) + 1);
    });
    return counts;
  }

  /** Visits the entries of a range as of a sequence; at once from memory. */
  #scan(
    { start, end }: Range,
    snapshot: number,
    visit: (run: EntryRun, i: number) => void,
  ): MaybePromise<void> {
    const scan = this.#store.scan({ start, end, snapshot });
    const visitRun = (run: EntryRun): void => {
      for (let i = 0; i < run.count; i++) visit(run, i);
    };
    const rest = async (
      first: Promise<EntryRun | undefined>,
    ): Promise<void> => {
      try {
        for (let run = await first; run; run = await scan.next()) visitRun(run);
      } finally {
        scan.close();
      }
    };
    let waits = false;
    try {
      for (;;) {
        const next = scan.next();
        if (isPromise(next)) {
          waits = true;
          return rest(next);
        }
        if (next === undefined) return;
        visitRun(next);
      }
    } finally {
      if (!waits) scan.close();
    }
  }
}
