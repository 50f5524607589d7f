/**
 * The background work of a clustered index: clusters that have grown are divided,
 * those that have shrunk are given up, and how many have to be read for a recall
 * is measured again.
 *
 * Each step is a transaction of its own. It moves vectors on condition that where
 * they are is unchanged since its snapshot; if somebody was first, it is made
 * again. A cluster that is divided in several steps is `draining` meanwhile: every
 * search reads it.
 *
 * @module
 */
import { delay, type Timer } from "../../../base/environment.ts";
import { KriyaError } from "../../../base/errors.ts";
import { isPromise } from "../../../base/maybe_promise.ts";
import type { LsmStore } from "../../../storage/engine/lsm_store.ts";
import { SeededRandom } from "../../../vector/hnsw/seeded_random.ts";
import type { Centroid } from "../../../vector/ivf/centroid_set.ts";
import type { Transaction } from "../../transaction/transaction.ts";
import { rowsPerCluster, trainCentroids, VectorSample } from "./ivf_build.ts";
import { measureProbes } from "./ivf_calibration.ts";
import type { IvfDefinition } from "./ivf_definition.ts";
import { decodePlace, encodeCalibration, encodePlace } from "./ivf_entries.ts";
import type { IvfState, LocatedVector } from "./ivf_state.ts";
import type { IvfHost } from "./ivf_host.ts";
import { CodeMaintenance } from "./ivf_recoding.ts";
import { codeIn } from "./ivf_writer.ts";

/** A cluster with so many times the rows it should have is divided. */
const DIVIDE_ABOVE = 2;
/** One with less than this share of them is given up. */
const GIVE_UP_BELOW = 1 / 8;
/** Clusters that one becomes, at most. */
const WAYS_MAX = 64;
/** Rows that one transaction looks at. */
const ROWS_A_STEP = 8192;
/** How often a step is made again when somebody was first. */
const ATTEMPTS_MAX = 5;
/** Ms after a commit at which an index is looked at. */
const DELAY_MS = 50;
/** A cluster is let be until its rows are so many times more, or fewer. */
const CHANGED_MIN = 1.25;
/** Steps of one round, and as many for each cluster. */
const STEPS_MIN = 4;
/** The share of rows that have to have come or gone for another measurement. */
const CHANGED_ENOUGH = 0.25;

/** Keeps one index in order. */
export class IvfMaintenance {
  readonly #store: LsmStore;
  readonly #host: IvfHost;
  readonly #state: IvfState;
  readonly #definition: IvfDefinition;
  readonly #random: SeededRandom;
  readonly #codes: CodeMaintenance | undefined;
  /** Vectors by cluster, once they were counted. */
  #counts: Map<number, number> | undefined;
  /** What changed while they were counted. */
  #deltas: ReadonlyMap<number, number>[] = [];
  /** How many vectors clusters had when they were last worked on. */
  readonly #left = new Map<number, number>();
  /** Vectors that came to clusters or went since the last measurement. */
  #changed = 0;
  /** Whether what is committed is our own. */
  #writing = false;
  #timer: Timer | undefined;
  #running: Promise<void> | undefined;
  #again = false;
  #closed = false;

