/**
 * Threads that help running plans: those of a database.
 *
 * A Worker is started when a plan wants one, runs one plan after the other, and
 * is ended {@linkcode IDLE_MS} after the last: a Worker keeps a process alive. All
 * databases of a process together have as many as it has processors, less one.
 *
 * @module
 */
import type { Environment, Timer } from "../../../base/environment.ts";
import { mayStartWorker } from "../../../base/permission.ts";
import type { SlotWriter } from "../../access/parallel/run_slot.ts";
import {
  CONTROL,
  CONTROL_BYTES,
  type FromWorker,
  type PlanMessage,
  sharedMemory,
  slotOffset,
  SLOTS,
  type ToWorker,
} from "./messages.ts";

/** Ms without a plan after which a Worker is ended. */
const IDLE_MS = 3000;

const WORKER_URL = new URL("./parallel_worker.ts", import.meta.url);

/** Workers that are there now, of all databases. */
let started = 0;

/** What a worker says of the plan that it helps with. */
export interface Helped {
  /** Rows of the result. */
  chunk(bytes: Uint8Array): void;
  /** It has done its part. */
  done(): void;
  /** It has failed; `lost`: it is gone. */
  failed(
    error: Extract<FromWorker, { kind: "failed" }>["error"] | "lost",
  ): void;
}

/** Starts and ends the workers of a database. */
export class WorkerPool {
  readonly #environment: Environment;
  readonly #workers = new Set<PoolWorker>();
  #isClosed = false;

  /** No worker yet. */
  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** How many workers there are. */
  get size(): number {
    return this.#workers.size;
  }

  /** Free workers, at most `count`, that are ready. */
  takeReady(count: number): PoolWorker[] {
    const free = [...this.#workers]
      .filter((worker) => worker.isFree && worker.isReady)
      .slice(0, count);
    for (const worker of free) worker.take();
    return free;
  }

  /** Free workers, at most `count`, started if need be: some are not ready yet. */
  take(count: number): PoolWorker[] {
    const free = [...this.#workers].filter((worker) => worker.isFree)
      .slice(0, count);
    while (free.length < count) {
      const worker = this.#start();
      if (worker === undefined) break;
      free.push(worker);
    }
    for (const worker of free) worker.take();
    return free;
  }

  #start(): PoolWorker | undefined {
    // A process that has one processor only may have one, if it is told to.
    const most = Math.max(
      1,
      (globalThis.navigator?.hardwareConcurrency ?? 1) - 1,
    );
    if (
      this.#isClosed || started >= most ||
      typeof SharedArrayBuffer !== "function" || !mayStartWorker(WORKER_URL)
    ) return undefined;
    const worker = new PoolWorker(this.#environment, (ended) => {
      this.#workers.delete(ended);
    });
    this.#workers.add(worker);
    return worker;
  }

  /** Ends all workers; plans that they help with fail. */
  close(): void {
    this.#isClosed = true;
    for (const worker of [...this.#workers]) worker.end();
  }
}

/** A worker of a pool. */
export class PoolWorker {
  readonly #environment: Environment;
  readonly #onEnd: (worker: PoolWorker) => void;
  readonly #memory: SharedArrayBuffer = sharedMemory();
  readonly #control: Int32Array;
  readonly #worker: Worker;
  readonly #readiness: PromiseWithResolvers<void> = Promise.withResolvers();
  #isReady = false;
  #isEnded = false;
  /** Whether a plan has it. */
  #isTaken = false;
  /** The plan that it runs, till it says that it is over. */
  #helped: Helped | undefined;
  #planId = 0;
  #sent = 0;
  #idle: Timer | undefined;

  /** Starts a Worker. */
  constructor(environment: Environment, onEnd: (worker: PoolWorker) => void) {
    this.#environment = environment;
    this.#onEnd = onEnd;
    this.#control = new Int32Array(this.#memory, 0, CONTROL_BYTES / 4);
    started++;
    this.#worker = new Worker(WORKER_URL, { type: "module", name: "parallel" });
    this.#worker.onmessage = ({ data }: MessageEvent<FromWorker>): void =>
      this.#hear(data);
    this.#worker.onerror = (event): void => {
      event.preventDefault();
      this.end();
    };
  }

  /** Whether it can be taken. */
  get isFree(): boolean {
    return !this.#isTaken && this.#helped === undefined && !this.#isEnded;
  }

  /** Whether it hears what it is told. */
  get isReady(): boolean {
    return this.#isReady && !this.#isEnded;
  }

  /** Resolves when it is ready, or gone. */
  get readiness(): Promise<void> {
    return this.#readiness.promise;
  }

  /** Whether a slot is free. */
  get hasRoom(): boolean {
    const taken = Atomics.load(this.#control, CONTROL.taken);
    return this.isReady && this.#sent - taken < SLOTS;
  }

  /** Keeps it for a plan. */
  take(): void {
    this.#isTaken = true;
    this.#idle?.cancel();
  }

  /** Begins a plan. REQUIRES: it is taken and ready. */
  begin(
    plan: Omit<PlanMessage, "kind" | "id" | "memory">,
    helped: Helped,
  ): void {
    this.#helped = helped;
    this.#sent = 0;
    Atomics.store(this.#control, CONTROL.taken, 0);
    const id = ++this.#planId;
    this.#send({ ...plan, kind: "plan", id, memory: this.#memory });
  }

  /** Lets `writer` fill a slot. REQUIRES: it has room. */
  open(writer: SlotWriter): void {
    writer.begin(this.#memory, slotOffset(this.#sent % SLOTS));
  }

  /** Hands over the slot that was filled. */
  handOver(writer: SlotWriter): void {
    const slot = this.#sent++ % SLOTS;
    const bytes = writer.finish();
    this.#send({ kind: "rows", id: this.#planId, slot, bytes });
  }

  /** Says that there are no more rows. */
  finish(): void {
    this.#send({ kind: "end", id: this.#planId });
  }

  /** Lets it go; what it still does is of no use. */
  release(): void {
    if (!this.#isTaken) return;
    this.#isTaken = false;
    if (this.#helped !== undefined) {
      Atomics.store(this.#control, CONTROL.stop, this.#planId);
      this.finish();
    }
    this.#rest();
  }

  /** Ends it. */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    started--;
    this.#idle?.cancel();
    this.#worker.terminate();
    this.#onEnd(this);
    this.#readiness.resolve();
    const helped = this.#helped;
    this.#helped = undefined;
    helped?.failed("lost");
  }

  #hear(message: FromWorker): void {
    if (this.#isEnded) return;
    if (message.kind === "ready") {
      this.#isReady = true;
      this.#readiness.resolve();
      return this.#rest();
    }
    const helped = this.#helped;
    if (message.kind === "chunk") {
      if (this.#isTaken) helped?.chunk(message.bytes);
      return;
    }
    this.#helped = undefined;
    if (!this.#isTaken) return this.#rest();
    if (message.kind === "done") helped?.done();
    else helped?.failed(message.error);
  }

  /** Ends it after a while, if nobody wants it. */
  #rest(): void {
    this.#idle?.cancel();
    if (!this.isFree) return;
    this.#idle = this.#environment.setTimer(
      () => this.end(),
      IDLE_MS,
      { background: true },
    );
  }

  #send(message: ToWorker): void {
    if (!this.#isEnded) this.#worker.postMessage(message);
  }
}
