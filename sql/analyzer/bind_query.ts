/**
 * SELECT and VALUES.
 *
 * Clauses are bound in PostgreSQL's order, since parameters take their types
 * from the first place that wants one, and the first error is the one reported:
 * FROM, select list, WHERE, HAVING, ORDER BY, GROUP BY, DISTINCT, OFFSET, LIMIT.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type { Expression } from "../parser/expression_syntax.ts";
import type {
  SelectBody,
  SelectSyntax,
  TargetSyntax,
} from "../parser/syntax.ts";
import { int8 } from "../types/int_types.ts";
import { bindFrom, scopeOf } from "./bind_from.ts";
import {
  bindDistinct,
  bindGroupBy,
  bindOrderBy,
  TargetList,
} from "./bind_order.ts";
import { bindValues } from "./bind_values.ts";
import type { BoundColumn, BoundExpression } from "./bound_expression.ts";
import type {
  BoundFrom,
  BoundQuery,
  BoundTarget,
  ResultField,
} from "./bound_tree.ts";
import { Coercer, offsetOf } from "./coerce.ts";
import { ExpressionBinder } from "./expression_binder.ts";
import { checkGrouped, hasAggregate } from "./grouping.ts";
import { Scope } from "./scope.ts";
import type { StatementState } from "./statement_state.ts";
import { targetName } from "./target_name.ts";
import { someExpression } from "./walk.ts";

/** How a query is bound. */
export interface QueryOptions {
  /** Whether literals in the result become text: not under INSERT. */
  readonly resolveUnknowns: boolean;
}

/** Binds a query. */
export function bindQuery(
  state: StatementState,
  syntax: SelectSyntax,
  options: QueryOptions,
): BoundQuery {
  const { body } = syntax;
  const query = body.kind === "select_body"
    ? bindSelect(state, syntax, body, options)
    : bindValuesQuery(state, syntax, options);
  return query;
}

function bindValuesQuery(
  state: StatementState,
  syntax: SelectSyntax,
  { resolveUnknowns }: QueryOptions,
): BoundQuery {
  if (syntax.body.kind !== "values_body") throw new TypeError("no VALUES");
  const coercer = new Coercer(state);
  const outer = new ExpressionBinder({
    state,
    coercer,
    scope: new Scope([]),
    place: "VALUES",
  });
  const values = bindValues(outer, syntax.body.rows, resolveUnknowns);
  const from: BoundFrom = {
    kind: "values",
    relation: state.newRelation(),
    values,
  };
  const scope = scopeOf(from);
  const binder = new ExpressionBinder({
    state,
    coercer,
    scope,
    place: "ORDER BY",
  });
  const targets = new TargetList();
  for (const column of scope.columnsOf(scope.relations[0]!, -1)) {
    targets.add({ name: column.name, expression: column, visible: true });
  }
  const orderBy = bindOrderBy(binder, syntax.orderBy, targets);
  const limits = bindLimits(binder, syntax);
  return {
    from,
    where: undefined,
    grouped: false,
    groupBy: [],
    having: undefined,
    targets: targets.all,
    distinct: false,
    orderBy,
    ...limits,
    withTies: syntax.withTies,
    fields: fieldsOf(targets.all, from),
  };
}

function bindSelect(
  state: StatementState,
  syntax: SelectSyntax,
  body: SelectBody,
  { resolveUnknowns }: QueryOptions,
): BoundQuery {
  const from = bindFrom(state, body.from);
  const binder = new ExpressionBinder({
    state,
    coercer: new Coercer(state),
    scope: scopeOf(from),
    place: "SELECT",
  });
  const targets = new TargetList();
  for (const target of bindTargets(binder, body.targets)) targets.add(target);
  const where = bindCondition(binder.at("WHERE"), body.where);
  const having = bindCondition(binder.at("HAVING"), body.having);
  const orderBy = bindOrderBy(binder.at("ORDER BY"), syntax.orderBy, targets);
  const groupBy = bindGroupBy(binder.at("GROUP BY"), body.groupBy, targets);
  if (body.distinct) bindDistinct(binder, targets, orderBy);
  const limits = bindLimits(binder, syntax);
  if (resolveUnknowns) settleTargets(binder.coercer, targets);
  const grouped = body.groupBy.length > 0 || body.groupByNothing ||
    having !== undefined ||
    targets.all.some(({ expression }) => hasAggregate(expression));
  if (grouped) {
    const { catalog } = state.options;
    const grouping = { groupBy, from, catalog };
    for (const { expression } of targets.all) {
      checkGrouped(expression, grouping);
    }
    if (having !== undefined) checkGrouped(having, grouping);
  }
  return {
    from,
    where,
    grouped,
    groupBy,
    having,
    targets: targets.all,
    distinct: body.distinct,
    orderBy,
    ...limits,
    withTies: syntax.withTies,
    fields: fieldsOf(targets.all, from),
  };
}

