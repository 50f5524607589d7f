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
} from "../analyzer/bound_expression.ts";
import { deparse } from "../analyzer/deparse.ts";
import { quoteIdentifier } from "../parser/quote.ts";
import type { ColumnId, LogicalPlan } from "../planner/logical_plan.ts";
import { inputsOf, outputOf } from "../planner/plan_tree.ts";

/** The text of expressions of one plan. */
export class PlanText {
  /** What computed columns are computed from. */
  readonly #sources = new Map<string, BoundExpression>();
  /** The names of the tables, by relation. */
  readonly #aliases = new Map<number, string>();
  /** What queries take from around them, by slot. */
  readonly #captured = new Map<number, BoundExpression>();

  /** The text of the expressions of `plan`. */
  constructor(plan: LogicalPlan) {
    this.#collect(plan);
  }

  /** Notes what the columns of a node are. */
  #collect(plan: LogicalPlan): void {
    for (const input of inputsOf(plan)) this.#collect(input);
    if ("table" in plan && "alias" in plan.table) {
      this.#aliases.set(plan.table.relation, plan.table.alias);
    }
    if (plan.kind === "insert" && plan.conflict?.update !== undefined) {
      this.#aliases.set(plan.newRelation, plan.table.name);
      this.#aliases.set(plan.conflict.update.excluded, "excluded");
    }
    const captures = plan.kind === "join"
      ? plan.captures
      : plan.kind === "apply" || plan.kind === "init"
      ? plan.subqueries.flatMap((subquery) => subquery.captures)
      : [];
    for (const { slot, expression } of captures) {
      this.#captured.set(slot, expression);
    }
    const sources = plan.kind === "project" || plan.kind === "compute"
      ? plan.expressions
      : plan.kind === "window"
      ? plan.calls
      : plan.kind === "aggregate"
      ? [...plan.groups, ...plan.aggregates]
      : [];
    outputOf(plan).slice(outputOf(plan).length - sources.length)
      .forEach((id, i) => this.#sources.set(keyOf(id), sources[i]!));
  }

  /** What a column is computed from. */
  source(id: ColumnId): string {
    const source = this.#sources.get(keyOf(id));
    return source === undefined ? "?" : this.of(source);
  }

  /** An expression; computed columns in parentheses, as PostgreSQL has it. */
  of(expression: BoundExpression, parentheses = true): string {
    const column = (ref: BoundColumn): string => {
      const source = this.#sources.get(keyOf(ref));
      if (source === undefined) return this.#columnName(ref);
      const text = this.of(source);
      const isPlain = source.kind === "column" || !parentheses;
      return isPlain ? text : `(${text})`;
    };
    const outer = ({ slot, name }: BoundOuter): string => {
      const captured = this.#captured.get(slot);
      return captured === undefined ? quoteIdentifier(name) : this.of(captured);
    };
    return deparse(expression, { column, outer, anyArray: true });
  }

  /** A table's column: with the table where there are several. */
  #columnName({ relation, name }: BoundColumn): string {
    const alias = this.#aliases.get(relation);
    return alias === undefined || this.#aliases.size < 2
      ? quoteIdentifier(name)
      : `${quoteIdentifier(alias)}.${quoteIdentifier(name)}`;
  }
}

function keyOf(
  { relation, column }: { readonly relation: number; readonly column: number },
): string {
  return `${relation}.${column}`;
}
