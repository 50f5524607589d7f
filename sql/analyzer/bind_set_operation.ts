/**
 * UNION, INTERSECT, EXCEPT: the types that both sides have in common, column by
 * column (PostgreSQL's chapter 10.5).
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type { SetOperationBody, SortSyntax } from "../parser/syntax.ts";
import { isCollatable } from "../types/collation.ts";
import { unknown } from "../types/text_types.ts";
import { isComparable } from "./bind_conditional.ts";
import { bindOrderBy, type TargetList } from "./bind_order.ts";
import type {
  BoundExpression,
  BoundQuery,
  BoundSort,
  SetRelation,
  SetSide,
} from "./bound_expression.ts";
import { Coercer, commonTypmod, offsetOf } from "./coerce.ts";
import { columnTypeOf, requireOneCollation } from "./collations/collated.ts";
import { mergeCollations } from "./collations/derive_collation.ts";
import type { ExpressionBinder } from "./expression_binder.ts";
import { type ParentScope, Scope, scopeRelation } from "./scope.ts";
import type { StatementState } from "./statement_state.ts";

/** Binds a set operation; `parent` has the names around it. */
export function bindSetOperation(
  state: StatementState,
  { operation, all, left, right }: SetOperationBody,
  parent: ParentScope,
): SetRelation {
  const options = { resolveUnknowns: false, parent };
  return combineQueries(
    state,
    { operation, all },
    state.bindQuery(left, options),
    state.bindQuery(right, options),
  );
}

/** The set operation of two bound queries. */
export function combineQueries(
  state: StatementState,
  { operation, all }: Pick<SetOperationBody, "operation" | "all">,
  left: BoundQuery,
  right: BoundQuery,
): SetRelation {
  const word = operation.toUpperCase();
  const lefts = visibleOf(left);
  const rights = visibleOf(right);
  if (lefts.length !== rights.length) {
    throw new SqlError(
      "42601",
      `each ${word} query must have the same number of columns`,
      { offset: rights[0] === undefined ? undefined : offsetOf(rights[0]) },
    );
  }
  const coercer = new Coercer(state);
  const pairs = lefts.map((expression, i) => {
    const pair = coercer.toCommonType([expression, rights[i]!], word);
    const { type } = pair[0]!.type;
    if (!all && !isComparable({ state }, type)) {
      throw new SqlError(
        "42883",
        `could not identify an equality operator for type ${type.displayName}`,
        { offset: offsetOf(expression) },
      );
    }
    if (!all && isCollatable(type)) requireOneCollation(pair);
    return { left: pair[0]!, right: pair[1]! };
  });
  return {
    kind: "set_operation",
    relation: state.newRelation(),
    operation,
    all,
    left: sideOf(state, left, pairs.map((pair) => pair.left)),
    right: sideOf(state, right, pairs.map((pair) => pair.right)),
    columnNames: left.fields.map(({ name }) => name),
  };
}

function visibleOf(query: BoundQuery): BoundExpression[] {
  return query.targets.filter(({ visible }) => visible)
    .map(({ expression }) => expression);
}

/** A side whose columns are to become `wanted`. */
function sideOf(
  state: StatementState,
  query: BoundQuery,
  wanted: readonly BoundExpression[],
): SetSide {
  const relation = state.newRelation();
  const coercer = new Coercer(state);
  let position = 0;
  // A literal of open type is read as what the column becomes.
  const targets = query.targets.map((target) => {
    if (!target.visible) return target;
    const expression = wanted[position++]!;
    return target.expression.type.type === unknown
      ? { ...target, expression }
      : target;
  });
  const visible = targets.filter((target) => target.visible);
  const columns = visible.map(({ name, expression }, column) => {
    const type = columnTypeOf(expression);
    const offset = offsetOf(expression) ?? -1;
    return coercer.implicit(
      { kind: "column", relation, column, type, name, offset },
      wanted[column]!.type.type,
    );
  });
  return { query: { ...query, targets }, relation, columns };
}

/** The columns of a set operation, as ORDER BY sees them. */
export function setScope(from: SetRelation, base: Scope): Scope {
  const { relation, columnNames, left, right } = from;
  const types = left.columns.map((column, i) => ({
    type: column.type.type,
    typmod: commonTypmod([column, right.columns[i]!]),
    collation: mergeCollations([column, right.columns[i]!])?.collation,
  }));
  const own = [scopeRelation(relation, "*SELECT*", columnNames, types)];
  return new Scope(own, own, base.parent, base.ctes);
}

/** ORDER BY of a set operation: names and positions of columns only. */
export function bindSetOrderBy(
  binder: ExpressionBinder,
  items: readonly SortSyntax[],
  targets: TargetList,
): BoundSort[] {
  const count = targets.all.length;
  const sorts = bindOrderBy(binder, items, targets);
  const added = targets.all[count];
  if (added === undefined) return sorts;
  throw new SqlError(
    "0A000",
    "invalid UNION/INTERSECT/EXCEPT ORDER BY clause",
    {
      detail:
        "Only result column names can be used, not expressions or functions.",
      hint:
        "Add the expression/function to every SELECT, or move the UNION into a FROM clause.",
      offset: offsetOf(added.expression),
    },
  );
}
