/**
 * Compaction by a process that is not the writer, beside it or while nobody
 * writes.
 *
 * | step | request |
 * | --- | --- |
 * | pick | LIST and GET of the newest manifest |
 * | register | PUT of the next manifest with the job: its inputs, a token, until when it counts; GET of the boundary |
 * | run | GETs of the inputs, PUTs of the outputs, named by the job |
 * | renew | as `register`, while it runs, thrice in `jobLeaseMs` |
 * | publish | as `register`: the edit, without the job, from a manifest that has the job and every input; else without the edit |
 *
 * These are the steps of `tests/model/compacting.ts`. A table that only changes
 * its level needs no job. Whatever ends this process leaves a registered job;
 * once its time is over the writer forgets it, or the next compaction here.
 *
 * What may go, without knowing who reads (rule 23 and what follows 6 in
 * `docs/decisions/001-protocol-model.md`):
 *
 * 1. Nothing that a snapshot at or above `retainFrom` sees. The writer puts
 *    the lowest sequence that it wants to go on answering into every manifest
 *    of a flush; a snapshot that it holds later is one of those, or newer than
 *    what was durable then. Below the new horizon a snapshot is refused.
 * 2. Nothing above `held` under the prefix of an index that follows the log,
 *    nor above what its segments cover. An index that is opened after that
 *    manifest was made catches up to a sequence above `retainFrom` first.
 * 3. Readers and checkpoints keep their own manifest's tables; only collection
 *    takes those, by its own rules.
 *
 * The options of the writer are not in the manifest: who wants another shape of
 * tree than the default gives the same options here.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compactExternally } from "./external_compaction.ts";
 * import { LsmStore, MemoryStore, WriteBatch } from "../mod.ts";
 *
 * const objects = new MemoryStore();
 * const store = await LsmStore.open(objects, { compaction: "off" });
 * for (let n = 0; n < 4; n++) {
 *   const batch = new WriteBatch();
 *   batch.put(new Uint8Array([1]), new Uint8Array([n]));
 *   await store.write(batch);
 *   await store.flush();
 * }
 * const { compactions } = await compactExternally(objects);
 * assertEquals(compactions, 1);
 * assertEquals(await store.get(new Uint8Array([1])), new Uint8Array([3]));
 * await store.close();
 * ```
 *
 * @module
 */
import { delay } from "../../base/environment.ts";
import { KriyaError } from "../../base/errors.ts";
import { compactionEdit } from "../compaction/compaction_edit.ts";
import {
  type CompactionProgress,
  type CompactionResult,
  olderThan,
  runCompaction,
} from "../compaction/compaction_job.ts";
import { pickCompaction, pickFullCompaction } from "../compaction/picker.ts";
import { type CompactionPlan, inputTables } from "../compaction/plan.ts";
import { storeAt } from "../compaction/stored_tables.ts";
import {
  expiriesAt,
  floorsHold,
  type Retention,
  retentionIn,
} from "../compaction/retention.ts";
import type { JobMeta, Manifest } from "../manifest/manifest.ts";
import { ManifestStore } from "../manifest/manifest_store.ts";
import { sstPath } from "../object_store/object_path.ts";
import type { ObjectStore } from "../object_store/object_store.ts";
import { type LsmConfig, lsmConfig, type LsmOptions } from "./options.ts";
import {
  busyInputs,
  COMPACTION_JOB,
  isAbandoned,
  jobsWithout,
} from "./registered_jobs.ts";
import { pickerOptions } from "./retention_now.ts";

/** How a process that is not the writer compacts. */
export interface ExternalCompactionOptions extends
  Pick<
    LsmOptions,
    | "compaction"
    | "l0CompactionTrigger"
    | "levelSizeRatio"
    | "levelBaseBytes"
    | "tableBytesMax"
    | "blockBytes"
    | "compression"
    | "filterBitsPerKey"
    | "ttl"
    | "attemptsMax"
    | "environment"
  > {
  /**
   * Merges everything into the lowest level (default false: what is due by the
   * options, as the writer would).
   */
  readonly full?: boolean | undefined;
  /** Ends after one job (default false: when none is left). */
  readonly once?: boolean | undefined;
  /** Ms without a sign after which a job counts as abandoned (300 000). */
  readonly jobLeaseMs?: number | undefined;
  /** Ends it: what was published stays, the job under way is dropped. */
  readonly signal?: AbortSignal | undefined;
  /** Is told of every job that ended, and now and then of one that runs. */
  readonly onProgress?:
    | ((progress: ExternalCompactionProgress) => void)
    | undefined;
}

/** How far a compaction from outside is. */
export interface ExternalCompactionProgress extends ExternalCompactionReport {
  /** The job that runs. */
  readonly job: CompactionProgress | undefined;
}

