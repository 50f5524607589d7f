/**
 * Operator: the rows for which a condition is true.
 *
 * @module
 */
import type { MaybePromise } from "../../base/maybe_promise.ts";
import type { Chunk } from "../chunk/chunk.ts";
import type { FilterNode } from "../planner/logical_plan.ts";
import { compileFilter, type Filter } from "./filter_expression.ts";
import { FilteredRows } from "./filtered_rows.ts";
import { layoutOf } from "./layout.ts";
import type { Operator } from "./operator.ts";
import { openInput, type PhysicalPlan, pullUntil } from "./physical_plan.ts";
import type { RunState } from "./run_state.ts";

/** A compiled filter. */
export class FilterPlan implements PhysicalPlan {
  readonly node: FilterNode;
  readonly #input: PhysicalPlan;
  readonly #filter: Filter;

  /** Compiles a filter over `input`. */
  constructor(node: FilterNode, input: PhysicalPlan) {
    this.node = node;
    this.#input = input;
    this.#filter = compileFilter(node.condition, layoutOf(node.input));
  }

  /** Opens it. */
  open(run: RunState): Operator {
    const input = openInput(this.#input, run);
    const filtered = new FilteredRows(this.#filter, run);
    return {
      next: (): MaybePromise<Chunk | undefined> =>
        pullUntil(() => input.next(), (chunk) => filtered.of(chunk)),
      close: (): void => input.close(),
    };
  }
}
