/**
 * A plan as EXPLAIN shows it: nodes with PostgreSQL's names, and what is to be
 * said about each.
 *
 * What PostgreSQL computes within a node (select lists, conditions) is shown
 * within it; what we keep as one node and PostgreSQL as two (a bounded sort) is
 * shown as two.
 *
 * @module
 */
import { unreachable } from "../../base/invariant.ts";
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import { orderText } from "../analyzer/deparse.ts";
import { quoteIdentifier } from "../parser/quote.ts";
import { estimate } from "../optimizer/estimate.ts";
import { conjunction } from "../planner/conjuncts.ts";
import { joinConditionOf } from "../planner/join_keys.ts";
import type {
  AppendNode,
  ApplyNode,
  BitmapSource,
  ChangeNode,
  InitNode,
  JoinNode,
  KnnNode,
  LogicalPlan,
  SortKey,
  WindowNode,
} from "../planner/logical_plan.ts";
import { outputOf } from "../planner/plan_tree.ts";
import { scanShown } from "./explain_scans.ts";
import {
  functionCall,
  functionShown,
  indexShown,
  relationName,
  tableFacts,
} from "./explain_tables.ts";
import { bitmapShown } from "./explain_bitmap.ts";
import { conflictShown } from "./explain_conflict.ts";
import { aggregateShown, gatherShown } from "./explain_gather.ts";
import { aheadShown, joinShown } from "./explain_join.ts";
import { knnShown } from "./explain_knn.ts";
import { outputShown } from "./explain_output.ts";
import type { Actual, ExplainNode } from "./explain_node.ts";
import { rowsRemoved, withUsageOf } from "./explain_usage.ts";
import { setOperationShown } from "./explain_sets.ts";
import { PlanText, shownWithin } from "./explain_text.ts";
import type { RunState } from "./run_state.ts";

/** The tree that EXPLAIN shows; with what was done, under ANALYZE. */
export function explainTree(
  plan: LogicalPlan,
  run: RunState,
  isVerbose: boolean,
  actuals?: ReadonlyMap<LogicalPlan, Actual>,
): ExplainNode {
  return new Explainer(plan, run, isVerbose, actuals).node(plan, []);
}

type Details = ExplainNode["details"];

class Explainer {
  readonly #run: RunState;
  readonly #isVerbose: boolean;
  readonly #actuals: ReadonlyMap<LogicalPlan, Actual> | undefined;
  readonly #expressions: PlanText;

  constructor(
    plan: LogicalPlan,
    run: RunState,
    isVerbose: boolean,
    actuals: ReadonlyMap<LogicalPlan, Actual> | undefined,
  ) {
    this.#run = run;
    this.#isVerbose = isVerbose;
    this.#actuals = actuals;
    this.#expressions = new PlanText(plan, isVerbose);
  }