/** WHERE or HAVING. */
export function bindCondition(
  binder: ExpressionBinder,
  syntax: Expression | undefined,
): BoundExpression | undefined {
  return syntax === undefined ? undefined : binder.condition(syntax);
}

/** A select list, or RETURNING: stars expanded, names given. */
export function bindTargets(
  binder: ExpressionBinder,
  targets: readonly TargetSyntax[],
): BoundTarget[] {
  return targets.flatMap(({ name, expression: syntax }) => {
    if (syntax.kind === "column" && syntax.star) {
      return starColumns(binder, syntax.path, syntax.offset).map((column) => ({
        name: column.name,
        expression: column,
        visible: true,
      }));
    }
    return [{
      name: name ?? targetName(syntax),
      expression: binder.bind(syntax),
      visible: true,
    }];
  });
}

/** The columns of `*` or `t.*`. */
function starColumns(
  { scope }: ExpressionBinder,
  path: readonly string[],
  offset: number,
): BoundColumn[] {
  if (path.length > 0) {
    return scope.columnsOf(scope.relation(path, offset), offset);
  }
  if (scope.relations.length === 0) {
    throw new SqlError(
      "42601",
      "SELECT * with no tables specified is not valid",
      { offset },
    );
  }
  return scope.relations.flatMap((relation) =>
    scope.columnsOf(relation, offset)
  );
}

/** Literals and parameters of open type become text. */
function settleTargets(coercer: Coercer, targets: TargetList): void {
  targets.all.forEach(({ expression }, position) => {
    const settled = coercer.settleUnknown(expression);
    if (settled !== expression) targets.replace(position, settled);
  });
}

/** RETURNING: the targets, all types known. */
export function bindReturning(
  binder: ExpressionBinder,
  targets: readonly TargetSyntax[],
): BoundTarget[] {
  return bindTargets(binder, targets).map((target) => ({
    ...target,
    expression: binder.coercer.settleUnknown(target.expression),
  }));
}

/** OFFSET, then LIMIT. */
function bindLimits(
  binder: ExpressionBinder,
  { limit, offsetRows }: SelectSyntax,
): {
  readonly limit: BoundExpression | undefined;
  readonly offset: BoundExpression | undefined;
} {
  const bind = (
    place: "LIMIT" | "OFFSET",
    syntax: Expression | undefined,
  ): BoundExpression | undefined => {
    if (syntax === undefined) return undefined;
    const bound = binder.at(place).bind(syntax);
    const count = binder.coercer.toType(bound, int8, place);
    someExpression(count, (part) => {
      if (part.kind !== "column") return false;
      throw new SqlError(
        "42P10",
        `argument of ${place} must not contain variables`,
        { offset: offsetOf(part) },
      );
    });
    return count;
  };
  const offset = bind("OFFSET", offsetRows);
  return { offset, limit: bind("LIMIT", limit) };
}

/** The fields of a result with these targets. */
export function fieldsOf(
  targets: readonly BoundTarget[],
  from: BoundFrom | undefined,
): ResultField[] {
  return targets.filter(({ visible }) => visible).map((target) => {
    const { name, expression } = target;
    const origin = originOf(expression, from);
    return { name, type: expression.type, ...origin };
  });
}

function originOf(
  expression: BoundExpression,
  from: BoundFrom | undefined,
): Pick<ResultField, "table" | "column"> {
  if (
    expression.kind !== "column" || expression.column < 0 ||
    from?.kind !== "table" || from.relation !== expression.relation
  ) return { table: undefined, column: undefined };
  const { table } = from;
  return { table, column: table.columns[expression.column] };
}
