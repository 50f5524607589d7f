/**
 * The store's side: runs jobs in a Worker, one at a time, and reads and writes
 * objects for it.
 *
 * The Worker is started with the first job, and ended {@linkcode IDLE_MS} after
 * the last: a Worker keeps a process alive. A job that is given up ends its
 * Worker with it.
 *
 * @module
 */
import type { Environment, Timer } from "../../../base/environment.ts";
import { KriyaError } from "../../../base/errors.ts";
import type { MaybePromise } from "../../../base/maybe_promise.ts";
import { mayStartWorker } from "../../../base/permission.ts";
import type { ObjectBody } from "../../object_store/object_store.ts";
import type { CompactionResult, CompactionTask } from "../compaction_job.ts";
import {
  errorOf,
  type FromWorker,
  plainError,
  type TaskData,
  type ToWorker,
} from "./messages.ts";

/** Ms without a job after which the Worker is ended. */
const IDLE_MS = 1000;

const WORKER_URL = new URL("./compaction_worker.ts", import.meta.url);

/** The Worker cannot run jobs; they have to run here. */
export class NoWorker extends Error {}

/** A job that runs in the Worker. */
interface RunningJob {
  readonly task: CompactionTask;
  /** What of it the Worker is told. */
  readonly data: TaskData;
  readonly over: PromiseWithResolvers<CompactionResult>;
  /** Outputs that are being stored. */
  readonly storing: Set<Promise<unknown>>;
}

/** Runs jobs in a thread of their own. */
export class CompactionThread {
  readonly #environment: Environment;
  #worker: Worker | undefined;
  #job: RunningJob | undefined;
  #idle: Timer | undefined;

  /** No thread yet. */
  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /**
   * Runs a job. REQUIRES: none runs.
   *
   * @throws {NoWorker} when there is no Worker, or it broke; what keeps the job
   * from being done; the signal's reason.
   */
  async run(task: CompactionTask): Promise<CompactionResult> {
    task.signal?.throwIfAborted();
    this.#idle?.cancel();
    const { plan, older, retention, table } = task;
    const job: RunningJob = {
      task,
      data: { plan, older, retention, table: dataOf(table) },
      over: Promise.withResolvers(),
      storing: new Set(),
    };
    const aborted = (): void => this.#break(task.signal!.reason);
    try {
      this.#job = job;
      task.signal?.addEventListener("abort", aborted, { once: true });
      if (this.#worker === undefined) this.#worker = this.#start();
      else this.#send(this.#worker, { kind: "run", task: job.data });
      return await job.over.promise;
    } finally {
      task.signal?.removeEventListener("abort", aborted);
      this.#job = undefined;
      await Promise.allSettled(job.storing);
      // A Worker that was ended meanwhile, or never began, needs no end.
      if (this.#worker !== undefined) {
        this.#idle = this.#environment.setTimer(
          () => this.close(),
          IDLE_MS,
          { background: true },
        );
      }
    }
  }

  /** Ends the thread, and the job in it. */
  close(): void {
    this.#idle?.cancel();
    this.#break(new KriyaError("closed", "The compaction thread is closed"));
  }

  #start(): Worker {
    if (!mayStartWorker(WORKER_URL)) {
      throw new NoWorker("no Worker can be started");
    }
    const worker = new Worker(WORKER_URL, {
      type: "module",
      name: "compaction",
    });
    worker.onmessage = ({ data }: MessageEvent<FromWorker>): void =>
      this.#hear(worker, data);
    worker.onerror = (event): void => {
      event.preventDefault();
      if (this.#worker !== worker) return;
      this.#break(new NoWorker(`the Worker failed: ${event.message}`));
    };
    return worker;
  }

  /** Ends the Worker; the job fails with `reason`. */
  #break(reason: unknown): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#job?.over.reject(reason);
  }

  #send(
    worker: Worker,
    message: ToWorker,
    transfer: readonly ArrayBuffer[] = [],
  ): void {
    worker.postMessage(message, [...transfer]);
  }

  #hear(worker: Worker, message: FromWorker): void {
    const job = this.#job;
    if (job === undefined || this.#worker !== worker) return;
    const { task, over } = job;
    switch (message.kind) {
      case "ready":
        return this.#send(worker, { kind: "run", task: job.data });
      case "get": {
        const { id, path, range } = message;
        const { signal } = task;
        void this.#answer(
          worker,
          id,
          () => task.objects.get(path, { range, signal }),
        );
        return;
      }
      case "store": {
        const { id, bytes } = message;
        const storing = this.#answer(worker, id, () => task.store(bytes));
        job.storing.add(storing);
        return;
      }
      case "progress":
        task.onProgress?.(message.progress);
        return;
      case "done":
        over.resolve(message.result);
        return;
      case "failed":
        over.reject(errorOf(message.error));
    }
  }

  /** Answers a request. Never rejects. */
  async #answer(
    worker: Worker,
    id: number,
    request: () => MaybePromise<ObjectBody | string | undefined>,
  ): Promise<void> {
    let message: ToWorker;
    const transfer: ArrayBuffer[] = [];
    try {
      let value = await request();
      if (typeof value === "object") {
        // The store may have it still.
        const bytes = value.bytes.slice();
        transfer.push(bytes.buffer);
        value = { ...value, bytes };
      }
      message = { kind: "answer", id, answer: { kind: "value", value } };
    } catch (error) {
      const answer = { kind: "error", error: plainError(error) } as const;
      message = { kind: "answer", id, answer };
    }
    if (this.#worker === worker) this.#send(worker, message, transfer);
  }
}

/** What of a task's table options is data and meant: nothing else may cross. */
function dataOf(
  {
    tableBytesMax,
    blockBytes,
    compression,
    filterBitsPerKey,
    partitionedIndexBytes,
  }: CompactionTask["table"],
): CompactionTask["table"] {
  return {
    tableBytesMax,
    blockBytes,
    compression,
    filterBitsPerKey,
    partitionedIndexBytes,
  };
}
