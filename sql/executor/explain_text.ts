/**
 * Expressions of a plan as EXPLAIN shows them: columns that a node computes stand
 * for what they are computed from.
 *
 * @module
 */
import type {
  BoundColumn,
  BoundExpression,
  BoundOuter,
  BoundWindowCall,
} from "../analyzer/bound_expression.ts";
import { deparse } from "../analyzer/deparse.ts";
import { quoteIdentifier } from "../parser/quote.ts";
import { expressionsOf } from "../planner/expressions_of.ts";
import type {
  ApplyNode,
  ColumnId,
  InitNode,
  LogicalPlan,
  PlannedSubquery,
  WindowNode,
} from "../planner/logical_plan.ts";
import { inputsOf, outputOf } from "../planner/plan_tree.ts";
import { columnKey, ColumnNames } from "./explain_names.ts";

/** The node that `plan` is shown within: what is above it is shown in it. */
export function shownWithin(plan: LogicalPlan): LogicalPlan {
  for (let node = plan;;) {
    switch (node.kind) {
      case "project":
      case "compute":
      case "filter":
      case "apply":
      case "init":
      case "with":
        node = node.input;
        break;
      case "append":
        if (node.inputs.length !== 1) return node;
        node = node.inputs[0]!;
        break;
      default:
        return node;
    }
  }
}

/** How a text is written. */
interface Writing {
  /** The node whose own expressions are written out, without parentheses. */
  readonly at?: LogicalPlan | undefined;
  /** Whether columns have their table in any case. */
  readonly isQualified: boolean;
}

/** What a column is computed from, and in which node. */
interface Source {
  readonly expression: BoundExpression;
  /** Absent: below the node that names it. */
  readonly at: LogicalPlan | undefined;
}

/** The text of expressions of one plan. */
export class PlanText {
  /** What computed columns are computed from. */
  readonly #sources = new Map<string, Source>();
  /** The columns that others stand for, as those of a UNION's first query. */
  readonly #passed = new Map<string, ColumnId>();
  /** The columns that are values of queries, and of functions that give rows. */
  readonly #values = new Map<string, (writing: Writing) => string>();
  readonly #names = new ColumnNames();
  /** What queries take from around them, by slot. */
  readonly #captured = new Map<number, BoundExpression>();
  /** The values of queries that run first, by slot. */
  readonly #initial = new Map<number, string>();
  readonly #subplans = new Map<PlannedSubquery, string>();
  /** The names of windows, by the functions that are called over them. */
  readonly #windows = new Map<BoundWindowCall["callee"], string>();
  #windowCount = 0;
  readonly #writing: Writing;

  /** The text of the expressions of `plan`; VERBOSE names their tables. */
  constructor(plan: LogicalPlan, isVerbose = false) {
    this.#writing = { isQualified: isVerbose };
    this.#collect(plan);
  }

