/**
 * The run of a plan between its hooks.
 *
 * @module
 */
import { isPromise, type MaybePromise } from "../../base/maybe_promise.ts";
import { type Chunk, selectedCount } from "../chunk/chunk.ts";
import type { LogicalPlan } from "../planner/logical_plan.ts";
import type { PlanRun } from "./operator.ts";
import type { PlanHooks, PlanProgress } from "./plan_hooks.ts";

/** Opens a plan between its hooks. */
export function openBetween(
  hooks: PlanHooks,
  plan: LogicalPlan,
  open: () => PlanRun,
): PlanRun {
  hooks.start(plan);
  try {
    return new HookedRun(hooks, open());
  } catch (error) {
    hooks.end({ rows: 0, affectedRows: 0, error });
    throw error;
  }
}

class HookedRun implements PlanRun {
  readonly #hooks: PlanHooks;
  readonly #inner: PlanRun;
  #rows = 0;
  #failure: { readonly error: unknown } | undefined;
  #isFinished = false;
  #isClosed = false;

  constructor(hooks: PlanHooks, inner: PlanRun) {
    this.#hooks = hooks;
    this.#inner = inner;
  }

  get affectedRows(): number {
    return this.#inner.affectedRows;
  }

  get #progress(): PlanProgress {
    const { affectedRows } = this.#inner;
    return { rows: this.#rows, affectedRows, ...this.#failure };
  }

  next(): MaybePromise<Chunk | undefined> {
    try {
      this.#hooks.run(this.#progress);
      const chunk = this.#inner.next();
      if (!isPromise(chunk)) return this.#take(chunk);
      return chunk.then((some) => this.#take(some)).catch((error) => {
        throw this.#fail(error);
      });
    } catch (error) {
      throw this.#fail(error);
    }
  }

  #take(chunk: Chunk | undefined): Chunk | undefined {
    if (chunk === undefined) this.#finish();
    else this.#rows += selectedCount(chunk);
    return chunk;
  }

  #fail(error: unknown): unknown {
    this.#failure ??= { error };
    return error;
  }

  #finish(): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    this.#hooks.finish(this.#progress);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      if (this.#failure === undefined) this.#finish();
    } catch (error) {
      throw this.#fail(error);
    } finally {
      this.#inner.close();
      this.#hooks.end(this.#progress);
    }
  }
}
