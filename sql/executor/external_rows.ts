/**
 * Operator: rows that come from outside, as who runs the plan gives them.
 *
 * @module
 */
import { invariant } from "../../base/invariant.ts";
import type { ExternalNode } from "../planner/logical_plan.ts";
import type { Operator } from "./operator.ts";
import type { PhysicalPlan } from "./physical_plan.ts";
import type { RunState } from "./run_state.ts";

/** A compiled place of rows from outside. */
export class ExternalRowsPlan implements PhysicalPlan {
  readonly node: ExternalNode;

  /** Compiles the node. */
  constructor(node: ExternalNode) {
    this.node = node;
  }

  /** Opens it. */
  open(run: RunState): Operator {
    const external = run.external.get(this.node.relation) ??
      run.context.external;
    invariant(external !== undefined, "nobody gives the rows");
    return external;
  }
}