  /** Nothing is done before the first commit, or {@linkcode consider}. */
  constructor(
    store: LsmStore,
    host: IvfHost,
    state: IvfState,
    definition: IvfDefinition,
  ) {
    this.#store = store;
    this.#host = host;
    this.#state = state;
    this.#definition = definition;
    const { environment } = store.config;
    const seed = Math.floor(environment.random() * 0x1_0000_0000);
    this.#random = new SeededRandom(seed);
    const { codes } = definition;
    this.#codes = codes && new CodeMaintenance({
      store,
      state,
      definition: codes,
      random: this.#random,
      write: (work) => this.#write(work),
    });
    state.onCounts = (counts) => this.#count(counts);
  }

  /** Counts what a commit changed. */
  #count(deltas: ReadonlyMap<number, number>): void {
    if (deltas.size === 0) return;
    if (this.#counts === undefined) this.#deltas.push(deltas);
    else addTo(this.#counts, deltas);
    if (this.#writing) return;
    for (const delta of deltas.values()) this.#changed += Math.abs(delta);
    this.consider();
  }

  /** Looks at the index a little later. */
  consider(): void {
    if (this.#closed || this.#timer !== undefined) return;
    if (this.#running !== undefined) {
      this.#again = true;
      return;
    }
    this.#timer = this.#store.config.environment.setTimer(
      () => this.#start(),
      DELAY_MS,
      { background: true },
    );
  }

  #start(): void {
    this.#timer = undefined;
    if (this.#closed) return;
    this.#again = false;
    // What fails is tried again after the next commit.
    this.#running = this.#work().catch(() => {}).finally(() => {
      this.#running = undefined;
      if (this.#again) this.consider();
    });
  }

  /** Resolves when there is nothing to do. */
  async settle(): Promise<void> {
    while (this.#timer !== undefined || this.#running !== undefined) {
      if (this.#timer !== undefined) {
        this.#timer.cancel();
        this.#start();
      }
      await this.#running;
    }
  }

  /** Stops; resolves once the step under way is done. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#state.onCounts = undefined;
    await this.#running;
  }

  async #work(): Promise<void> {
    if (this.#counts === undefined) {
      const counts = await this.#state.reader.countClusters();
      for (const deltas of this.#deltas) addTo(counts, deltas);
      this.#deltas = [];
      this.#counts = counts;
      await this.#codes?.look();
    }
    const steps = STEPS_MIN + this.#state.clusters;
    for (let i = 0; i < steps; i++) {
      if (this.#closed) return;
      const step = this.#nextStep() ??
        this.#codes?.nextStep(this.#rows, this.#counts);
      if (step === undefined) break;
      await step();
      await delay(this.#store.config.environment, 0);
    }
    await this.#calibrate();
  }

  get #rows(): number {
    let rows = 0;
    for (const count of this.#counts!.values()) rows += count;
    return rows;
  }

  /** What is most needed, if anything is. */
  #nextStep(): (() => Promise<void>) | undefined {
    const counts = this.#counts!;
    const { clusters, states } = this.#state.centroids.newest;
    const wanted = rowsPerCluster(this.#rows, this.#definition.lists);
    if (clusters.length === 0) {
      const count = counts.get(0) ?? 0;
      return count > DIVIDE_ABOVE * wanted && this.#hasChanged(0)
        ? () => this.#divide(0, count, wanted)
        : undefined;
    }
    let open = 0;
    for (let i = 0; i < clusters.length; i++) {
      const cluster = clusters[i]!;
      const count = counts.get(cluster) ?? 0;
      if (states[i] === "draining") return () => this.#drain(cluster);
      if (states[i] === "closed") {
        if (count > 0) return () => this.#drain(cluster);
        continue;
      }
      open++;
      if (count > DIVIDE_ABOVE * wanted && this.#hasChanged(cluster)) {
        return () => this.#divide(cluster, count, wanted);
      }
    }
    if (open < 2) return undefined;
    const shrunk = clusters.findIndex((cluster, i) =>
      states[i] === "open" &&
      (counts.get(cluster) ?? 0) < GIVE_UP_BELOW * wanted &&
      this.#hasChanged(cluster)
    );
    return shrunk < 0 ? undefined : () => this.#giveUp(shrunk);
  }

  /** Whether a cluster has more or fewer rows than when it was worked on. */
  #hasChanged(cluster: number): boolean {
    const left = this.#left.get(cluster);
    if (left === undefined) return true;
    const count = this.#counts!.get(cluster) ?? 0;
    return count > left * CHANGED_MIN || count * CHANGED_MIN < left;
  }

  /** Lets clusters be until their rows have changed. */
  #leave(clusters: Iterable<number>): void {
    for (const cluster of clusters) {
      this.#left.set(cluster, this.#counts!.get(cluster) ?? 0);
    }
  }

  /** Gives the vectors of a cluster several centroids. */
  async #divide(
    cluster: number,
    count: number,
    wanted: number,
  ): Promise<void> {
    const { environment } = this.#store.config;
    const { centroids: set } = this.#state;
    const sample = new VectorSample(this.#random);
    const reading = this.#state.reader.eachVector(
      cluster,
      this.#store.visibleSequence,
      (_, vector) => sample.add(vector),
    );
    if (isPromise(reading)) await reading;
    const ways = Math.min(WAYS_MAX, Math.max(2, Math.ceil(count / wanted)));
    const vectors = sample.count < 2 ? [] : await trainCentroids({
      sample,
      form: set.form,
      clusters: ways,
      random: this.#random,
      environment,
    });
    if (vectors.length < 2) {
      this.#counts!.set(cluster, sample.count);
      return this.#leave([cluster]);
    }
    const free = this.#freeClusters();
    const centroids = vectors.map((vector, i): Centroid =>
      i === 0
        ? { cluster, vector, state: "draining" }
        : { cluster: free(), vector, state: "open" }
    );
    await this.#write((transaction) =>
      this.#setCentroids(transaction, centroids)
    );
    await this.#drain(cluster);
    this.#leave(centroids.map((each) => each.cluster));
  }

  /** Numbers for new clusters: of those that were given up first. */
  #freeClusters(): () => number {
    const { newest, clusterMax } = this.#state.centroids;
    const free = [...newest.clusters].filter((cluster, i) =>
      newest.states[i] === "closed" && (this.#counts!.get(cluster) ?? 0) <= 0
    );
    let next = Math.max(clusterMax, 0);
    return () => free.pop() ?? ++next;
  }

  /** Closes a cluster and moves its vectors to others. */
  async #giveUp(place: number): Promise<void> {
    const { centroids } = this.#state;
    const { newest } = centroids;
    const cluster = newest.clusters[place]!;
    const vector = centroids.vectorAt(newest, place);
    await this.#write((transaction) =>
      this.#setCentroids(transaction, [{ cluster, vector, state: "closed" }])
    );
    await this.#drain(cluster);
  }

  /** Moves the vectors of a cluster to where they are nearest, all in all. */
  async #drain(cluster: number): Promise<void> {
    let from = 0;
    let seen = 0;
    do {
      let next = -1;
      await this.#write(async (transaction) => {
        const rows = await this.#rowsOf(transaction, cluster, from);
        seen = rows.length;
        next = seen === ROWS_A_STEP ? rows.at(-1)!.locator + 1 : -1;
        await this.#move(transaction, cluster, rows);
      });
      from = next;
      if (this.#closed) return;
    } while (from > 0);
    const { centroids } = this.#state;
    const { newest } = centroids;
    const place = newest.clusters.indexOf(cluster);
    if (newest.states[place] === "draining") {
      const vector = centroids.vectorAt(newest, place);
      await this.#write((transaction) =>
        this.#setCentroids(transaction, [{ cluster, vector, state: "open" }])
      );
    } else if (seen === 0) this.#counts!.set(cluster, 0);
  }

  /** Some vectors of a cluster, from a tuple id on. */
  async #rowsOf(
    transaction: Transaction,
    cluster: number,
    from: number,
  ): Promise<LocatedVector[]> {
    const rows: LocatedVector[] = [];
    const reading = this.#state.reader.eachVector(
      cluster,
      transaction.snapshotSequence,
      (locator, vector) => {
        if (rows.length < ROWS_A_STEP) rows.push({ locator, vector });
      },
      from,
    );
    if (isPromise(reading)) await reading;
    return rows;
  }

  async #move(
    transaction: Transaction,
    cluster: number,
    rows: readonly LocatedVector[],
  ): Promise<void> {
    const { entries, centroids, codes } = this.#state;
    const { newest } = centroids;
    const clusters = { set: centroids, version: newest, coder: codes?.coder };
    const places = await transaction.getMany(
      rows.map(({ locator }) => entries.placeKey(locator)),
    );
    rows.forEach(({ locator, vector }, i) => {
      const bytes = places[i];
      // Left behind by a change that did not see its vector move.
      const isLeft = bytes === undefined ||
        decodePlace(bytes).cluster !== cluster;
      const place = centroids.nearest(newest, vector);
      const target = newest.clusters[place] ?? 0;
      const isNew = target !== cluster;
      // Where a centroid moved, codes of those that stay are others, too.
      if (!isLeft && !isNew && !entries.isCoded) return;
      if (isLeft || isNew) {
        transaction.delete(entries.vectorKey(cluster, locator), false);
        if (entries.isCoded) {
          transaction.delete(entries.codeKey(cluster, locator), false);
        }
        if (isLeft) return;
        transaction.put(
          entries.vectorKey(target, locator),
          entries.encodeVectorOf(vector),
          false,
        );
      }
      if (entries.isCoded) {
        const code = codeIn(clusters, place, vector);
        transaction.put(entries.codeKey(target, locator), code, false);
      }
      transaction.put(
        entries.placeKey(locator),
        encodePlace({ cluster: target, isNew }),
        true,
      );
    });
  }

  #setCentroids(
    transaction: Transaction,
    centroids: readonly Centroid[],
  ): void {
    const { entries } = this.#state;
    for (const centroid of centroids) {
      transaction.put(
        entries.centroidKey(centroid.cluster),
        entries.encodeCentroid(centroid),
        true,
      );
    }
  }

  /** Measures how many clusters a recall needs, if much has changed. */
  async #calibrate(): Promise<void> {
    const rows = this.#rows;
    const { calibration, clusters } = this.#state;
    if (clusters < 2 || rows === 0) return;
    const changed = Math.max(this.#changed, Math.abs(rows - calibration.rows));
    if (changed <= CHANGED_ENOUGH * calibration.rows) return;
    const measured = await measureProbes(
      this.#state,
      this.#store,
      this.#random,
      () => this.#closed,
    );
    if (measured === undefined) return;
    this.#changed = 0;
    const { entries } = this.#state;
    const bytes = encodeCalibration({ rows, ...measured });
    await this.#write((transaction) =>
      transaction.put(entries.calibrationKey(), bytes, true)
    );
  }

  /** Commits what `work` writes; makes it again when somebody was first. */
  async #write(
    work: (transaction: Transaction) => void | Promise<void>,
  ): Promise<void> {
    for (let attempt = 1;; attempt++) {
      const transaction = this.#host.begin();
      try {
        await work(transaction);
        this.#writing = true;
        await this.#host.commit(transaction);
        return;
      } catch (error) {
        transaction.rollback();
        const isConflict = error instanceof KriyaError &&
          error.kind === "conflict";
        if (!isConflict || attempt === ATTEMPTS_MAX) throw error;
      } finally {
        this.#writing = false;
      }
    }
  }
}

function addTo(
  counts: Map<number, number>,
  deltas: ReadonlyMap<number, number>,
): void {
  for (const [cluster, delta] of deltas) {
    counts.set(cluster, Math.max(0, (counts.get(cluster) ?? 0) + delta));
  }
}
