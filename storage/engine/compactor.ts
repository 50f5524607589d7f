/**
 * When compactions run, and what becomes of them.
 *
 * One job at a time, in slices between which everything else goes on, begun by
 * whatever changes the tree. Its outputs count once a manifest names them. A job
 * that fails is begun anew after a while; one that is overtaken by another
 * change of the tree is dropped.
 *
 * Invariants:
 * 1. A job drops only what no snapshot can see that was held when it began; who
 *    comes later sees a newer sequence, or is refused below the horizon.
 * 2. Outputs whose publish has no answer are neither used nor given up: the
 *    same edit is published again until there is an answer.
 *
 * @module
 */
import { delay, systemEnvironment } from "../../base/environment.ts";
import { KriyaError } from "../../base/errors.ts";
import type { MaybePromise } from "../../base/maybe_promise.ts";
import { compactionEdit } from "../compaction/compaction_edit.ts";
import {
  type CompactionResult,
  type CompactionTask,
  olderThan,
  runCompaction,
} from "../compaction/compaction_job.ts";
import { pickCompaction, pickFullCompaction } from "../compaction/picker.ts";
import type { CompactionPlan, PickerOptions } from "../compaction/plan.ts";
import { bytesOf, inputTables } from "../compaction/plan.ts";
import type { Retention } from "../compaction/retention.ts";
import { storeAt } from "../compaction/stored_tables.ts";
import {
  CompactionThread,
  NoWorker,
} from "../compaction/worker/worker_thread.ts";
import type {
  Manifest,
  ManifestEdit,
  TableMeta,
} from "../manifest/manifest.ts";
import { sstPath, type TableObjectId } from "../object_store/object_path.ts";
import type { ObjectStore } from "../object_store/object_store.ts";
import type { ChangeHolds } from "./change_holds.ts";
import {
  CompactionCounters,
  type CompactionStatus,
} from "./compaction_status.ts";
import type { MemoryBudget } from "./memory_budget.ts";
import type { LsmConfig } from "./options.ts";
import { busyInputs } from "./registered_jobs.ts";
import { pickerOptions, retentionNow } from "./retention_now.ts";
import type { Installed } from "./tree_follower.ts";
import type { OpenTable } from "./tree_state.ts";

/** Ms until a failed job is begun anew; it doubles … */
const RETRY_MS = 100;
/** … up to this. */
const RETRY_MS_MAX = 60_000;

/** Of all memory, what a table may take while it is built. */
const TABLE_SHARE = 1 / 16;
/** Bytes of an input that are in memory: a piece, and the one after it. */
const INPUT_BYTES = 2 * 1024 * 1024;

/** Bytes of inputs that are worth a thread of their own. */
const WORKER_BYTES_MIN = 4 * 1024 * 1024;

/** Bytes of the tables that a job makes. */
function tableBytesOf(config: LsmConfig): number {
  const { tableBytesMax, memoryBytesMax } = config;
  return Math.min(tableBytesMax, Math.ceil(memoryBytesMax * TABLE_SHARE));
}

/** What the compactor needs of the store. */
export interface CompactorHost {
  /** The settings. */
  config(): LsmConfig;
  /** The account of memory. */
  readonly memory: MemoryBudget;
  /** Where tables are. */
  readonly objects: ObjectStore;
  /** The newest manifest. */
  manifest(): Manifest;
  /** The lowest sequence that a snapshot holds, or the newest durable one. */
  oldestSnapshot(): number;
  /** Who wants to read changes. */
  changeHolds(): ChangeHolds;
  /** A name for a table. */
  newObjectId(): TableObjectId;
  /** Says that no manifest will name a table. */
  abandonObject(path: string): void;
  /** A table as the state holds it. */
  openTable(meta: TableMeta): OpenTable;
  /** Publishes an edit of the manifest. */
  publish(
    edit: (manifest: Manifest) => ManifestEdit,
    installed?: Installed,
  ): Promise<Manifest>;
}

