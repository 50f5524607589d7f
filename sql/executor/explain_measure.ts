/**
 * EXPLAIN ANALYZE: a plan is run to its end, and what its nodes did is measured.
 *
 * A node that is opened again, as the inner side of a loop is, is measured as a whole:
 * its loops are counted, and rows and times are means of a loop, as PostgreSQL has it.
 *
 * @module
 */
import { isPromise, type MaybePromise } from "../../base/maybe_promise.ts";
import { type Chunk, selectedCount, valueAt } from "../chunk/chunk.ts";
import type { ExplainOptions } from "../parser/syntax.ts";
import type { LogicalPlan } from "../planner/logical_plan.ts";
import { forEachRow } from "./column_tools.ts";
import type { Actual, BlockCounts } from "./explain_node.ts";
import type { ExecutionContext, Operator, OperatorUsage } from "./operator.ts";
import { openPlan, type Plan } from "./physical_planner.ts";
import type { Observe } from "./run_state.ts";

/** What EXPLAIN ANALYZE measured. */
export interface Measured {
  /** What each node did. */
  readonly actuals: ReadonlyMap<LogicalPlan, Actual>;
  /** Milliseconds in all. */
  readonly executionMs: number;
  readonly serialization?: Serialization;
}

/** What writing the result took. */
export interface Serialization {
  readonly bytes: number;
  readonly ms: number;
}

/** What measures. */
export interface Instruments {
  /** A clock that never goes back, in milliseconds. */
  nowMs(): number;
  /** Blocks that were asked for so far; absent where nobody wants to know. */
  readonly blocks?: (() => BlockCounts) | undefined;
}

/** Runs a plan to its end and measures its nodes. */
export function measurePlan(
  plan: Plan,
  context: ExecutionContext,
  instruments: Instruments,
  serialize: ExplainOptions["serialize"] = "none",
): MaybePromise<Measured> {
  const { nowMs } = instruments;
  const meters = new Map<LogicalPlan, NodeMeter>();
  const observe: Observe = (node, operator) => {
    let meter = meters.get(node);
    if (meter === undefined) {
      meters.set(node, meter = new NodeMeter(instruments));
    }
    return meter.observe(operator);
  };
  const start = nowMs();
  const run = openPlan(plan, context, observe);
  const written = { bytes: 0, ms: 0 };
  const write = (chunk: Chunk): void => {
    if (serialize === "none") return;
    const before = nowMs();
    written.bytes += writtenBytes(chunk);
    written.ms += nowMs() - before;
  };
  const finish = (): Measured => {
    run.close();
    return {
      executionMs: nowMs() - start,
      ...serialize === "none" ? {} : { serialization: written },
      actuals: new Map(
        [...meters].map(([node, meter]) => [node, meter.actual]),
      ),
    };
  };
  const pull = (): MaybePromise<Measured> => {
    for (;;) {
      const chunk = run.next();
      if (isPromise(chunk)) {
        return chunk.then((some) => {
          if (some === undefined) return finish();
          write(some);
          return pull();
        });
      }
      if (chunk === undefined) return finish();
      write(chunk);
    }
  };
  try {
    const done = pull();
    if (!isPromise(done)) return done;
    return done.catch((error) => {
      run.close();
      throw error;
    });
  } catch (error) {
    run.close();
    throw error;
  }
}

/** How many bytes the rows of a chunk are as text. */
function writtenBytes({ columns, rowCount, selection }: Chunk): number {
  let bytes = 0;
  for (const column of columns) {
    forEachRow(selection, rowCount, (row) => {
      const value = valueAt(column, row);
      if (value !== null) bytes += column.type.output(value).length;
    });
  }
  return bytes;
}

/** Counts what a node does, in all its loops. */
class NodeMeter {
  readonly #instruments: Instruments;
  #loops = 0;
  #startupMs = 0;
  #totalMs = 0;
  #rows = 0;
  #removedRows: number | undefined;
  #hits = 0;
  #reads = 0;
  #usage: OperatorUsage | undefined;
  #report: Actual["report"];
  #launched: number | undefined;
  #last: Operator | undefined;

  constructor(instruments: Instruments) {
    this.#instruments = instruments;
  }

  get actual(): Actual {
    if (this.#last !== undefined) this.#note(this.#last);
    const loops = Math.max(1, this.#loops);
    return {
      startupMs: this.#startupMs / loops,
      totalMs: this.#totalMs / loops,
      rows: this.#rows / loops,
      loops,
      removedRows: this.#removedRows === undefined
        ? undefined
        : this.#removedRows / loops,
      usage: this.#usage,
      report: this.#report,
      launched: this.#launched,
      blocks: this.#instruments.blocks === undefined
        ? undefined
        : { hits: this.#hits, reads: this.#reads },
    };
  }

  /** Counts what `operator` does: another loop. */
  observe(operator: Operator): Operator {
    this.#loops++;
    this.#last = operator;
    let hasRows = false;
    const measured = (
      chunk: Chunk | undefined,
      start: number,
      before: BlockCounts | undefined,
    ): Chunk | undefined => {
      const ms = this.#instruments.nowMs() - start;
      this.#totalMs += ms;
      if (before !== undefined) this.#countBlocks(before);
      if (!hasRows) this.#startupMs += ms;
      if (chunk !== undefined) {
        hasRows = true;
        this.#rows += selectedCount(chunk);
      }
      return chunk;
    };
    return {
      next: (): MaybePromise<Chunk | undefined> => {
        const start = this.#instruments.nowMs();
        const before = this.#instruments.blocks?.();
        const chunk = operator.next();
        if (!isPromise(chunk)) return measured(chunk, start, before);
        return chunk.then((some) => measured(some, start, before));
      },
      close: (): void => {
        if (this.#last === operator) {
          this.#note(operator);
          this.#last = undefined;
        }
        operator.close();
      },
    };
  }

  #countBlocks(before: BlockCounts): void {
    const after = this.#instruments.blocks!();
    this.#hits += after.hits - before.hits;
    this.#reads += after.reads - before.reads;
  }

  /** Notes what an operator says of itself: of usage the most of all loops. */
  #note(operator: Operator): void {
    const removed = operator.removedRows?.();
    if (removed !== undefined) {
      this.#removedRows = (this.#removedRows ?? 0) + removed;
    }
    this.#report = operator.report?.() ?? this.#report;
    this.#launched = operator.launched?.() ?? this.#launched;
    const usage = operator.usage?.();
    if (usage === undefined) return;
    const before = this.#usage;
    this.#usage = {
      memoryBytes: Math.max(before?.memoryBytes ?? 0, usage.memoryBytes),
      spilledBytes: Math.max(before?.spilledBytes ?? 0, usage.spilledBytes),
      batches: usage.batches === undefined
        ? undefined
        : Math.max(before?.batches ?? 0, usage.batches),
    };
  }
}
