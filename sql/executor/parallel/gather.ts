/**
 * Operator: the rows of a plan that several threads run (Gather), or those rows
 * merged in order (Gather Merge).
 *
 * This thread runs the plan itself, and workers help that are there already. Where
 * there are none, they are started once the plan has taken {@linkcode ALONE_MS}:
 * what is over sooner costs no Worker. Where there are none, or
 * the process may not start any, this thread is all there is.
 *
 * A plan that ends in an aggregate or a sort gives nothing before all threads are
 * done. So if a worker is lost, or cannot do its part (a function asks what only
 * this thread knows; its groups are more than memory is for), the plan is run
 * again by this thread alone, where rows can go into files. A plan that has given
 * rows by then fails.
 *
 * @module
 */
import type { MaybePromise } from "../../../base/maybe_promise.ts";
import type { Chunk } from "../../chunk/chunk.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { GatherNode, ScanNode } from "../../planner/logical_plan.ts";
import type { LogicalPlan } from "../../planner/logical_plan.ts";
import { inputsOf } from "../../planner/plan_tree.ts";
import type { DataType } from "../../types/data_type.ts";
import { accessOver } from "../../access/parallel/access_over.ts";
import type { RowRuns } from "../../access/parallel/row_runs.ts";
import type { ExecutionContext, Operator } from "../operator.ts";
import { typesOf } from "../output_types.ts";
import { openInput, type PhysicalPlan } from "../physical_plan.ts";
import { RunState } from "../run_state.ts";
import {
  type ChunkShape,
  chunkShape,
  decodeRows,
} from "../spill/chunk_bytes.ts";
import { definitionAt } from "./definition_numbers.ts";
import { MergedSources } from "./merged_sources.ts";
import { type DateTimeData, type ErrorData, errorOf } from "./messages.ts";
import { encodeValues, type PlanData } from "./plan_data.ts";
import { SharedScan } from "./shared_scan.ts";
import type { Helped, PoolWorker } from "./worker_pool.ts";

/**
 * How long a plan runs before Workers are started for it: about as long as one takes
 * to start, so that a plan costs at most twice what it costs alone.
 */
const ALONE_MS = 600;
/** Rows that go to one thread at once, where threads are to be used in any case. */
const FORCED_ROWS = 5;

/** A compiled gather. */
export class GatherPlan implements PhysicalPlan {
  readonly node: GatherNode;
  readonly input: PhysicalPlan;
  readonly scan: ScanNode;
  readonly shape: ChunkShape | undefined;
  /** Whether it gives nothing before all rows were read. */
  readonly isBlocking: boolean;

  /** Compiles a gather of what threads do as `input`. */
  constructor(node: GatherNode, input: PhysicalPlan) {
    this.node = node;
    this.input = input;
    this.scan = scanIn(node.input);
    this.shape = chunkShape(typesOf(node.input));
    const { kind } = node.input;
    this.isBlocking = kind === "aggregate" || kind === "sort" ||
      kind === "top_n";
  }

  /** Opens it. */
  open(run: RunState): Operator {
    const { table } = this.scan.table;
    const { access, transaction, workers } = run.context;
    const method = access.table(table.accessMethod);
    const runs = workers === undefined || this.shape === undefined
      ? undefined
      : method.runs?.(table, transaction);
    return runs === undefined
      ? openInput(this.input, run)
      : new Gather(this, run, runs);
  }
}

function scanIn(plan: LogicalPlan): ScanNode {
  return plan.kind === "scan" ? plan : scanIn(inputsOf(plan)[0]!);
}

/** What a worker has given so far. */
interface Part {
  readonly worker: PoolWorker;
  readonly chunks: Uint8Array[];
  isOver: boolean;
}

class Gather implements Operator {
  readonly #plan: GatherPlan;
  readonly #run: RunState;
  readonly #scan: SharedScan;
  /** What this thread does. */
  #leader: Operator;
  #isLeaderDone = false;
  /** The first rows of this thread, held back till the others are done. */
  #held: Chunk | undefined;
  #workers: PoolWorker[] = [];
  readonly #parts: Part[] = [];
  #startedMs: number | undefined;
  #wantsHelp = true;
  /** Whether all rows were read. */
  #isRead = false;
  #hasGiven = false;
  #isAlone = false;
  #failure: { readonly error: ErrorData | "stays" | "lost" } | undefined;
  #wake: (() => void) | undefined;
  #merged: MergedSources | undefined;
  #launched = 0;