  /** Notes what the columns of a node are. */
  #collect(plan: LogicalPlan): void {
    if (plan.kind === "apply" || plan.kind === "init") {
      this.#collectQueries(plan);
    } else for (const input of inputsOf(plan)) this.#collect(input);
    this.#names.note(plan, expressionsOf(plan));
    if (plan.kind === "window") {
      const name = `w${++this.#windowCount}`;
      for (const { callee } of plan.calls) this.#windows.set(callee, name);
    }
    if (plan.kind === "join") this.#capture(plan.captures);
    if (plan.kind === "set_operation" || plan.kind === "recursive") {
      const first = outputOf(plan.left);
      outputOf(plan).forEach((id, i) =>
        this.#passed.set(columnKey(id), first[i]!)
      );
    }
    if (plan.kind === "project_set") {
      plan.calls.forEach(({ function: { name }, args }, column) =>
        this.#values.set(
          columnKey({ relation: plan.relation, column }),
          (writing) => {
            const texts = args.map((arg) => this.#of(arg, writing));
            return `${quoteIdentifier(name)}(${texts.join(", ")})`;
          },
        )
      );
    }
    const { sources, computedBelow } = sourcesOf(plan);
    const output = outputOf(plan);
    const start = plan.kind === "aggregate"
      ? 0
      : output.length - sources.length;
    const at = shownWithin(plan);
    sources.forEach((expression, i) =>
      this.#sources.set(columnKey(output[start + i]!), {
        expression,
        at: i < computedBelow ? undefined : at,
      })
    );
  }

  #collectQueries(plan: ApplyNode | InitNode): void {
    this.#collect(plan.input);
    plan.subqueries.forEach((subquery, i) => {
      const number = this.#subplans.size + 1;
      const isInit = plan.kind === "init";
      const name = `${isInit ? "InitPlan" : "SubPlan"} ${number}`;
      this.#subplans.set(subquery, name);
      if (plan.kind === "init") {
        this.#initial.set(plan.slots[i]!, `(${name}).col1`);
      } else {
        const text = `${FORMS[subquery.form] ?? ""}(${name})`;
        const id = { relation: plan.relation, column: i };
        this.#values.set(columnKey(id), () => text);
      }
      this.#capture(subquery.captures);
      this.#collect(subquery.plan);
    });
  }

  #capture(captures: PlannedSubquery["captures"]): void {
    for (const { slot, expression } of captures) {
      this.#captured.set(slot, expression);
    }
  }

  /** What the window of a node is called: `w1`. */
  window({ calls }: WindowNode): string {
    return this.#windows.get(calls[0]!.callee)!;
  }

  /** What a query in an expression is called: `SubPlan 1`. */
  subplan(subquery: PlannedSubquery): string {
    return this.#subplans.get(subquery)!;
  }

  /** What a column is computed from. */
  source(id: ColumnId): string {
    const source = this.#sources.get(columnKey(id));
    return source === undefined
      ? this.#column(id, this.#writing)
      : this.of(source.expression);
  }

  /** A column of what a node gives: expressions of its own as they are. */
  output(id: ColumnId, at: LogicalPlan): string {
    return this.#column(id, { at, isQualified: false });
  }

  /** An expression over what a node gives. */
  given(expression: BoundExpression, at: LogicalPlan): string {
    return this.#of(expression, { at, isQualified: false });
  }

  /**
   * An expression; columns that are computed elsewhere than in the node `at` in
   * parentheses, as PostgreSQL has it.
   */
  of(expression: BoundExpression, at?: LogicalPlan): string {
    return this.#of(expression, { ...this.#writing, at });
  }

  #of(
    expression: BoundExpression,
    writing: Writing,
  ): string {
    const column = (ref: BoundColumn): string =>
      this.#column(ref, writing, ref.name);
    const outer = ({ slot, name }: BoundOuter): string => {
      const captured = this.#captured.get(slot);
      return captured === undefined
        ? this.#initial.get(slot) ?? quoteIdentifier(name)
        : this.#of(captured, writing);
    };
    const window = (call: BoundWindowCall): string | undefined =>
      this.#windows.get(call.callee);
    return deparse(expression, { column, outer, window, anyArray: true });
  }

  #column(
    id: ColumnId,
    writing: Writing,
    name?: string,
  ): string {
    const key = columnKey(id);
    const value = this.#values.get(key);
    if (value !== undefined) return value(writing);
    const passed = this.#passed.get(key);
    if (passed !== undefined) return this.#column(passed, writing);
    const source = this.#sources.get(key);
    if (source === undefined) {
      return this.#names.of(id, writing.isQualified, name);
    }
    const { expression, at } = source;
    if (expression.kind === "column") {
      return this.#column(expression, writing, expression.name);
    }
    const isOwn = at !== undefined && at === writing.at;
    const text = this.#of(
      expression,
      isOwn ? writing : { ...writing, at },
    );
    return isOwn ? text : `(${text})`;
  }
}

/** How what a query gives is written, where it is not its value. */
const FORMS: Partial<Record<PlannedSubquery["form"], string>> = {
  exists: "EXISTS",
  array: "ARRAY",
};

/**
 * What the last columns of a node are computed from (all, of an aggregate), and
 * how many of them PostgreSQL computes in the node below.
 */
function sourcesOf(
  plan: LogicalPlan,
): { sources: readonly BoundExpression[]; computedBelow: number } {
  switch (plan.kind) {
    case "project":
    case "compute":
      return { sources: plan.expressions, computedBelow: 0 };
    case "window":
      return { sources: plan.calls, computedBelow: 0 };
    case "insert":
    case "update":
    case "delete":
    case "merge":
      return { sources: plan.returning, computedBelow: 0 };
    case "aggregate":
      return {
        sources: [...plan.groups, ...plan.aggregates],
        computedBelow: plan.groups.length,
      };
    default:
      return { sources: [], computedBelow: 0 };
  }
}
