/**
 * The nodes that run in other threads, compiled: these alone, so that a Worker
 * loads no more than it needs.
 *
 * @module
 */
import { KriyaError } from "../../../base/errors.ts";
import type { LogicalPlan } from "../../planner/logical_plan.ts";
import { FilterPlan } from "../filter.ts";
import { HashAggregatePlan } from "../hash_aggregate.ts";
import type { PhysicalPlan } from "../physical_plan.ts";
import { ProjectPlan } from "../project.ts";
import { SeqScanPlan } from "../seq_scan.ts";
import { SortPlan } from "../sort.ts";

/** Compiles a node and those below. */
export function compilePart(node: LogicalPlan): PhysicalPlan {
  switch (node.kind) {
    case "scan":
      return new SeqScanPlan(node);
    case "filter":
      return new FilterPlan(node, compilePart(node.input));
    case "project":
    case "compute":
      return new ProjectPlan(node, compilePart(node.input));
    case "aggregate":
      return new HashAggregatePlan(node, compilePart(node.input));
    case "sort":
    case "top_n":
      return new SortPlan(node, compilePart(node.input));
    default:
      throw new KriyaError("internal", `Cannot run a ${node.kind} in a thread`);
  }
}