  constructor(plan: GatherPlan, run: RunState, runs: RowRuns) {
    this.#plan = plan;
    this.#run = run;
    const { forced, leads } = run.context.workers!;
    this.#scan = new SharedScan(runs, {
      rowsMax: forced ? FORCED_ROWS : Infinity,
      leads,
      onRead: () => this.#askForHelp(),
      onEnd: () => {
        this.#isRead = true;
        for (const { worker } of this.#parts) worker.finish();
        this.#dismissIdle();
      },
    });
    const { table } = plan.scan.table;
    this.#leader = openInput(
      plan.input,
      new RunState(
        leaderContext(run.context, accessOver(table, this.#scan)),
        run.observe,
      ),
    );
  }

  next(): MaybePromise<Chunk | undefined> {
    const begin = this.#begin();
    if (begin !== undefined) return begin.then(() => this.#advance());
    return this.#advance();
  }

  /** Waits for workers where they are to be used in any case. */
  #begin(): Promise<unknown> | undefined {
    if (this.#startedMs !== undefined) return undefined;
    const help = this.#run.context.workers!;
    this.#startedMs = help.nowMs();
    if (!help.forced) {
      this.#workers = help.pool.takeReady(this.#plan.node.workers);
      return undefined;
    }
    this.#workers = help.pool.take(this.#plan.node.workers);
    return Promise.all(this.#workers.map(({ readiness }) => readiness));
  }

  #advance(): MaybePromise<Chunk | undefined> {
    if (this.#isAlone) return this.#leader.next();
    if (this.#failure !== undefined) return this.#fail(this.#failure.error);
    return this.#plan.isBlocking ? this.#afterAll() : this.#asTheyCome();
  }

  /** Rows in the order in which threads give them. */
  #asTheyCome(): MaybePromise<Chunk | undefined> {
    const chunk = this.#received();
    if (chunk !== undefined) return chunk;
    if (this.#isLeaderDone) {
      if (this.#parts.every(({ isOver }) => isOver)) return undefined;
      return this.#wait().then(() => this.#advance());
    }
    const next = this.#leader.next();
    return next instanceof Promise
      ? next.then((chunk) => this.#led(chunk))
      : this.#led(next);
  }

  #led(chunk: Chunk | undefined): MaybePromise<Chunk | undefined> {
    if (chunk === undefined) {
      this.#isLeaderDone = true;
      return this.#advance();
    }
    this.#hasGiven = true;
    return chunk;
  }

  /** The next rows that a worker has given. */
  #received(): Chunk | undefined {
    for (const { chunks } of this.#parts) {
      const bytes = chunks.shift();
      if (bytes === undefined) continue;
      this.#hasGiven = true;
      return decodeRows(this.#plan.shape!, bytes);
    }
    return undefined;
  }

  /** Rows once every thread has read all of its own. */
  #afterAll(): MaybePromise<Chunk | undefined> {
    if (!this.#isRead || (this.#held === undefined && !this.#isLeaderDone)) {
      const next = this.#leader.next();
      const hold = (
        chunk: Chunk | undefined,
      ): MaybePromise<Chunk | undefined> => {
        this.#held = chunk;
        // A plan that wants no rows reads none.
        this.#scan.close();
        this.#isRead = true;
        this.#isLeaderDone = chunk === undefined;
        return this.#advance();
      };
      return next instanceof Promise ? next.then(hold) : hold(next);
    }
    if (this.#parts.some(({ isOver }) => !isOver)) {
      return this.#wait().then(() => this.#advance());
    }
    if (this.#plan.node.keys !== undefined) return this.#inOrder();
    const held = this.#held;
    if (held !== undefined) {
      this.#held = undefined;
      this.#hasGiven = true;
      return held;
    }
    return this.#asTheyCome();
  }

  #inOrder(): MaybePromise<Chunk | undefined> {
    this.#hasGiven = true;
    this.#merged ??= new MergedSources(this.#plan.node, this.#run, [
      () => {
        const held = this.#held;
        this.#held = undefined;
        return held ?? (this.#isLeaderDone ? undefined : this.#leader.next());
      },
      ...this.#parts.map(({ chunks }) => (): Chunk | undefined => {
        const bytes = chunks.shift();
        return bytes && decodeRows(this.#plan.shape!, bytes);
      }),
    ]);
    return this.#merged.next();
  }

