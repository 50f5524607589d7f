/**
 * Operators: queries of WITH. `with` makes them known, `cte_scan` reads them. Each
 * is run as far as somebody reads, once; its rows are kept for all who do. One
 * that changes a table is run to its end before the first row, read or not.
 *
 * @module
 */
import {
  isPromise,
  type MaybePromise,
  then,
} from "../../base/maybe_promise.ts";
import type { Chunk } from "../chunk/chunk.ts";
import {
  type CteScanNode,
  isChange,
  type LogicalPlan,
  type WithNode,
} from "../planner/logical_plan.ts";
import { KeptChunks } from "./kept_chunks.ts";
import type { Operator } from "./operator.ts";
import { openInput, type PhysicalPlan } from "./physical_plan.ts";
import type { RunState, SharedRows } from "./run_state.ts";

/** A compiled WITH. */
export class WithPlan implements PhysicalPlan {
  readonly node: WithNode;
  readonly #input: PhysicalPlan;
  readonly #ctes: readonly PhysicalPlan[];

  /** Compiles the node over its input and the plans of its queries. */
  constructor(
    node: WithNode,
    input: PhysicalPlan,
    ctes: readonly PhysicalPlan[],
  ) {
    this.node = node;
    this.#input = input;
    this.#ctes = ctes;
  }

  /** Opens it. */
  open(run: RunState): Operator {
    const shared = this.#ctes.map((plan) => new CteRows(plan, run));
    this.node.ctes.forEach(({ id }, i) => run.ctes.set(id, shared[i]!));
    const input = openInput(this.#input, run);
    let changes = this.node.ctes.flatMap(({ plan }, i) =>
      endsInChange(plan) ? [shared[i]!] : []
    );
    return {
      next: (): MaybePromise<Chunk | undefined> => {
        if (changes.length === 0) return input.next();
        const waiting = changes;
        changes = [];
        return then(completeAll(waiting), () => input.next());
      },
      close: (): void => {
        input.close();
        for (const each of shared) each.close();
      },
    };
  }
}

/** Whether a query of WITH is a change, which may have a WITH of its own. */
function endsInChange(plan: LogicalPlan): boolean {
  return plan.kind === "with" ? endsInChange(plan.input) : isChange(plan);
}

function completeAll(
  all: readonly CteRows[],
  from = 0,
): MaybePromise<void> {
  if (from === all.length) return;
  return then(all[from]!.complete(), () => completeAll(all, from + 1));
}

/** The rows of one query of WITH. */
class CteRows implements SharedRows {
  readonly #plan: PhysicalPlan;
  readonly #run: RunState;
  readonly #kept: KeptChunks;
  #operator: Operator | undefined;
  #isDone = false;

  constructor(plan: PhysicalPlan, run: RunState) {
    this.#plan = plan;
    this.#run = run;
    this.#kept = new KeptChunks(run);
  }

  chunk(index: number): MaybePromise<Chunk | undefined> {
    for (;;) {
      const chunk = this.#kept.chunk(index);
      if (chunk !== undefined || this.#isDone) return chunk;
      this.#run.checkAborted();
      this.#operator ??= openInput(this.#plan, this.#run);
      const next = this.#operator.next();
      if (isPromise(next)) {
        return next.then((some) => {
          this.#take(some);
          return this.chunk(index);
        });
      }
      this.#take(next);
    }
  }

  /** Runs the query to its end. */
  complete(): MaybePromise<void> {
    return then(this.chunk(this.#kept.count), (chunk) => {
      if (chunk !== undefined) return this.complete();
    });
  }

  #take(chunk: Chunk | undefined): void {
    if (chunk === undefined) this.#isDone = true;
    else this.#kept.append(chunk);
  }

  close(): void {
    this.#isDone = true;
    this.#operator?.close();
    this.#kept.release();
  }
}

/** A compiled scan of a query of WITH. */
export class CteScanPlan implements PhysicalPlan {
  readonly node: CteScanNode;

  /** Compiles the node. */
  constructor(node: CteScanNode) {
    this.node = node;
  }

  /** Opens it. */
  open(run: RunState): Operator {
    const rows = run.ctes.get(cteKey(this.node))!;
    let index = 0;
    let isDone = false;
    return {
      next: (): MaybePromise<Chunk | undefined> => {
        if (isDone) return undefined;
        return then(rows.chunk(index++), (chunk) => chunk);
      },
      close: (): void => {
        isDone = true;
      },
    };
  }
}

/** Under which number a run knows the rows: those of a round below zero. */
export function cteKey(
  { id, working }: { readonly id: number; readonly working: boolean },
): number {
  return working ? -1 - id : id;
}
