/**
 * When garbage is collected: in the background after publishes, when there is
 * something worth it; at close; at once when asked.
 *
 * A writer knows its own garbage: what a publish dropped, the log that it made
 * needless, what was abandoned. So a collection is two requests (PUT of the
 * boundary, LIST of pins) and the deletions. Objects are listed once after
 * opening, for what earlier writers left, and when a checkpoint was dropped.
 * Where nothing is published nothing is sent.
 *
 * Nothing waits for a collection, and it holds nothing up: what it cannot do
 * now, another does later.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { LsmStore, MemoryStore, WriteBatch } from "../mod.ts";
 *
 * const store = await LsmStore.open(new MemoryStore());
 * const batch = new WriteBatch();
 * batch.put(new Uint8Array([1]), new Uint8Array([2]));
 * await store.write(batch);
 * await store.flush();
 * const { deleted } = await store.collectGarbage();
 * assert(deleted > 0); // The log of what is in a table now.
 * await store.close();
 * ```
 *
 * @module
 */
import type { Timer } from "../../base/environment.ts";
import { KriyaError } from "../../base/errors.ts";
import {
  collect,
  type CollectionContext,
  type CollectionOutcome,
} from "../gc/collection.ts";
import { listGarbage } from "../gc/candidates.ts";
import { type Candidate, GarbageJudge, neededBy } from "../gc/garbage.ts";
import { type PinnedManifests, rootsBy } from "../gc/roots.ts";
import { readBoundary, type StoredBoundary } from "../manifest/boundary.ts";
import type { Manifest } from "../manifest/manifest.ts";
import type { ManifestStore } from "../manifest/manifest_store.ts";
import { manifestPath, walPath } from "../object_store/object_path.ts";
import type { ObjectStore } from "../object_store/object_store.ts";
import type { LsmConfig } from "./options.ts";
import { COMPACTION_JOB } from "./registered_jobs.ts";

/** Bytes of garbage that are worth a collection, however few the objects. */
const WORTH_BYTES = 1024 * 1024;

/** Candidates kept by name; beyond that they are found by listing. */
const CANDIDATES_MAX = 20_000;

/** Plans that one collection carries out at most. */
const PLANS_MAX = 1000;

/** How often a collection starts anew when another moved the boundary. */
const ATTEMPTS_MAX = 4;

/** What the collector needs of the store. */
export interface CollectorHost {
  /** The settings. */
  config(): LsmConfig;
  /** The objects. */
  readonly objects: ObjectStore;
  /** The manifests among them. */
  readonly manifests: ManifestStore;
  /** The manifest that this writer made last; it counts. */
  manifest(): Manifest;
  /** Paths that this process still reads. */
  tablesInUse(): ReadonlySet<string>;
}

/** What a collection did. */
export interface CollectionReport {
  /** Objects that are gone. */
  readonly deleted: number;
  /** Objects that are garbage and still read, by this process or by pins. */
  readonly held: number;
}

/** Options of a collection that was asked for. */
export interface CollectOptions {
  /** Gives up when aborted; what was deleted by then is gone. */
  readonly signal?: AbortSignal | undefined;
}

/** Collects the garbage of one writer. */
export class Collector {
  readonly #host: CollectorHost;
  /** The WAL id of this writer's fence: what follows it is its own. */
  readonly #fenceId: number;
  readonly #candidates = new Map<string, Candidate>();
  readonly #pinned: PinnedManifests = new Map();
  readonly #stop = new AbortController();
  #candidateBytes = 0;
  /** Whether there may be garbage that is not among the candidates. */
  #unlisted = true;
  #boundary: StoredBoundary | undefined;
  #timer: Timer | undefined;
  #running: Promise<unknown> = Promise.resolve();
  #lastMs = -Infinity;
  #deleted = 0;
  #error: unknown;
  #halted = false;

  /** A collector of the writer whose fence is at `fenceId`. */
  constructor(host: CollectorHost, fenceId: number) {
    this.#host = host;
    this.#fenceId = fenceId;
  }

