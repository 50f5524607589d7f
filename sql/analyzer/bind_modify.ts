/**
 * UPDATE and DELETE: the rows they mean, and the values that UPDATE gives them.
 *
 * Parts are bound in PostgreSQL's order (WHERE, RETURNING, SET), on which types
 * of parameters and the first error depend.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type { DeleteSyntax, UpdateSyntax } from "../parser/syntax.ts";
import { assign, defaultOf, updatedPosition } from "./assign.ts";
import { bindTable, scopeOf } from "./bind_from.ts";
import { bindCondition, bindReturning, fieldsOf } from "./bind_query.ts";
import type {
  BoundAssignment,
  BoundDelete,
  BoundUpdate,
  TableRelation,
} from "./bound_tree.ts";
import { Coercer } from "./coerce.ts";
import { ExpressionBinder } from "./expression_binder.ts";
import type { StatementState } from "./statement_state.ts";

/** Binds UPDATE; WHERE and RETURNING come before SET, as in PostgreSQL. */
export function bindUpdate(
  state: StatementState,
  syntax: UpdateSyntax,
): Omit<BoundUpdate, "parameterTypes" | "cacheable"> {
  const from = bindTable(state, { ...syntax, columnAliases: [] });
  const binder = binderOver(state, from);
  const where = bindCondition(binder, syntax.where);
  const returning = bindReturning(binder.at("RETURNING"), syntax.returning);
  const assignments = bindAssignments(binder.at("UPDATE"), syntax, from);
  return {
    kind: "update",
    from,
    where,
    assignments,
    returning,
    fields: fieldsOf(returning, from),
  };
}

function binderOver(
  state: StatementState,
  from: TableRelation,
): ExpressionBinder {
  return new ExpressionBinder({
    state,
    coercer: new Coercer(state),
    scope: scopeOf(from),
    place: "WHERE",
  });
}

function bindAssignments(
  binder: ExpressionBinder,
  { assignments }: UpdateSyntax,
  { table }: TableRelation,
): BoundAssignment[] {
  // All expressions first, then the columns they go to.
  const values = assignments.map(({ value, mismatchOffset }) => {
    if (mismatchOffset !== undefined) {
      throw new SqlError(
        "42601",
        "number of columns does not match number of values",
        { offset: mismatchOffset },
      );
    }
    return value.kind === "default" ? undefined : binder.bind(value);
  });
  const bound = assignments.map(({ column: named }, i): BoundAssignment => {
    const column = updatedPosition(table, named.name, named.offset);
    const entry = table.columns[column]!;
    const value = values[i];
    const expression = value === undefined
      ? defaultOf(binder.state, entry)
      : assign(binder.coercer, value, entry);
    return { column, expression };
  });
  const seen = new Set<number>();
  for (const { column } of bound) {
    if (seen.has(column)) {
      const { name } = table.columns[column]!;
      throw new SqlError(
        "42601",
        `multiple assignments to same column "${name}"`,
      );
    }
    seen.add(column);
  }
  return bound;
}

/** Binds DELETE. */
export function bindDelete(
  state: StatementState,
  syntax: DeleteSyntax,
): Omit<BoundDelete, "parameterTypes" | "cacheable"> {
  const from = bindTable(state, { ...syntax, columnAliases: [] });
  const binder = binderOver(state, from);
  const where = bindCondition(binder, syntax.where);
  const returning = bindReturning(binder.at("RETURNING"), syntax.returning);
  return {
    kind: "delete",
    from,
    where,
    returning,
    fields: fieldsOf(returning, from),
  };
}
