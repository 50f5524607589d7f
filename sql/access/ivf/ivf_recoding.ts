/**
 * The background work on codes: the codebook is made once there are rows enough,
 * again when there are many more, and codes that are of no use any more are made
 * again, cluster by cluster.
 *
 * @module
 */
import { isPromise } from "../../../base/maybe_promise.ts";
import type { LsmStore } from "../../../storage/engine/lsm_store.ts";
import type { AnyVector } from "../../../vector/distance/metric.ts";
import type { SeededRandom } from "../../../vector/hnsw/seeded_random.ts";
import type { Transaction } from "../../transaction/transaction.ts";
import {
  codebookSample,
  trainCodebook,
  wantsCodebook,
} from "./ivf_codebook.ts";
import type { CodesDefinition } from "./ivf_codes.ts";
import { decodePlace, encodePlace } from "./ivf_entries.ts";
import type { IvfState, LocatedVector } from "./ivf_state.ts";
import { codeIn } from "./ivf_writer.ts";

/** Codes of no use that a cluster may have, and the share of its rows. */
const STALE_MIN = 8;
const STALE_SHARE = 0.05;
/** Rows that one transaction looks at. */
const ROWS_A_STEP = 8192;

/** What codes are kept in order with. */
export interface CodeMaintenanceOptions {
  readonly store: LsmStore;
  readonly state: IvfState;
  readonly definition: CodesDefinition;
  readonly random: SeededRandom;
  /** Commits what is written, again when somebody was first. */
  readonly write: (
    work: (transaction: Transaction) => void | Promise<void>,
  ) => Promise<void>;
}

/** Keeps the codes of one index in order. */
export class CodeMaintenance {
  readonly #options: CodeMaintenanceOptions;
  /** Codes of no use by cluster, as far as is known. */
  #stale = new Map<number, number>();
  /** Whether making a codebook failed: there are not enough different rows. */
  #triedAt = 0;

  /** Nothing is done by itself. */
  constructor(options: CodeMaintenanceOptions) {
    this.#options = options;
  }

  /** Counts codes of no use. */
  async look(): Promise<void> {
    const { centroids, codes } = this.#options.state;
    this.#stale = await codes!.countStale(centroids, centroids.newest);
  }

  /** What is most needed, if anything is. */
  nextStep(
    rows: number,
    counts: ReadonlyMap<number, number>,
  ): (() => Promise<void>) | undefined {
    const { state } = this.#options;
    const { dims } = state.form;
    const trained = state.codes!.coder?.codebook.trained;
    const hasClusters = state.centroids.newest.clusters.length > 0;
    const isDue = hasClusters && wantsCodebook(rows, trained, dims);
    if (isDue && rows > this.#triedAt * 2) return () => this.#train(rows);
    for (const [cluster, stale] of this.#stale) {
      if (
        stale < STALE_MIN || stale < STALE_SHARE * (counts.get(cluster) ?? 0)
      ) continue;
      return () => this.#recode(cluster);
    }
  }

  async #train(rows: number): Promise<void> {
    const { store, state, definition, random, write } = this.#options;
    const { centroids: set, entries, form: { dims } } = state;
    this.#triedAt = rows;
    const version = set.newest;
    const codebook = await trainCodebook({
      vectors: await this.#sample(rows),
      set,
      version,
      codes: definition,
      dims,
      random,
      environment: store.config.environment,
    });
    if (codebook === undefined) return;
    await write((transaction) =>
      transaction.put(entries.codebookKey(), codebook.encode(), true)
    );
    await this.look();
  }

  /** Vectors of all clusters, about as many of each as its share. */
  async #sample(rows: number): Promise<AnyVector[]> {
    const { store, state, random } = this.#options;
    const wanted = codebookSample(state.form.dims);
    const vectors: AnyVector[] = [];
    for (const cluster of state.centroids.newest.clusters) {
      const reading = state.reader.eachVector(
        cluster,
        store.visibleSequence,
        (_, vector) => {
          if (random.below(rows) < 1.2 * wanted) vectors.push(vector);
        },
      );
      if (isPromise(reading)) await reading;
    }
    return vectors;
  }

  /** Makes the codes of a cluster again. */
  async #recode(cluster: number): Promise<void> {
    const { state, write } = this.#options;
    this.#stale.delete(cluster);
    let from = 0;
    do {
      let next = 0;
      await write(async (transaction) => {
        const rows: LocatedVector[] = [];
        const reading = state.reader.eachVector(
          cluster,
          transaction.snapshotSequence,
          (locator, vector) => {
            if (rows.length < ROWS_A_STEP) rows.push({ locator, vector });
          },
          from,
        );
        if (isPromise(reading)) await reading;
        next = rows.length === ROWS_A_STEP ? rows.at(-1)!.locator + 1 : 0;
        await this.#encode(transaction, cluster, rows);
      });
      from = next;
    } while (from > 0);
  }

  async #encode(
    transaction: Transaction,
    cluster: number,
    rows: readonly LocatedVector[],
  ): Promise<void> {
    const { entries, centroids: set, codes } = this.#options.state;
    const version = set.newest;
    const clusters = { set, version, coder: codes!.coder };
    const at = version.clusters.indexOf(cluster);
    const places = await transaction.getMany(
      rows.map(({ locator }) => entries.placeKey(locator)),
    );
    rows.forEach(({ locator, vector }, i) => {
      const bytes = places[i];
      if (bytes === undefined || decodePlace(bytes).cluster !== cluster) return;
      const code = codeIn(clusters, at, vector);
      transaction.put(entries.codeKey(cluster, locator), code, false);
      // Fails if the row was changed meanwhile.
      const place = encodePlace({ cluster, isNew: false });
      transaction.put(entries.placeKey(locator), place, true);
    });
  }
}