/** What a compaction from outside did. */
export interface ExternalCompactionReport {
  /** Compactions that were published. */
  readonly compactions: number;
  /** Tables that only changed their level. */
  readonly moves: number;
  /** Jobs that were dropped because the tree had changed. */
  readonly overtaken: number;
  /** Bytes read. */
  readonly readBytes: number;
  /** Bytes of tables written. */
  readonly writtenBytes: number;
  /** Entries that are in no table any more. */
  readonly droppedEntries: number;
  /** The newest manifest of it; 0 if it made none. */
  readonly manifestNumber: number;
}

/** Ms without a sign after which a job counts as abandoned. */
const JOB_LEASE_MS = 300_000;

/** Jobs that are dropped one after the other before it gives up. */
const OVERTAKEN_MAX = 8;

/** A job that was registered. */
interface Registered {
  readonly plan: CompactionPlan;
  readonly retention: Retention;
  readonly manifest: Manifest;
  readonly job: JobMeta;
}

/** The manifest does not want the job any more. */
class Overtaken extends Error {}

/**
 * Compacts the database in `objects` without opening it.
 *
 * @throws {KriyaError} `unavailable`; `corrupt`; `unavailable` (`53000`) when
 * job after job is overtaken; the signal's reason.
 */
export async function compactExternally(
  objects: ObjectStore,
  options: ExternalCompactionOptions = {},
): Promise<ExternalCompactionReport> {
  return await new ExternalCompaction(objects, options).run();
}

