/**
 * GROUP BY, HAVING and aggregates to logical plans.
 *
 * @module
 */
import type {
  BoundAggregate,
  BoundExpression,
  BoundGrouping,
  BoundQuery,
  BoundTarget,
} from "../analyzer/bound_expression.ts";
import { replaceExpressions, sameExpression } from "../analyzer/walk.ts";
import { collectGrouped } from "./grouped_columns.ts";
import type { LogicalPlan } from "./logical_plan.ts";
import { columnRef } from "./plan_tree.ts";
import type { Planning } from "./planning.ts";
import { separateSets } from "./set_columns.ts";

/** The groups of a query, and its select list over them. */
export function planGroups(
  planning: Planning,
  input: LogicalPlan,
  query: BoundQuery,
): { plan: LogicalPlan; targets: BoundTarget[] } {
  const relation = planning.newRelation();
  const groups = [...query.groupBy];
  const aggregates: BoundAggregate[] = [];
  const groupings: BoundGrouping[] = [];
  const upper = query.targets.map(({ expression }) => expression);
  if (query.having !== undefined) upper.push(query.having);
  for (const expression of upper) {
    collectGrouped(expression, groups, aggregates, groupings);
  }
  const map = (expression: BoundExpression): BoundExpression =>
    replaceExpressions(expression, (part) => {
      if (part.kind === "grouping") {
        const position = groupings.findIndex((other) =>
          sameExpression(other, part)
        );
        const column = groups.length + aggregates.length + position;
        return columnRef({ relation, column }, part);
      }
      const group = groups.findIndex((other) => sameExpression(other, part));
      if (group >= 0) return columnRef({ relation, column: group }, part);
      if (part.kind !== "aggregate") return undefined;
      const position = aggregates.findIndex((other) =>
        sameExpression(other, part)
      );
      const column = groups.length + position;
      return columnRef({ relation, column }, part);
    });
  const [below, inner] = separateSets(
    () => planning.newRelation(),
    ...planning.extract(input, [...groups, ...aggregates]),
  );
  let plan: LogicalPlan = {
    kind: "aggregate",
    input: below,
    relation,
    groups: inner.slice(0, groups.length),
    aggregates: inner.slice(groups.length) as BoundAggregate[],
    sets: setsOf(query, groups.length),
    groupings: groupings.map(({ args }) =>
      args.map((arg) => groups.findIndex((other) => sameExpression(other, arg)))
    ),
  };
  if (query.having !== undefined) {
    plan = planning.where(plan, map(query.having));
  }
  const targets = query.targets.map((target) => ({
    ...target,
    expression: map(target.expression),
  }));
  return { plan, targets };
}

/** The sets of groups; what depends on a key is in each of them. */
function setsOf(
  { groupBy, groupingSets }: BoundQuery,
  groupCount: number,
): readonly (readonly number[])[] | undefined {
  const dependent = Array.from(
    { length: groupCount - groupBy.length },
    (_, i) => groupBy.length + i,
  );
  return groupingSets?.map((set) => [...set, ...dependent]);
}