/** Options of {@linkcode Compactor.compactAll}. */
export interface CompactOptions {
  /** Stops it: what was done so far stays. */
  readonly signal?: AbortSignal | undefined;
  /** Is called as it goes on. */
  readonly onProgress?: ((status: CompactionStatus) => void) | undefined;
}

/** Somebody waits for everything to be compacted. */
interface Asked {
  /** What is newer does not count. */
  readonly upTo: number;
  readonly onProgress: ((status: CompactionStatus) => void) | undefined;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** The manifest does not allow the edit any more. */
class Overtaken extends Error {}

/** Compacts one store. */
export class Compactor {
  readonly #host: CompactorHost;
  readonly #counters = new CompactionCounters();
  readonly #asked = new Set<Asked>();
  #running: Promise<void> | undefined;
  #plan: CompactionPlan | undefined;
  #job: AbortController | undefined;
  readonly #stop = new AbortController();
  #error: unknown;
  #retryMs = RETRY_MS;
  /** Where large jobs run; `undefined`: here. */
  #thread: CompactionThread | undefined;
  /** Those who wait for level 0 to have room. */
  readonly #waiters: {
    readonly resolve: () => void;
    readonly reject: (error: unknown) => void;
  }[] = [];

  /** A compactor that does nothing yet. */
  constructor(host: CompactorHost) {
    this.#host = host;
    const { compactionWorker, environment } = host.config();
    // What a simulation does stays in its time.
    if (compactionWorker && environment === systemEnvironment) {
      this.#thread = new CompactionThread(environment);
    }
    host.memory.add({
      name: "compaction",
      group: "system",
      bytes: () => this.#bufferBytes(),
    });
  }

  /** Memory of the job that runs: its inputs, a table built, one stored. */
  #bufferBytes(): number {
    const plan = this.#plan;
    if (plan === undefined || plan.move) return 0;
    let bytes = 2 * tableBytesOf(this.#host.config());
    for (const { level, tables } of plan.inputs) {
      const read = tables.map(({ size }) => Math.min(size, INPUT_BYTES));
      // The tables of a sorted level are read one after the other.
      bytes += level === 0
        ? read.reduce((sum, size) => sum + size, 0)
        : Math.max(0, ...read);
    }
    return bytes;
  }

  /** Begins what is due. */
  consider(): void {
    if (!this.#isFull) this.#admit();
    if (this.#running !== undefined || this.#stop.signal.aborted) return;
    if (this.#pick() === undefined) return this.#settleAsked();
    this.#running = this.#run().finally(() => {
      this.#running = undefined;
      if (!this.#stop.signal.aborted && this.#pick() !== undefined) {
        this.consider();
      }
    });
  }

  /** Notes what a flush wrote. */
  noteFlushed({ opened = [] }: Installed = {}): void {
    for (const { meta } of opened) this.#counters.flushedBytes += meta.size;
  }

  /**
   * Waits while level 0 has too many tables.
   *
   * @throws {KriyaError} `unavailable` (`53000`) when they cannot be compacted.
   */
  waitForRoom(): MaybePromise<void> {
    if (!this.#isFull) return;
    if (this.#error !== undefined) throw this.#fullError();
    this.consider();
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
    });
  }

  /**
   * Compacts everything that is in tables into the lowest level; what comes
   * meanwhile does not count.
   *
   * @throws what keeps it from being done; the signal's reason.
   */
  compactAll(options: CompactOptions = {}): Promise<void> {
    const { signal, onProgress } = options;
    signal?.throwIfAborted();
    this.#stop.signal.throwIfAborted();
    return new Promise<void>((resolve, reject) => {
      const leave = (): void => {
        this.#asked.delete(asked);
        signal?.removeEventListener("abort", aborted);
      };
      const asked: Asked = {
        upTo: this.#host.manifest().sequence,
        onProgress,
        resolve: () => {
          leave();
          resolve();
        },
        reject: (error) => {
          leave();
          reject(error);
        },
      };
      const aborted = (): void => {
        asked.reject(signal!.reason);
        if (this.#asked.size === 0 && this.#plan?.reason === "asked") {
          this.#job?.abort(signal!.reason);
        }
      };
      signal?.addEventListener("abort", aborted);
      this.#asked.add(asked);
      this.consider();
    });
  }

  /** What it did and has to do. */
  status(): CompactionStatus {
    return this.#counters.status(
      this.#host.manifest(),
      this.#pickerOptions(),
      this.#plan,
      this.#error,
    );
  }