class ExternalCompaction {
  readonly #objects: ObjectStore;
  readonly #options: ExternalCompactionOptions;
  readonly #config: LsmConfig;
  readonly #manifests: ManifestStore;
  readonly #token: string;
  readonly #report = {
    compactions: 0,
    moves: 0,
    overtaken: 0,
    readBytes: 0,
    writtenBytes: 0,
    droppedEntries: 0,
    manifestNumber: 0,
  };
  /** What came since it began does not count towards `full`. */
  #upTo: number | undefined;

  constructor(objects: ObjectStore, options: ExternalCompactionOptions) {
    this.#objects = objects;
    this.#options = options;
    this.#config = lsmConfig(storeOptions(options), objects.address);
    this.#manifests = new ManifestStore(objects, this.#config);
    const token = new Uint8Array(16);
    this.#token = this.#config.environment.randomBytes(token).toHex();
  }

  async run(): Promise<ExternalCompactionReport> {
    const { once, signal } = this.#options;
    let overtaken = 0;
    for (;;) {
      signal?.throwIfAborted();
      const outcome = await this.#step();
      if (outcome === "nothing") break;
      this.#tell(undefined);
      if (outcome === "done") {
        overtaken = 0;
        if (once) break;
        continue;
      }
      this.#report.overtaken++;
      if (++overtaken === OVERTAKEN_MAX) throw this.#tooManyOvertaken();
    }
    return { ...this.#report };
  }

  #tell(job: CompactionProgress | undefined): void {
    this.#options.onProgress?.({ ...this.#report, job });
  }

  #tooManyOvertaken(): KriyaError {
    return new KriyaError(
      "unavailable",
      `Cannot compact ${this.#objects.address}: ${OVERTAKEN_MAX} jobs in a row were overtaken by changes of the tree`,
      { code: "53000", hint: "Its writer compacts by itself, or try later" },
    );
  }

  /** One job, or tables that only change their level. */
  async #step(): Promise<"nothing" | "done" | "overtaken"> {
    let moved: CompactionPlan | undefined;
    let registered: Omit<Registered, "manifest"> | undefined;
    const manifest = await this.#manifests.publishAsGuest((base) => {
      moved = registered = undefined;
      const retention = this.#retention(base);
      const plan = this.#pick(base, retention);
      if (plan === undefined) return undefined;
      if (plan.move) {
        moved = plan;
        const tables = inputTables(plan);
        return compactionEdit(base, plan, tables, retention);
      }
      const job = this.#job(base, plan);
      registered = { plan, retention, job };
      const jobs = base.jobs.filter((each) => !isAbandoned(each, this.#now()));
      return { jobs: [...jobs, job], nextJob: base.nextJob + 1 };
    });
    if (manifest === undefined) {
      return moved ?? registered ? "overtaken" : "nothing";
    }
    this.#report.manifestNumber = manifest.number;
    if (registered === undefined) {
      this.#report.moves += inputTables(moved!).length;
      return "done";
    }
    return await this.#run({ ...registered, manifest });
  }

  #now(): number {
    return this.#config.environment.now();
  }

  #retention(manifest: Manifest): Retention {
    const { ttl } = this.#config;
    const expiries = expiriesAt(ttl, manifest.clock, this.#now());
    return retentionIn(manifest, expiries);
  }

  #pick(base: Manifest, retention: Retention): CompactionPlan | undefined {
    const state = {
      levels: base.levels,
      busy: busyInputs(base, this.#now()),
    };
    const options = pickerOptions(this.#config, retention);
    if (!this.#options.full) return pickCompaction(state, options);
    this.#upTo ??= base.sequence;
    return pickFullCompaction(state, options, this.#upTo);
  }

  #job({ epoch, nextJob }: Manifest, plan: CompactionPlan): JobMeta {
    return {
      job: nextJob,
      epoch,
      kind: COMPACTION_JOB,
      token: this.#token,
      inputs: inputTables(plan).map(({ path }) => path),
      untilMs: this.#untilMs(),
    };
  }

  #untilMs(): number {
    const { jobLeaseMs = JOB_LEASE_MS } = this.#options;
    return Math.ceil(this.#now() + jobLeaseMs);
  }

  async #run(registered: Registered): Promise<"done" | "overtaken"> {
    const stop = new AbortController();
    const { signal } = this.#options;
    const signals = signal === undefined ? [] : [signal];
    const renewing = this.#renew(registered.job, stop);
    try {
      const result = await this.#merge(
        registered,
        AbortSignal.any([stop.signal, ...signals]),
      );
      stop.abort();
      await renewing;
      return await this.#publish(registered, result);
    } catch (error) {
      stop.abort();
      await renewing;
      return await this.#failed(registered, error);
    }
  }

  /**
   * Says again and again that the job goes on; stops it when nobody wants it
   * any more. Never rejects: a sign that was not heard is repeated.
   */
  async #renew(job: JobMeta, stop: AbortController): Promise<void> {
    const { jobLeaseMs = JOB_LEASE_MS } = this.#options;
    const { environment } = this.#config;
    const { signal } = stop;
    for (;;) {
      try {
        await delay(environment, jobLeaseMs / 3, { signal });
      } catch {
        return;
      }
      try {
        const renewed = await this.#manifests.publishAsGuest((base) => {
          if (!isRegistered(base, job)) return undefined;
          const jobs = base.jobs.map((each) =>
            isSame(each, job) ? { ...each, untilMs: this.#untilMs() } : each
          );
          return { jobs };
        });
        if (renewed === undefined) return stop.abort(new Overtaken());
      } catch (error) {
        if (!(error instanceof KriyaError && error.kind === "unavailable")) {
          return stop.abort(error);
        }
      }
    }
  }

  #merge(
    { plan, retention, manifest, job }: Registered,
    signal: AbortSignal,
  ): Promise<CompactionResult> {
    const config = this.#config;
    let number = 1;
    return runCompaction({
      plan,
      older: olderThan(manifest.levels, plan),
      retention,
      objects: this.#objects,
      store: (bytes) => {
        const id = { epoch: job.epoch, job: job.job, number: number++ };
        return storeAt(this.#objects, sstPath(id), bytes, config);
      },
      table: config,
      environment: config.environment,
      signal,
      onProgress: (progress) => this.#tell(progress),
    });
  }

  async #publish(
    { plan, retention, job }: Registered,
    result: CompactionResult,
  ): Promise<"done" | "overtaken"> {
    let done = false;
    const manifest = await this.#manifests.publishAsGuest((base) => {
      done = false;
      if (!isRegistered(base, job)) return undefined;
      const jobs = jobsWithout(base, job);
      // An index that was opened meanwhile may want what is gone.
      const { floors } = this.#retention(base);
      const edit = floorsHold(retention, floors)
        ? compactionEdit(base, plan, result.outputs, retention)
        : undefined;
      done = edit !== undefined;
      return { ...edit, jobs };
    });
    if (manifest !== undefined) this.#report.manifestNumber = manifest.number;
    if (manifest === undefined || !done) return "overtaken";
    this.#report.compactions++;
    this.#report.readBytes += result.readBytes;
    this.#report.writtenBytes += result.writtenBytes;
    this.#report.droppedEntries += result.dropped;
    return "done";
  }

  /** What a job that failed means; it is unregistered as far as possible. */
  async #failed({ job }: Registered, error: unknown): Promise<"overtaken"> {
    let there = false;
    try {
      await this.#manifests.publishAsGuest((base) => {
        there = isRegistered(base, job) &&
          job.inputs!.every((path) =>
            base.levels.some((tables) =>
              tables.some((table) => table.path === path)
            )
          );
        return isRegistered(base, job)
          ? { jobs: jobsWithout(base, job) }
          : undefined;
      });
    } catch {
      // It is forgotten when its time is over.
      if (!(error instanceof Overtaken)) throw error;
    }
    if (error instanceof Overtaken) return "overtaken";
    // Inputs that nobody needs any more may be gone.
    const gone = error instanceof KriyaError && error.kind === "corrupt" &&
      !there;
    if (gone) return "overtaken";
    throw error;
  }
}

function isSame(one: JobMeta, other: JobMeta): boolean {
  return one.job === other.job && one.epoch === other.epoch &&
    one.token === other.token;
}

function isRegistered({ jobs }: Manifest, job: JobMeta): boolean {
  return jobs.some((each) => isSame(each, job));
}

/** The options that say something of tables and requests. */
function storeOptions(options: ExternalCompactionOptions): LsmOptions {
  const {
    full: _full,
    once: _once,
    jobLeaseMs: _leaseMs,
    signal: _signal,
    onProgress: _onProgress,
    ...store
  } = options;
  return store;
}
