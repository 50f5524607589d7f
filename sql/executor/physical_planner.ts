/**
 * Statements to plans that can run: logical plan, optimizer passes, then each
 * node compiled to its operator.
 *
 * @module
 */
import { unreachable } from "../../base/invariant.ts";
import { type MaybePromise, then } from "../../base/maybe_promise.ts";
import type { BoundPlannable, ResultField } from "../analyzer/bound_tree.ts";
import { isViewTable } from "../catalog/view_table.ts";
import type { PlanFacts } from "../optimizer/facts.ts";
import { optimize } from "../optimizer/optimizer.ts";
import { stackDepthError } from "../parser/grammar.ts";
import { isChange, type LogicalPlan } from "../planner/logical_plan.ts";
import { withParameters } from "../planner/known_parameters.ts";
import { inputsOf } from "../planner/plan_tree.ts";
import { changesInWith, planLogically } from "../planner/planner.ts";
import { Transaction } from "../transaction/transaction.ts";
import { viewOf } from "../transaction/transaction_view.ts";
import type { TypeRef } from "../types/data_type.ts";
import { AppendPlan } from "./append.ts";
import { ApplyPlan } from "./apply.ts";
import { BitmapScanPlan } from "./bitmap_scan.ts";
import { CustomScanPlan } from "./custom_scan.ts";
import { DependentJoinPlan } from "./dependent_join.ts";
import { DistinctPlan } from "./distinct.ts";
import { DistinctOnPlan } from "./distinct_on.ts";
import { ExternalRowsPlan } from "./external_rows.ts";
import { FilterPlan } from "./filter.ts";
import { FunctionScanPlan } from "./function_scan.ts";
import { openBetween } from "./hooked_run.ts";
import { HashAggregatePlan } from "./hash_aggregate.ts";
import { IndexLookupPlan } from "./index_lookup.ts";
import { IndexScanPlan } from "./index_scan.ts";
import { JoinPlan } from "./join.ts";
import { LimitPlan } from "./limit.ts";
import { LockRowsPlan } from "./lock_rows.ts";
import { isLookupJoin, LookupJoinPlan } from "./lookup_join.ts";
import { MaterializePlan } from "./materialize.ts";
import { MergeJoinPlan } from "./merge_join.ts";
import { ModifyTablePlan } from "./modify/modify_table.ts";
import { ModifyTreePlan } from "./modify/modify_tree.ts";
import { ModifyViewPlan } from "./modify/modify_view.ts";
import { isTreeChange, namedTable } from "./modify/tree_node.ts";
import type { ExecutionContext, Operator, PlanRun } from "./operator.ts";
import type { PhysicalPlan } from "./physical_plan.ts";
import { GatherPlan } from "./parallel/gather.ts";
import { parallelize } from "./parallel/parallel_plan.ts";
import { pointPlanOf } from "./point/point_plan.ts";
import type { PointPlan } from "./point/point_run.ts";
import { ProjectPlan } from "./project.ts";
import { ProjectSetPlan } from "./project_set.ts";
import { RecursivePlan } from "./recursive.ts";
import { type Observe, RunState } from "./run_state.ts";
import { SeqScanPlan } from "./seq_scan.ts";
import { SetOperationPlan } from "./set_operation.ts";
import { SortPlan } from "./sort.ts";
import { ResultPlan, ValuesPlan } from "./values_scan.ts";
import { VectorScanPlan } from "./vector_scan.ts";
import { WaitingCallsPlan } from "./waiting_calls.ts";
import { WindowPlan } from "./window/window.ts";
import { CteScanPlan, WithPlan } from "./with.ts";

/** A plan: immutable, to be run any number of times by {@linkcode openPlan}. */
export interface Plan {
  /** What kind of statement it is. */
  readonly kind: BoundPlannable["kind"];
  /** The columns of its result; none for a change without RETURNING. */
  readonly fields: readonly ResultField[];
  /** The types of its parameters. */
  readonly parameterTypes: readonly TypeRef[];
  /** Whether it changes tables in several places, WITH among them. */
  readonly severalChanges: boolean;
  /** Whether it changes or locks rows, and so may have to run again. */
  readonly locks: boolean;
  /** Whether it may be kept and run again. */
  readonly cacheable: boolean;
  /** What it does, for EXPLAIN. */
  readonly logical: LogicalPlan;
  /** What runs. */
  readonly root: PhysicalPlan;
  /** A way beside it, for one row. */
  readonly point: PointPlan | undefined;
}

/**
 * Plans a statement.
 *
 * @throws {SqlError} `54001` when it nests too deep.
 */
export function planStatement(
  statement: BoundPlannable,
  facts: PlanFacts,
): Plan {
  try {
    const planned = planLogically(statement);
    const { parameters } = facts;
    const optimized = optimize(
      parameters === undefined
        ? planned.plan
        : withParameters(planned.plan, parameters),
      facts,
    );
    const logical = parallelize(optimized, facts);
    const { kind, fields, parameterTypes, cacheable } = statement;
    const root = compile(logical);
    return {
      kind,
      fields,
      parameterTypes,
      // Queries over changed rows read the state before the changes, too.
      severalChanges: changesInWith(statement) || asksLate(logical),
      locks: planned.locks,
      cacheable,
      logical,
      root,
      point: pointPlanOf(logical, facts.access),
    };
  } catch (error) {
    if (error instanceof RangeError) throw stackDepthError();
    throw error;
  }
}