  /** Begins with workers once they are worth it, and as they are ready. */
  #askForHelp(): void {
    if (!this.#wantsHelp) return;
    const help = this.#run.context.workers!;
    if (this.#workers.length === 0) {
      const ranMs = help.nowMs() - this.#startedMs!;
      if (!help.forced && ranMs < ALONE_MS) return;
      this.#workers = help.pool.take(this.#plan.node.workers);
      if (this.#workers.length === 0) this.#wantsHelp = false;
    }
    for (const worker of this.#workers) {
      if (!worker.isReady) continue;
      if (!this.#parts.some((part) => part.worker === worker)) {
        this.#launch(worker);
      }
    }
    if (this.#parts.length === this.#workers.length) this.#wantsHelp = false;
  }

  #launch(worker: PoolWorker): void {
    const { context } = this.#run;
    const plan = this.#plan.node.data as PlanData;
    const types = plan.parameters.map(({ type }) =>
      definitionAt(type) as DataType
    );
    const part: Part = { worker, chunks: [], isOver: false };
    const helped: Helped = {
      chunk: (bytes) => {
        part.chunks.push(bytes);
        this.#wakeUp();
      },
      done: () => {
        part.isOver = true;
        this.#wakeUp();
      },
      failed: (error) => {
        part.isOver = true;
        this.#failure ??= { error };
        // No more rows: what was read is read again, or of no use.
        this.#scan.close();
        this.#wakeUp();
      },
    };
    const { functions, settings } = context;
    worker.begin({
      plan,
      parameters: encodeValues(
        types,
        plan.parameters.map(({ index }) => context.parameters[index] ?? null),
      ),
      memoryBytesMax: settings.memoryBytesMax / (this.#plan.node.workers + 1),
      transactionTimestamp: functions.transactionTimestamp,
      statementTimestamp: functions.statementTimestamp,
      datetime: functions.datetime && datetimeData(functions.datetime),
    }, helped);
    this.#parts.push(part);
    this.#launched++;
    this.#scan.share(this.#parts.map(({ worker }) => worker));
  }

  /** Lets go of workers that came too late. */
  #dismissIdle(): void {
    this.#wantsHelp = false;
    for (const worker of this.#workers) {
      if (!this.#parts.some((part) => part.worker === worker)) worker.release();
    }
  }

  /** Waits till a worker says something, or the statement is stopped. */
  #wait(): Promise<void> {
    const { signal } = this.#run.context;
    const wait = (abort?: AbortSignal): Promise<void> =>
      new Promise((resolve, reject) => {
        this.#wake = resolve;
        abort?.addEventListener("abort", () => reject(abort.reason), {
          once: true,
        });
      });
    if (signal instanceof AbortSignal) {
      signal.throwIfAborted();
      return wait(signal);
    }
    return signal?.within === undefined ? wait() : signal.within(wait);
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  /** A worker has not done its part. */
  #fail(error: ErrorData | "stays" | "lost"): MaybePromise<Chunk | undefined> {
    const isRefused = typeof error === "string" || error.code === "53200";
    if (this.#hasGiven || !isRefused) {
      throw typeof error !== "string"
        ? errorOf(error)
        : error === "lost"
        ? new SqlError("XX000", "lost connection to parallel worker")
        : new SqlError("XX000", "a parallel worker cannot do its part");
    }
    this.#letGo();
    this.#isAlone = true;
    this.#failure = undefined;
    this.#leader = openInput(this.#plan.input, this.#run);
    return this.#leader.next();
  }

  #letGo(): void {
    this.#leader.close();
    this.#scan.close();
    this.#wantsHelp = false;
    for (const worker of this.#workers) worker.release();
    this.#workers = [];
    this.#parts.length = 0;
    this.#held = undefined;
    this.#merged = undefined;
  }

  /** How many workers helped. */
  launched(): number {
    return this.#launched;
  }

  close(): void {
    this.#letGo();
    this.#isLeaderDone = true;
    this.#isRead = true;
  }
}

/** What the plan of this thread is given. */
function leaderContext(
  context: ExecutionContext,
  access: ExecutionContext["access"],
): ExecutionContext {
  return { ...context, access };
}

function datetimeData(
  { zone, ...styles }: NonNullable<
    ExecutionContext["functions"]["datetime"]
  >,
): DateTimeData {
  return { ...styles, zone: zone.kind === "fixed" ? zone : zone.name };
}