  /** A node; `details` are of nodes above that are shown within it. */
  node(plan: LogicalPlan, details: Details): ExplainNode {
    switch (plan.kind) {
      case "project":
      case "compute":
        return this.#within(plan, plan.input, details);
      case "filter":
        return this.#within(plan, plan.input, [
          ...details,
          ["Filter", this.#expressions.of(plan.condition, shownWithin(plan))],
          ...rowsRemoved(
            this.#actuals?.get(plan.input),
            this.#actuals?.get(plan),
          ),
        ]);
      case "knn":
        return this.#knn(plan, details);
      case "top_n":
        return this.#make(plan, "Limit", details, [
          {
            ...this.#make(plan, "Sort", [this.#sortKeys(plan.keys)], [
              this.node(plan.input, []),
            ]),
            isBounded: true,
          },
        ]);
      default:
        return this.#shown(plan, details);
    }
  }

  /** A node that is shown within the one below: its rows are what count. */
  #within(
    plan: LogicalPlan,
    input: LogicalPlan,
    details: Details,
  ): ExplainNode {
    const node = this.node(input, details);
    const { rows, width } = estimate(plan, this.#run.context);
    return {
      ...node,
      output: this.#output(plan),
      estimate: { ...node.estimate, rows, width },
      actual: plan.kind === "filter" && this.#actuals !== undefined
        ? this.#actuals.get(plan) ?? node.actual
        : node.actual,
    };
  }

  #shown(
    plan: Exclude<
      LogicalPlan,
      { kind: "project" | "compute" | "filter" | "knn" | "top_n" }
    >,
    details: Details,
  ): ExplainNode {
    switch (plan.kind) {
      case "result":
        return this.#make(plan, "Result", details, []);
      case "values":
        return this.#make(plan, "Values Scan", details, [], {
          title: 'Values Scan on "*VALUES*"',
          facts: { "Alias": "*VALUES*" },
        });
      case "scan":
      case "index_lookup":
      case "index_scan":
      case "bitmap_scan":
      case "custom_scan": {
        const text = (part: BoundExpression): string => this.#text(part);
        const actual = this.#actuals?.get(plan);
        const shown = scanShown(plan, details, text, actual, this.#isVerbose);
        return this.#make(
          plan,
          shown.type,
          shown.details,
          plan.kind === "bitmap_scan"
            ? [this.#bitmapOf(plan, plan.source)]
            : [],
          shown,
        );
      }
      case "append":
        return this.#append(plan, details);
      case "aggregate": {
        const groups = plan.groups.map((group) => this.#text(group));
        const shown = aggregateShown(plan);
        return groups.length === 0
          ? this.#make(plan, shown.type, details, [
            this.node(plan.input, []),
          ], shown)
          : this.#make(
            plan,
            shown.type,
            [
              plan.sets === undefined ? ["Group Key", groups] : [
                "Grouping Sets",
                plan.sets.map((set) =>
                  `(${set.map((group) => groups[group]).join(", ")})`
                ),
              ],
              ...details,
            ],
            [this.node(plan.input, [])],
            shown,
          );
      }
      case "gather": {
        if (this.#run.context.workers?.hidden === true) {
          return this.node(plan.input, details);
        }
        const shown = gatherShown(plan, this.#actuals?.get(plan));
        const input = this.node(plan.input, []);
        return this.#make(plan, shown.type, [...shown.details, ...details], [
          plan.input.kind === "top_n" ? input.children[0]! : input,
        ]);
      }
      case "distinct": {
        const keys = outputOf(plan).map((id) => this.#expressions.source(id));
        return this.#make(plan, "HashAggregate", [
          ["Group Key", keys],
          ...details,
        ], [this.node(plan.input, [])]);
      }
      case "lock_rows":
        return this.#make(plan, "LockRows", details, [
          this.node(plan.input, []),
        ]);
      case "distinct_on":
        return this.#make(plan, "Unique", details, [this.node(plan.input, [])]);
      case "sort":
        return this.#make(plan, "Sort", [
          this.#sortKeys(plan.keys),
          ...details,
        ], [this.node(plan.input, [])]);
      case "external":
        return this.#make(plan, "External Rows", details, []);
      case "limit":
        return this.#make(plan, "Limit", details, [this.node(plan.input, [])]);
      case "insert":
      case "update":
      case "delete":
      case "merge": {
        const relation = plan.kind === "insert"
          ? { table: plan.table, alias: plan.table.name }
          : plan.table;
        const changed = relationName(relation.table, this.#isVerbose);
        const facts = tableFacts(relation, this.#isVerbose);
        const operation = plan.kind[0]!.toUpperCase() + plan.kind.slice(1);
        return this.#make(plan, "ModifyTable", [
          ...conflictShown(plan, (part) => this.#text(part)),
          ...details,
        ], [
          this.node(plan.input, []),
          ...this.#late(plan),
        ], {
          title: `${operation} on ${changed}`,
          facts: { "Operation": operation, ...facts },
        });
      }
      case "join":
        return this.#join(plan, details);
      case "apply":
      case "init":
        return this.#subplans(plan, details);
      case "set_operation": {
        const shown = setOperationShown(plan);
        const sides = [this.node(plan.left, []), this.node(plan.right, [])];
        return this.#make(plan, shown.type, details, sides, shown);
      }
      case "materialize":
        return this.#make(plan, "Materialize", details, [
          this.node(plan.input, []),
        ]);
      case "with": {
        const input = this.node(plan.input, details);
        const ctes = plan.ctes.map((cte) =>
          this.#named(`CTE ${quoteIdentifier(cte.name)}`, cte.plan, "InitPlan")
        );
        return { ...input, children: [...ctes, ...input.children] };
      }
      case "cte_scan": {
        const type = plan.working ? "WorkTable Scan" : "CTE Scan";
        const name = quoteIdentifier(plan.name);
        const shown = plan.alias === plan.name
          ? name
          : `${name} ${quoteIdentifier(plan.alias)}`;
        return this.#make(plan, type, details, [], {
          title: `${type} on ${shown}`,
          facts: { "CTE Name": plan.name, "Alias": plan.alias },
        });
      }
      case "window":
        return this.#window(plan, details);
      case "project_set":
        return this.#make(plan, "ProjectSet", details, [
          this.node(plan.input, []),
        ]);
      case "function_scan": {
        const call = this.#isVerbose
          ? functionCall(plan, (part) => this.#text(part))
          : [];
        return this.#make(
          plan,
          "Function Scan",
          [...call, ...details],
          [],
          functionShown(plan),
        );
      }
      case "recursive":
        return this.#make(plan, "Recursive Union", details, [
          this.node(plan.left, []),
          this.node(plan.right, []),
        ]);
      default:
        return unreachable(plan);
    }
  }

  #append(plan: AppendNode, details: Details): ExplainNode {
    const { inputs } = plan;
    if (inputs.length === 1) return this.node(inputs[0]!, details);
    if (inputs.length > 1) {
      const children = inputs.map((input) => this.node(input, []));
      return this.#make(plan, "Append", details, children);
    }
    return this.#make(plan, "Result", [["One-Time Filter", "false"]], []);
  }

  #window(plan: WindowNode, details: Details): ExplainNode {
    const input = this.node(plan.input, []);
    const partition: SortKey[] = plan.partitionBy.map((expression) => ({
      expression,
      descending: false,
      nullsFirst: false,
    }));
    const keys = [...partition, ...plan.orderBy];
    const sorted = plan.sorted
      ? input
      : this.#make(plan.input, "Sort", [this.#sortKeys(keys)], [input]);
    const parts = [
      ...plan.partitionBy.length === 0
        ? []
        : [`PARTITION BY ${this.#keys(partition).join(", ")}`],
      ...plan.orderBy.length === 0
        ? []
        : [`ORDER BY ${this.#keys(plan.orderBy).join(", ")}`],
    ];
    return this.#make(plan, "WindowAgg", [
      ["Window", `${this.#expressions.window(plan)} AS (${parts.join(" ")})`],
      ...details,
    ], [sorted]);
  }

  #join(plan: JoinNode, details: Details): ExplainNode {
    const { keys, rest } = joinConditionOf(plan);
    const shown = joinShown(plan);
    const { isHash } = shown;
    const text = (all: readonly BoundExpression[]): string =>
      this.#text(conjunction(all)!);
    const said: Details = isHash || plan.merged === true
      ? [
        [
          isHash ? "Hash Cond" : "Merge Cond",
          text(keys.map(({ condition }) => condition)),
        ],
        ...rest.length === 0 ? [] : [["Join Filter", text(rest)] as const],
      ]
      : plan.condition === undefined
      ? []
      : [["Join Filter", this.#text(plan.condition)]];
    const left = this.node(plan.left, []);
    const right = this.node(plan.right, []);
    return this.#make(
      plan,
      shown.type,
      [...said, ...aheadShown(plan), ...details],
      [left, isHash ? this.#hash(plan, right) : right],
      shown,
    );
  }

  /** The hash table of a join: a node of its own in PostgreSQL. */
  #hash(plan: JoinNode, right: ExplainNode): ExplainNode {
    const node = this.#around("Hash", plan.right, right);
    return withUsageOf(node, this.#actuals?.get(plan));
  }

  /** A node that PostgreSQL has and we do not. */
  #around(type: string, plan: LogicalPlan, child: ExplainNode): ExplainNode {
    return this.#make(plan, type, [], [child]);
  }

  /** A plan that stands beside the others under a name. */
  #named(
    name: string,
    plan: LogicalPlan,
    relationship: "InitPlan" | "SubPlan",
  ): ExplainNode {
    const node = this.node(plan, []);
    return {
      ...node,
      title: `${name}: ${node.title}`,
      relationship,
      facts: { ...node.facts, "Subplan Name": name },
    };
  }

  /** Queries over rows as they are changed. */
  #late(plan: ChangeNode): ExplainNode[] {
    const all = [
      plan.kind === "insert" ? plan.lateUpdate : undefined,
      plan.late,
    ];
    return all.flatMap((late) =>
      late === undefined ? [] : this.node(late.plan, []).children
    );
  }

  #subplans(plan: ApplyNode | InitNode, details: Details): ExplainNode {
    const input = this.node(plan.input, details);
    const relationship = plan.kind === "init" ? "InitPlan" : "SubPlan";
    const subplans = plan.subqueries.map((subquery) =>
      this.#named(
        this.#expressions.subplan(subquery),
        subquery.plan,
        relationship,
      )
    );
    return {
      ...input,
      output: this.#output(plan),
      children: [...subplans, ...input.children],
    };
  }

  #knn(plan: KnnNode, details: Details): ExplainNode {
    const { isExact, isFiltered, why } = knnShown(
      plan,
      this.#run,
      this.#actuals?.get(plan)?.report,
    );
    if (isExact) return this.node(plan.exact, [...details, ...why]);
    const bound: Details = plan.bound === undefined
      ? []
      : [["Within", this.#text(plan.bound)]];
    const scan = this.#make(
      plan,
      "Index Scan",
      [
        ...(plan.limit === undefined ? details : []),
        ["Order By", this.#text(plan.distance)],
        ...bound,
        ...this.#filter(plan.filter),
        ...why,
      ],
      isFiltered ? [this.#bitmapOf(plan, plan.bitmap!.source)] : [],
      indexShown(plan, this.#isVerbose),
    );
    if (plan.limit === undefined) return scan;
    return this.#make(plan, "Limit", details, [scan]);
  }

  /** Where the locators of a node come from. */
  #bitmapOf(plan: LogicalPlan, source: BitmapSource): ExplainNode {
    const cost = estimate(plan, this.#run.context);
    return bitmapShown(source, cost, (condition) => this.#text(condition));
  }

  #make(
    plan: LogicalPlan,
    type: string,
    details: Details,
    children: readonly ExplainNode[],
    shown: Partial<Pick<ExplainNode, "title" | "facts">> = {},
  ): ExplainNode {
    return {
      type,
      title: shown.title ?? type,
      facts: shown.facts ?? {},
      output: this.#output(plan),
      details,
      estimate: estimate(plan, this.#run.context),
      actual: this.#actuals?.get(plan),
      children,
    };
  }

  #output(plan: LogicalPlan): string[] {
    return this.#isVerbose ? outputShown(plan, this.#expressions) : [];
  }

  #filter(filter: BoundExpression | undefined): Details {
    return filter === undefined ? [] : [["Filter", this.#text(filter)]];
  }

  #text(expression: BoundExpression): string {
    return this.#expressions.of(expression);
  }

  #sortKeys(keys: readonly SortKey[]): Details[number] {
    return ["Sort Key", this.#keys(keys)];
  }

  #keys(keys: readonly SortKey[]): string[] {
    return keys.map((key) => this.#text(key.expression) + orderText(key));
  }
}