  /** Objects that are known to be garbage. */
  get waiting(): number {
    return this.#candidates.size;
  }

  /** Objects that were deleted so far. */
  get deleted(): number {
    return this.#deleted;
  }

  /** What kept the last collection in the background from ending well. */
  get error(): unknown {
    return this.#error;
  }

  /** Takes note of what a publish made garbage. */
  published(before: Manifest, after: Manifest): void {
    const first = Math.max(1, before.number);
    for (let number = first; number < after.number; number++) {
      this.#add(manifestPath(number), 0);
    }
    this.#notePaths(before, after);
    if (before.replayFrom <= this.#fenceId) {
      // Fences are among them; a listing tells which.
      this.#unlisted ||= after.replayFrom > before.replayFrom;
    }
    const from = Math.max(before.replayFrom, this.#fenceId + 1);
    for (let id = from; id < after.replayFrom; id++) this.#add(walPath(id), 0);
    // What a job wrote that was dropped, only a listing tells.
    this.#unlisted ||= before.jobs.some(({ kind, job, epoch }) =>
      kind === COMPACTION_JOB &&
      !after.jobs.some((each) => each.job === job && each.epoch === epoch)
    );
    const names = new Set(after.checkpoints.map(({ manifest }) => manifest));
    this.#unlisted ||= before.checkpoints.some(({ manifest }) =>
      !names.has(manifest)
    );
    this.#consider();
  }

  /** Takes note of an object that no manifest will name. */
  abandoned(path: string): void {
    this.#add(path, 0);
  }

  /**
   * Collects now, by listing; resolves when no garbage is left but what is
   * held.
   *
   * @throws {KriyaError} `unavailable`, `corrupt`; the signal's reason.
   */
  async collect(options: CollectOptions = {}): Promise<CollectionReport> {
    const signals = [this.#stop.signal, options.signal ?? []].flat();
    const signal = AbortSignal.any(signals);
    this.#unlisted = true;
    return await this.#enqueue(() => this.#run(signal));
  }

  /** Collects what is worth it, and nothing after that. Never rejects. */
  async close(): Promise<void> {
    this.#timer?.cancel();
    if (this.#halted) return;
    this.#halted = true;
    try {
      await this.#enqueue(async () => {
        if (this.#isWorthIt) await this.#run(this.#stop.signal);
      });
    } catch (error) {
      this.#error = error;
    }
  }

  /** Collects nothing any more. */
  halt(): void {
    this.#halted = true;
    this.#timer?.cancel();
    this.#stop.abort(
      new KriyaError("closed", "Cannot collect garbage: the store is closed"),
    );
  }

  get #isWorthIt(): boolean {
    return this.#candidates.size >= this.#host.config().gcObjectsMin ||
      this.#candidateBytes >= WORTH_BYTES;
  }

  #notePaths(before: Manifest, after: Manifest): void {
    const named = new Set(neededBy(after));
    const tables = before.levels.flat();
    for (const { path, size } of [...tables, ...before.segments]) {
      if (!named.has(path)) this.#add(path, size);
    }
    if (after.replayFrom === before.replayFrom) return;
    // About as many bytes of log as went into new tables.
    const known = new Set(neededBy(before));
    for (const { path, size } of after.levels[0]!) {
      if (!known.has(path)) this.#candidateBytes += size;
    }
  }

  #add(path: string, bytes: number): void {
    this.#candidateBytes += bytes;
    if (this.#candidates.size >= CANDIDATES_MAX) this.#unlisted = true;
    else this.#candidates.set(path, { path, size: undefined });
  }

  /** Sets the timer when there is something worth it. */
  #consider(): void {
    const { gcIntervalMs, environment } = this.#host.config();
    if (this.#halted || gcIntervalMs === 0 || !this.#isWorthIt) return;
    if (this.#timer !== undefined) return;
    const sinceMs = environment.monotonicMs() - this.#lastMs;
    this.#timer = environment.setTimer(
      () => {
        this.#timer = undefined;
        void this.#enqueue(() => this.#runInBackground());
      },
      Math.max(0, gcIntervalMs - sinceMs),
      { background: true },
    );
  }

  async #runInBackground(): Promise<void> {
    if (this.#halted) return;
    try {
      const { held } = await this.#run(this.#stop.signal);
      this.#error = undefined;
      // Tables that are read now go when they are not; looking costs nothing.
      if (held > 0) this.#consider();
    } catch (error) {
      this.#error = error;
      this.#consider();
    }
  }

  #enqueue<T>(run: () => Promise<T>): Promise<T> {
    const ran = this.#running.then(run, run);
    this.#running = ran.catch(() => {});
    return ran;
  }

  async #run(signal: AbortSignal): Promise<CollectionReport> {
    const before = this.#deleted;
    let pinned = 0;
    try {
      let attempts = 0;
      for (let plans = 0; plans < PLANS_MAX; plans++) {
        signal.throwIfAborted();
        const outcome = await this.#runPlan(signal);
        if (outcome === undefined || outcome.kind === "nothing") break;
        if (outcome.kind === "overtaken") {
          this.#boundary = undefined;
          if (++attempts === ATTEMPTS_MAX) break;
          continue;
        }
        this.#boundary = outcome.boundary;
        this.#candidateBytes = 0;
        pinned += outcome.pinned.length;
        // What pins hold is found again by a listing.
        for (const path of outcome.pinned) this.#candidates.delete(path);
        if (!outcome.more && !this.#unlisted) break;
      }
      if (pinned > 0) this.#unlisted = true;
      return { deleted: this.#deleted - before, held: pinned + this.#held() };
    } finally {
      this.#lastMs = this.#host.config().environment.monotonicMs();
    }
  }

  /** One plan; `undefined` when this writer was overtaken. */
  async #runPlan(
    signal: AbortSignal,
  ): Promise<CollectionOutcome | undefined> {
    const host = this.#host;
    const { objects, manifests } = host;
    const { environment, attemptsMax } = host.config();
    const roots = await rootsBy(manifests, host.manifest(), this.#pinned);
    if (roots === undefined) return undefined;
    const judge = new GarbageJudge(roots);
    if (this.#unlisted) {
      const found = await listGarbage(objects, judge, CANDIDATES_MAX, signal);
      this.#unlisted = found.length === CANDIDATES_MAX;
      for (const each of found) this.#candidates.set(each.path, each);
    }
    const context: CollectionContext = {
      objects,
      manifests,
      environment,
      attemptsMax,
      inUse: host.tablesInUse(),
      signal,
    };
    this.#forgetNeeded(judge);
    const candidates = [...this.#candidates.values()];
    const { inUse } = context;
    const some = candidates.some((each) =>
      judge.isGarbage(each) && !inUse.has(each.path)
    );
    if (!some) return { kind: "nothing" };
    this.#boundary ??= await readBoundary(objects, { signal });
    if (judge.boundary < this.#boundary.boundary.number) return undefined;
    return await collect(
      context,
      this.#boundary,
      judge,
      candidates,
      (path) => {
        this.#deleted++;
        this.#candidates.delete(path);
      },
    );
  }

  /** Forgets what a checkpoint keeps; dropping it asks for a listing. */
  #forgetNeeded(judge: GarbageJudge): void {
    for (const [path, candidate] of this.#candidates) {
      // Of tables, the settled number may not have come so far.
      const isLog = path.startsWith("wal/") || path.startsWith("manifest/");
      if (isLog && !judge.isGarbage(candidate)) this.#candidates.delete(path);
    }
  }

  #held(): number {
    const inUse = this.#host.tablesInUse();
    let held = 0;
    for (const path of this.#candidates.keys()) if (inUse.has(path)) held++;
    return held;
  }
}
