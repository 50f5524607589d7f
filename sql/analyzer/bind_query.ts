/**
 * Queries: SELECT, VALUES and set operations.
 *
 * Clauses are bound in PostgreSQL's order, since parameters take their types
 * from the first place that wants one, and the first error is the one reported:
 * FROM, select list, WHERE, HAVING, ORDER BY, GROUP BY, DISTINCT, OFFSET, LIMIT.
 *
 * @module
 */
import { fieldsOfRow } from "./bind_row.ts";
import { record } from "../types/row/row_type.ts";
import { SqlError } from "../errors/sql_error.ts";
import type { Expression } from "../parser/expression_syntax.ts";
import type {
  SelectBody,
  SelectSyntax,
  SetOperationBody,
  ValuesBody,
} from "../parser/syntax.ts";
import { int8 } from "../types/int_types.ts";
import { bindFrom, valuesScope } from "./bind_from.ts";
import { bindGroupBy } from "./bind_group.ts";
import {
  bindDistinct,
  bindDistinctOn,
  bindOrderBy,
  TargetList,
} from "./bind_order.ts";
import {
  bindSetOperation,
  bindSetOrderBy,
  setScope,
} from "./bind_set_operation.ts";
import { bindTargets } from "./bind_targets.ts";
import { lockRelations } from "./bind_locking.ts";
import { bindValues } from "./bind_values.ts";
import { bindNamedWindows } from "./bind_window.ts";
import { bindWith } from "./bind_with.ts";
import type {
  BoundExpression,
  BoundFrom,
  BoundQuery,
  BoundTarget,
  ResultField,
  ValuesRelation,
} from "./bound_expression.ts";
import { columnTypeOf } from "./collations/collated.ts";
import { Coercer, offsetOf } from "./coerce.ts";
import { expandStars } from "./expand_stars.ts";
import { ExpressionBinder } from "./expression_binder.ts";
import { checkGrouped, hasAggregate, tableOf } from "./grouping.ts";
import type { Scope } from "./scope.ts";
import type { QueryOptions, StatementState } from "./statement_state.ts";
import { someExpression } from "./walk.ts";

/** Binds a query. */
export function bindQuery(
  state: StatementState,
  syntax: SelectSyntax,
  options: QueryOptions,
): BoundQuery {
  const { body } = syntax;
  const { base, finish } = bindWith(state, syntax, options.parent);
  const level: Level = { state, syntax, options, base };
  const query = body.kind === "select_body"
    ? bindSelect(level, body)
    : body.kind === "values_body"
    ? bindValuesQuery(level, body)
    : bindSetQuery(level, body);
  return lockRelations({ ...query, ctes: finish() }, syntax);
}

/** A query while it is bound. */
interface Level {
  readonly state: StatementState;
  readonly syntax: SelectSyntax;
  readonly options: QueryOptions;
  /** Its scope before FROM. */
  readonly base: Scope;
}

function bindValuesQuery(level: Level, body: ValuesBody): Unfinished {
  const { state, base, options } = level;
  const outer = new ExpressionBinder({
    state,
    coercer: new Coercer(state),
    scope: base,
    place: "VALUES",
  });
  const values = bindValues(
    outer,
    expandStars(body.rows, base),
    options.resolveUnknowns,
  );
  const from: ValuesRelation = {
    kind: "values",
    relation: state.newRelation(),
    values,
  };
  return bindPlainQuery(level, from, valuesScope(from, base), bindOrderBy);
}

function bindSetQuery(level: Level, body: SetOperationBody): Unfinished {
  const { state, base } = level;
  const from = bindSetOperation(state, body, { scope: base, frame: undefined });
  return bindPlainQuery(level, from, setScope(from, base), bindSetOrderBy);
}

/** A query over all columns of what it reads: VALUES, a set operation. */
function bindPlainQuery(
  { state, syntax }: Level,
  from: BoundFrom,
  scope: Scope,
  order: typeof bindOrderBy,
): Unfinished {
  const binder = new ExpressionBinder({
    state,
    coercer: new Coercer(state),
    scope,
    place: "ORDER BY",
  });
  const targets = new TargetList();
  const [relation] = scope.relations;
  relation!.columns.forEach((expression, i) =>
    targets.add({ name: relation!.names[i]!, expression, visible: true })
  );
  const orderBy = order(binder, syntax.orderBy, targets);
  const limits = bindLimits(binder, syntax);
  return {
    from,
    where: undefined,
    grouped: false,
    groupBy: [],
    groupingSets: undefined,
    having: undefined,
    targets: targets.all,
    distinct: false,
    distinctOn: 0,
    orderBy,
    ...limits,
    withTies: syntax.withTies,
    locks: [],
    fields: fieldsOf(targets.all, from),
  };
}

/** A query without the queries of its WITH. */
type Unfinished = Omit<BoundQuery, "ctes">;

function bindSelect(level: Level, body: SelectBody): Unfinished {
  const { state, syntax, options: { resolveUnknowns }, base } = level;
  const { from, scope } = bindFrom(state, body.from, base);
  const plain = new ExpressionBinder({
    state,
    coercer: new Coercer(state),
    scope,
    place: "SELECT",
  });
  const binder = plain.withWindows(bindNamedWindows(plain, body.windows));
  const targets = new TargetList();
  for (const target of bindTargets(binder, body.targets)) targets.add(target);
  const where = bindCondition(binder.at("WHERE"), body.where);
  const having = bindCondition(binder.at("HAVING"), body.having);
  const orderBy = bindOrderBy(binder.at("ORDER BY"), syntax.orderBy, targets);
  const { groupBy, groupingSets } = bindGroupBy(
    binder.at("GROUP BY"),
    body,
    targets,
  );
  if (body.distinct && body.distinctOn.length === 0) {
    bindDistinct(binder, targets, orderBy);
  }
  const on = bindDistinctOn(binder, body.distinctOn, targets, orderBy);
  const limits = bindLimits(binder, syntax);
  if (resolveUnknowns) settleTargets(binder.coercer, targets);
  const grouped = body.groupBy.length > 0 ||
    having !== undefined ||
    targets.all.some(({ expression }) => hasAggregate(expression));
  if (grouped) {
    const { catalog } = state.options;
    const grouping = { groupBy, groupingSets, from, catalog };
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
    groupingSets,
    having,
    targets: targets.all,
    distinct: body.distinct && body.distinctOn.length === 0,
    distinctOn: on.count,
    orderBy: on.orderBy,
    ...limits,
    withTies: syntax.withTies,
    locks: [],
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

/** Literals and parameters of open type become text. */
function settleTargets(coercer: Coercer, targets: TargetList): void {
  targets.all.forEach(({ expression }, position) => {
    const settled = coercer.settleUnknown(expression);
    if (settled !== expression) targets.replace(position, settled);
  });
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
    const domain = "domain" in expression ? expression.domain : undefined;
    const type = domain ?? columnTypeOf(expression);
    if (type.type !== record) return { name, type, ...origin };
    return { name, type, rowFields: fieldsOfRow(expression), ...origin };
  });
}

function originOf(
  expression: BoundExpression,
  from: BoundFrom | undefined,
): Pick<ResultField, "table" | "column"> {
  const table = expression.kind === "column" && expression.column >= 0
    ? tableOf(from, expression.relation)?.table
    : undefined;
  if (table === undefined || expression.kind !== "column") {
    return { table: undefined, column: undefined };
  }
  return { table, column: table.columns[expression.column] };
}
