/**
 * What EXPLAIN calls the columns that relations have: tables, lists, functions,
 * queries of WITH.
 *
 * @module
 */
import {
  type BoundExpression,
  CTID_COLUMN,
  TABLEOID_COLUMN,
} from "../analyzer/bound_expression.ts";
import { someExpression } from "../analyzer/walk.ts";
import { quoteIdentifier } from "../parser/quote.ts";
import type { ColumnId, LogicalPlan } from "../planner/logical_plan.ts";
import { functionColumns } from "../planner/plan_tree.ts";
import { LOCATOR_COLUMN } from "../planner/table_rows.ts";

/** A column as a key of maps. */
export function columnKey({ relation, column }: ColumnId): string {
  return `${relation}.${column}`;
}

const SYSTEM_NAMES: ReadonlyMap<number, string> = new Map([
  [CTID_COLUMN, "ctid"],
  [TABLEOID_COLUMN, "tableoid"],
  [LOCATOR_COLUMN, "ctid"],
]);

/** The names of the relations of a plan, and of their columns. */
export class ColumnNames {
  /** The names of the relations, by number. */
  readonly #aliases = new Map<number, string>();
  /** The names of columns, by what names them or by what they are of. */
  readonly #names = new Map<string, string>();

  /** Notes what a node names. */
  note(plan: LogicalPlan, expressions: readonly BoundExpression[]): void {
    this.#noteRelations(plan);
    for (const expression of expressions) {
      someExpression(expression, (part) => {
        if (part.kind === "column") this.#names.set(columnKey(part), part.name);
        return false;
      });
    }
  }

  #noteRelations(plan: LogicalPlan): void {
    if ("table" in plan && "alias" in plan.table) {
      const { relation, alias, table } = plan.table;
      this.#relation(relation, alias, table.columns);
    }
    switch (plan.kind) {
      case "insert":
        if (plan.conflict?.update === undefined) return;
        this.#aliases.set(plan.newRelation, plan.table.name);
        this.#aliases.set(plan.conflict.update.excluded, "excluded");
        return;
      case "values": {
        const { relation, values } = plan.values;
        return this.#relation(
          relation,
          "*VALUES*",
          values.columns.map((_, i) => ({ name: `column${i + 1}` })),
        );
      }
      case "function_scan":
        return this.#relation(
          plan.relation,
          plan.alias,
          functionColumns(plan),
        );
      case "cte_scan":
        return this.#relation(plan.relation, plan.alias, []);
    }
  }

  #relation(
    relation: number,
    alias: string,
    columns: readonly { readonly name: string }[],
  ): void {
    this.#aliases.set(relation, alias);
    columns.forEach(({ name }, column) => {
      const key = columnKey({ relation, column });
      if (!this.#names.has(key)) this.#names.set(key, name);
    });
  }

  /** A column: with its relation where there are several, or `isQualified`. */
  of(id: ColumnId, isQualified: boolean, name?: string): string {
    const own = quoteIdentifier(
      name ?? this.#names.get(columnKey(id)) ??
        SYSTEM_NAMES.get(id.column) ?? `column${id.column + 1}`,
    );
    const alias = this.#aliases.get(id.relation);
    return alias === undefined || !isQualified && this.#aliases.size < 2
      ? own
      : `${quoteIdentifier(alias)}.${own}`;
  }
}