  /** Ends what is under way; nothing is begun any more. */
  async stop(reason: unknown): Promise<void> {
    this.halt(reason);
    await this.#running;
  }

  /** Begins to end what is under way. */
  halt(reason: unknown): void {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort(reason);
    this.#job?.abort(reason);
    for (const asked of [...this.#asked]) asked.reject(reason);
    for (const { reject } of this.#waiters.splice(0)) reject(reason);
    this.#thread?.close();
  }

  get #isFull(): boolean {
    const { compaction, l0StopTrigger } = this.#host.config();
    return compaction !== "off" &&
      this.#host.manifest().levels[0]!.length >= l0StopTrigger;
  }

  #admit(): void {
    for (const { resolve } of this.#waiters.splice(0)) resolve();
  }

  #settleAsked(): void {
    for (const asked of [...this.#asked]) asked.resolve();
  }

  #retention(): Retention {
    const host = this.#host;
    return retentionNow(
      host.config(),
      host.manifest(),
      host.oldestSnapshot(),
      host.changeHolds(),
    );
  }

  #pickerOptions(retention: Retention = this.#retention()): PickerOptions {
    return pickerOptions(this.#host.config(), retention);
  }

  #pick(
    options: PickerOptions = this.#pickerOptions(),
  ): CompactionPlan | undefined {
    const state = {
      levels: this.#host.manifest().levels,
      busy: this.#busy(),
    };
    if (this.#host.config().compaction !== "off") {
      const plan = pickCompaction(state, options);
      if (plan !== undefined) return plan;
    }
    if (this.#asked.size === 0) return undefined;
    const upTo = Math.max(...[...this.#asked].map(({ upTo }) => upTo));
    return pickFullCompaction(state, options, upTo);
  }

  /**
   * What compactors elsewhere work at is left to them, unless somebody here
   * waits for it.
   */
  #busy(): ReadonlySet<string> {
    if (this.#isFull || this.#asked.size > 0) return new Set();
    const { environment } = this.#host.config();
    return busyInputs(this.#host.manifest(), environment.now());
  }

  /** Runs one job after the other until none is due. Never rejects. */
  async #run(): Promise<void> {
    const { environment } = this.#host.config();
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const retention = this.#retention();
      const plan = this.#pick(this.#pickerOptions(retention));
      if (plan === undefined) return this.#settleAsked();
      try {
        await this.#compact(plan, retention);
        this.#error = undefined;
        this.#retryMs = RETRY_MS;
      } catch (error) {
        if (signal.aborted) return;
        if (this.#job?.signal.aborted) continue;
        this.#fail(error);
        await delay(environment, this.#retryMs, { signal }).catch(() => {});
        this.#retryMs = Math.min(RETRY_MS_MAX, this.#retryMs * 2);
      } finally {
        this.#plan = this.#job = undefined;
      }
      if (!this.#isFull) this.#admit();
      for (const { onProgress } of this.#asked) onProgress?.(this.status());
    }
  }

  /** What was overtaken is no failure, unless it happens again and again. */
  #fail(error: unknown): void {
    if (error instanceof Overtaken) {
      this.#counters.overtaken++;
      return;
    }
    this.#error = error;
    for (const asked of [...this.#asked]) asked.reject(error);
    if (!this.#isFull) return;
    for (const { reject } of this.#waiters.splice(0)) {
      reject(this.#fullError());
    }
  }

  #fullError(): KriyaError {
    return new KriyaError(
      "unavailable",
      "Cannot commit: level 0 is full and cannot be compacted",
      {
        cause: this.#error,
        code: "53000",
        hint: "Nothing was written; try again later",
      },
    );
  }

  async #compact(plan: CompactionPlan, retention: Retention): Promise<void> {
    const job = this.#job = new AbortController();
    this.#plan = plan;
    const paths: string[] = [];
    let published = false;
    try {
      const result = plan.move
        ? undefined
        : await this.#merge(plan, retention, paths, job.signal);
      const outputs = result?.outputs ?? inputTables(plan);
      const opened = result === undefined
        ? []
        : await this.#openAll(result.outputs);
      published = true;
      await this.#publish(plan, outputs, retention, opened);
      this.#counters.add(plan, result);
    } catch (error) {
      if (!published || error instanceof Overtaken) {
        for (const path of paths) this.#host.abandonObject(path);
      }
      throw error;
    }
  }

  async #merge(
    plan: CompactionPlan,
    retention: Retention,
    paths: string[],
    signal: AbortSignal,
  ): Promise<CompactionResult> {
    const config = this.#host.config();
    return await this.#runJob({
      plan,
      older: olderThan(this.#host.manifest().levels, plan),
      retention,
      objects: this.#host.objects,
      store: (bytes) => {
        const path = sstPath(this.#host.newObjectId());
        paths.push(path);
        return storeAt(this.#host.objects, path, bytes, config);
      },
      table: { ...config, tableBytesMax: tableBytesOf(config) },
      environment: config.environment,
      signal,
    }, paths);
  }

  /** Runs a job in the thread, or here when it is small or there is none. */
  async #runJob(
    task: CompactionTask,
    paths: string[],
  ): Promise<CompactionResult> {
    const isLarge = bytesOf(inputTables(task.plan)) >= WORKER_BYTES_MIN;
    if (this.#thread !== undefined && isLarge) {
      try {
        const result = await this.#thread.run(task);
        this.#counters.inWorker++;
        return result;
      } catch (error) {
        if (!(error instanceof NoWorker)) throw error;
        this.#thread = undefined;
        for (const path of paths.splice(0)) this.#host.abandonObject(path);
      }
    }
    return await runCompaction(task);
  }

  async #openAll(outputs: readonly TableMeta[]): Promise<OpenTable[]> {
    const opened = outputs.map((meta) => this.#host.openTable(meta));
    for (const table of opened) {
      if (table.meta.tombstoneCount > 0) await table.reader();
    }
    return opened;
  }

  /** Publishes the edit, again and again while there is no answer. */
  async #publish(
    plan: CompactionPlan,
    outputs: readonly TableMeta[],
    retention: Retention,
    opened: readonly OpenTable[],
  ): Promise<void> {
    const { signal } = this.#stop;
    const { environment } = this.#host.config();
    for (let waitMs = RETRY_MS;; waitMs = Math.min(RETRY_MS_MAX, waitMs * 2)) {
      try {
        let overtaken = false;
        await this.#host.publish((manifest) => {
          const edit = compactionEdit(manifest, plan, outputs, retention);
          overtaken = edit === undefined;
          // Without a manifest of our own nothing that a compactor elsewhere
          // did would be seen, and the same job picked again.
          return edit ?? {};
        }, { opened });
        if (overtaken) throw new Overtaken();
        return;
      } catch (error) {
        const unknown = error instanceof KriyaError &&
          error.kind === "unavailable";
        if (!unknown || signal.aborted) throw error;
        this.#fail(error);
        await delay(environment, waitMs, { signal });
      }
    }
  }
}