/** Whether a change in the plan asks queries about rows it has changed. */
function asksLate(plan: LogicalPlan): boolean {
  return isChange(plan) && (plan.late !== undefined ||
        plan.kind === "insert" && plan.lateUpdate !== undefined) ||
    inputsOf(plan).some(asksLate);
}

/** Starts a run of a plan, between its hooks. */
export function openPlan(
  plan: Plan,
  context: ExecutionContext,
  observe?: Observe,
): PlanRun {
  const { hooks } = context;
  if (hooks === undefined) return openUnhooked(plan, context, observe);
  return openBetween(
    hooks,
    plan.logical,
    () => openUnhooked(plan, context, observe),
  );
}

function openUnhooked(
  plan: Plan,
  context: ExecutionContext,
  observe: Observe | undefined,
): PlanRun {
  const { transaction } = context;
  const run = plan.severalChanges
    ? new RunState(
      { ...context, transaction: viewOf(transaction) },
      observe,
      transaction,
    )
    : new RunState(context, observe);
  const root = plan.root.open(run);
  const operator = observe?.(plan.logical, root) ?? root;
  return new Run(run, operator);
}

class Run implements PlanRun {
  readonly #run: RunState;
  readonly #operator: Operator;

  constructor(run: RunState, operator: Operator) {
    this.#run = run;
    this.#operator = operator;
  }

  get affectedRows(): number {
    return this.#run.affectedRows;
  }

  next(): ReturnType<Operator["next"]> {
    return then(this.#operator.next(), (chunk) => chunk ?? this.#end());
  }

  /** The end of the statement, where its constraints are checked. */
  #end(): MaybePromise<undefined> {
    const { writes } = this.#run;
    if (!(writes instanceof Transaction) || !writes.hasChecks) return undefined;
    // Checks see what was committed while the statement ran.
    if (writes.readCommitted) writes.moveSnapshot();
    return writes.checks.runImmediate().then(() => undefined);
  }

  close(): void {
    this.#operator.close();
  }
}

function compile(node: LogicalPlan): PhysicalPlan {
  switch (node.kind) {
    case "result":
      return new ResultPlan(node);
    case "external":
      return new ExternalRowsPlan(node);
    case "values":
      return new ValuesPlan(node);
    case "scan":
      return new SeqScanPlan(node);
    case "append":
      return new AppendPlan(node, node.inputs.map(compile));
    case "index_lookup":
      return new IndexLookupPlan(node);
    case "custom_scan":
      return new CustomScanPlan(node);
    case "bitmap_scan":
      return new BitmapScanPlan(node);
    case "index_scan":
      return new IndexScanPlan(node);
    case "knn":
      return new VectorScanPlan(node, compile(node.exact));
    case "join": {
      const left = compile(node.left);
      const right = compile(node.right);
      if (node.merged === true) return new MergeJoinPlan(node, left, right);
      if (node.captures.length === 0) return new JoinPlan(node, left, right);
      const dependent = new DependentJoinPlan(node, left, right);
      return isLookupJoin(node)
        ? new LookupJoinPlan(node, left, dependent)
        : dependent;
    }
    case "apply":
    case "init":
      return new ApplyPlan(node, compile(node.input), compile);
    case "set_operation":
      return new SetOperationPlan(
        node,
        compile(node.left),
        compile(node.right),
      );
    case "gather":
      return new GatherPlan(node, compile(node.input));
    case "materialize":
      return new MaterializePlan(node, compile(node.input));
    case "with":
      return new WithPlan(
        node,
        compile(node.input),
        node.ctes.map(({ plan }) => compile(plan)),
      );
    case "cte_scan":
      return new CteScanPlan(node);
    case "recursive":
      return new RecursivePlan(
        node,
        compile(node.left),
        compile(node.right),
      );
    case "filter":
      return new FilterPlan(node, compile(node.input));
    case "compute":
      return node.waits
        ? new WaitingCallsPlan(node, compile(node.input))
        : new ProjectPlan(node, compile(node.input));
    case "window":
      return new WindowPlan(node, compile(node.input));
    case "project_set":
      return new ProjectSetPlan(node, compile(node.input));
    case "function_scan":
      return new FunctionScanPlan(node);
    case "project":
      return new ProjectPlan(node, compile(node.input));
    case "aggregate":
      return new HashAggregatePlan(node, compile(node.input));
    case "sort":
    case "top_n":
      return new SortPlan(node, compile(node.input));
    case "limit":
      return new LimitPlan(node, compile(node.input));
    case "distinct":
      return new DistinctPlan(node, compile(node.input));
    case "lock_rows":
      return new LockRowsPlan(node, compile(node.input));
    case "distinct_on":
      return new DistinctOnPlan(node, compile(node.input));
    case "insert":
    case "update":
    case "delete":
    case "merge":
      if (isViewTable(namedTable(node))) {
        return new ModifyViewPlan(node, compile(node.input), compile);
      }
      return isTreeChange(node)
        ? new ModifyTreePlan(node, compile(node.input), compile)
        : new ModifyTablePlan(node, compile(node.input), compile);
    default:
      return unreachable(node);
  }
}
