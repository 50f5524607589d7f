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
import type {
  BoundColumn,
  BoundExpression,
} from "../analyzer/bound_expression.ts";
import type { TableRelation } from "../analyzer/bound_tree.ts";
import { deparse, orderText } from "../analyzer/deparse.ts";
import { quoteIdentifier } from "../analyzer/quote.ts";
import { type Estimate, estimate } from "../optimizer/estimate.ts";
import { chooseKnn } from "../optimizer/knn_cost.ts";
import {
  type KnnNode,
  type LogicalPlan,
  outputOf,
  type SortKey,
} from "../planner/logical_plan.ts";
import { rowWindow } from "./limits.ts";
import type { RunState } from "./run_state.ts";

/** What a node did. */
export interface Actual {
  /** Milliseconds until the first row, and until the last. */
  readonly startupMs: number;
  readonly totalMs: number;
  readonly rows: number;
  readonly loops: number;
}

/** A node as it is shown. */
export interface ExplainNode {
  /** `Seq Scan`, `Limit` … */
  readonly type: string;
  /** The first line of the text form, `Seq Scan on t`. */
  readonly title: string;
  /** What the JSON form says about the node itself. */
  readonly facts: Readonly<Record<string, string>>;
  /** What both forms say: `Filter`, `Sort Key` … */
  readonly details: readonly (readonly [string, string | readonly string[]])[];
  readonly estimate: Estimate;
  readonly actual: Actual | undefined;
  readonly children: readonly ExplainNode[];
}

/** The tree that EXPLAIN shows; with what was done, under ANALYZE. */
export function explainTree(
  plan: LogicalPlan,
  run: RunState,
  actuals?: ReadonlyMap<LogicalPlan, Actual>,
): ExplainNode {
  return new Explainer(plan, run, actuals).node(plan, []);
}

type Details = ExplainNode["details"];

class Explainer {
  readonly #run: RunState;
  readonly #actuals: ReadonlyMap<LogicalPlan, Actual> | undefined;
  /** What computed columns are computed from. */
  readonly #sources = new Map<string, BoundExpression>();

  constructor(
    plan: LogicalPlan,
    run: RunState,
    actuals: ReadonlyMap<LogicalPlan, Actual> | undefined,
  ) {
    this.#run = run;
    this.#actuals = actuals;
    this.#collect(plan);
  }

