/**
 * MERGE to a logical plan: the join of source and table, and on top of it the
 * change.
 *
 * | WHEN NOT MATCHED | join |
 * | --- | --- |
 * | none | source inner join table |
 * | BY TARGET | source left join table |
 * | BY SOURCE | table left join source |
 * | both | source full join table |
 *
 * A row of the table that is missing has no locator; one of a view has a column
 * that is true. Where one of the source can
 * be missing, the source gets one more column, which is true.
 *
 * @module
 */
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import type { BoundChange, BoundMergeClause } from "../analyzer/bound_tree.ts";
import { isViewTable } from "../catalog/view_table.ts";
import { bool } from "../types/bool_type.ts";
import { planRowValues } from "./changed_row_values.ts";
import { joinParts, planFrom, type PlannedFrom } from "./from_planner.ts";
import type { ColumnId, MergeNode } from "./logical_plan.ts";
import { mapMergeClause } from "./expressions_of.ts";
import type { Planning } from "./planning.ts";

/** MERGE. */
export function planMerge(
  planning: Planning,
  statement: Extract<BoundChange, { kind: "merge" }>,
): MergeNode {
  const { from, rows, clauses, condition } = statement;
  const has = (match: BoundMergeClause["match"]): boolean =>
    clauses.some((clause) => clause.match === match);
  let table = planFrom(planning, rows);
  let there: ColumnId | undefined;
  if (isViewTable(from.table)) {
    there = { relation: planning.newRelation(), column: 0 };
    table = marked(table, there);
  }
  let source = planFrom(planning, statement.source);
  let marker: ColumnId | undefined;
  if (has("bySource")) {
    marker = { relation: planning.newRelation(), column: 0 };
    source = marked(source, marker);
  }
  const join = has("bySource")
    ? has("byTarget") ? "full" as const : "right" as const
    : has("byTarget")
    ? "left" as const
    : "inner" as const;
  const joined = joinParts(planning, { join, condition }, source, table).plan;
  const [decided, values] = planning.extract(
    joined,
    clauses.flatMap(expressionsOfClause),
  );
  const { images } = statement;
  const { input, expressions: returning, late } = planRowValues(
    planning,
    decided,
    statement.returning.map(({ expression }) => expression),
    // What the row becomes is known only when it is changed.
    (column) => {
      const { relation } = column;
      if (relation === images.old) {
        return { ...column, relation: from.relation };
      }
      return relation === from.relation || relation === images.new ||
          relation === statement.actionRelation
        ? undefined
        : column;
    },
  );
  return {
    kind: "merge",
    input,
    table: from,
    marker,
    ...there === undefined ? {} : { there },
    clauses: replaceValues(clauses, values),
    images,
    actionRelation: statement.actionRelation,
    counted: true,
    relation: planning.newRelation(),
    returning,
    ...late === undefined ? {} : { late },
  };
}

function marked(
  { plan, captures }: PlannedFrom,
  marker: ColumnId,
): PlannedFrom {
  return {
    plan: {
      kind: "compute",
      input: plan,
      relation: marker.relation,
      expressions: [{
        kind: "constant",
        type: { type: bool, typmod: -1 },
        value: true,
        offset: -1,
      }],
      waits: false,
    },
    captures,
  };
}

/** The expressions of a WHEN, in order. */
function expressionsOfClause(clause: BoundMergeClause): BoundExpression[] {
  const all: BoundExpression[] = [];
  mapMergeClause(clause, (expression) => {
    all.push(expression);
    return expression;
  });
  return all;
}

function replaceValues(
  clauses: readonly BoundMergeClause[],
  values: readonly BoundExpression[],
): BoundMergeClause[] {
  let next = 0;
  return clauses.map((clause) => mapMergeClause(clause, () => values[next++]!));
}