  /** Notes what the columns of a node are. */
  #collect(plan: LogicalPlan): void {
    if (plan.kind === "knn") this.#collect(plan.exact);
    if ("input" in plan) this.#collect(plan.input);
    const sources = plan.kind === "project" || plan.kind === "compute"
      ? plan.expressions
      : plan.kind === "aggregate"
      ? [...plan.groups, ...plan.aggregates]
      : [];
    outputOf(plan).slice(outputOf(plan).length - sources.length)
      .forEach((id, i) => this.#sources.set(keyOf(id), sources[i]!));
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
          ["Filter", this.#text(plan.condition, false)],
        ]);
      case "knn":
        return this.#knn(plan, details);
      case "top_n":
        return this.#make(plan, "Limit", details, [
          this.#make(plan, "Sort", [this.#sortKeys(plan.keys)], [
            this.node(plan.input, []),
          ]),
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
        return this.#make(
          plan,
          "Seq Scan",
          [
            ...details,
            ...this.#filter(plan.filter),
          ],
          [],
          {
            title: `Seq Scan on ${tableName(plan.table)}`,
            facts: tableFacts(plan.table),
          },
        );
      case "index_lookup":
        return this.#make(
          plan,
          "Index Scan",
          [
            ["Index Cond", this.#text(plan.condition)],
            ...details,
            ...this.#filter(plan.filter),
          ],
          [],
          indexShown(plan),
        );
      case "aggregate": {
        const groups = plan.groups.map((group) => this.#text(group));
        return groups.length === 0
          ? this.#make(plan, "Aggregate", details, [this.node(plan.input, [])])
          : this.#make(plan, "HashAggregate", [
            ["Group Key", groups],
            ...details,
          ], [this.node(plan.input, [])]);
      }
      case "distinct": {
        const keys = outputOf(plan).map((id) => {
          const source = this.#sources.get(keyOf(id));
          return source === undefined ? "?" : this.#text(source);
        });
        return this.#make(plan, "HashAggregate", [
          ["Group Key", keys],
          ...details,
        ], [this.node(plan.input, [])]);
      }
      case "sort":
        return this.#make(plan, "Sort", [
          this.#sortKeys(plan.keys),
          ...details,
        ], [this.node(plan.input, [])]);
      case "limit":
        return this.#make(plan, "Limit", details, [this.node(plan.input, [])]);
      case "insert":
      case "update":
      case "delete": {
        const table = plan.kind === "insert" ? plan.table : plan.table.table;
        const operation = plan.kind[0]!.toUpperCase() + plan.kind.slice(1);
        return this.#make(plan, "ModifyTable", details, [
          this.node(plan.input, []),
        ], {
          title: `${operation} on ${quoteIdentifier(table.name)}`,
          facts: { "Operation": operation, "Relation Name": table.name },
        });
      }
      default:
        return unreachable(plan);
    }
  }

  #knn(plan: KnnNode, details: Details): ExplainNode {
    const window = rowWindow(plan, this.#run);
    const wanted = window.limit === 0 ? 0 : window.limit + window.offset;
    const choice = chooseKnn(plan, wanted, this.#run.context);
    const why: Details = [["KNN", choice.reason]];
    if (!choice.useIndex || wanted === Infinity) {
      return this.node(plan.exact, [...details, ...why]);
    }
    const scan = this.#make(
      plan,
      "Index Scan",
      [
        ["Order By", this.#text(plan.distance)],
        ...this.#filter(plan.filter),
        ...why,
      ],
      [],
      indexShown(plan),
    );
    return this.#make(plan, "Limit", details, [scan]);
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
      details,
      estimate: estimate(plan, this.#run.context),
      actual: this.#actuals?.get(plan),
      children,
    };
  }

  #filter(filter: BoundExpression | undefined): Details {
    return filter === undefined ? [] : [["Filter", this.#text(filter)]];
  }

  #sortKeys(keys: readonly SortKey[]): Details[number] {
    return [
      "Sort Key",
      keys.map((key) => this.#text(key.expression) + orderText(key)),
    ];
  }

  /** An expression; computed columns in parentheses, as PostgreSQL has it. */
  #text(expression: BoundExpression, parentheses = true): string {
    const column = (ref: BoundColumn): string => {
      const source = this.#sources.get(keyOf(ref));
      if (source === undefined) return quoteIdentifier(ref.name);
      const text = this.#text(source);
      const isPlain = source.kind === "column" || !parentheses;
      return isPlain ? text : `(${text})`;
    };
    return deparse(expression, { column, anyArray: true });
  }
}

function keyOf(
  { relation, column }: { readonly relation: number; readonly column: number },
): string {
  return `${relation}.${column}`;
}

function tableName({ table, alias }: TableRelation): string {
  const name = quoteIdentifier(table.name);
  return alias === table.name ? name : `${name} ${quoteIdentifier(alias)}`;
}

function tableFacts(
  { table, alias }: TableRelation,
): Readonly<Record<string, string>> {
  return { "Relation Name": table.name, "Alias": alias };
}

function indexShown(
  { index, table }: Pick<KnnNode, "index" | "table">,
): Pick<ExplainNode, "title" | "facts"> {
  return {
    title: `Index Scan using ${quoteIdentifier(index.name)} on ${
      tableName(table)
    }`,
    facts: {
      "Scan Direction": "Forward",
      "Index Name": index.name,
      ...tableFacts(table),
    },
  };
}
