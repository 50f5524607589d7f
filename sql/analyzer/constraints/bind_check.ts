/**
 * CHECK constraints and generated columns as they are defined.
 *
 * @module
 */
import type { GeneratedColumn } from "../../catalog/entries.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type {
  CheckSyntax,
  GeneratedSyntax,
} from "../../parser/constraint_syntax.ts";
import type { TypeRef } from "../../types/data_type.ts";
import { deparse } from "../deparse.ts";
import { objectName } from "../object_name.ts";
import type { StatementState } from "../statement_state.ts";
import type { BoundCheck } from "./bound_constraint.ts";
import {
  columnsBinder,
  type ColumnsOf,
  isImmutable,
  usedColumns,
} from "./column_expression.ts";

/**
 * Binds a CHECK of a table with these columns.
 *
 * @throws {SqlError}
 */
export function bindCheck(
  state: StatementState,
  table: ColumnsOf,
  { name, expression: syntax, column, notValid, notEnforced, noInherit }:
    CheckSyntax,
): BoundCheck {
  const binder = columnsBinder(state, table, "check constraints");
  const expression = binder.coercer.toBoolean(binder.bind(syntax), "CHECK");
  const used = usedColumns(expression);
  const named = column ??
    (used.length === 1 ? table.columns[used[0]!]!.name : undefined);
  return {
    form: "check",
    name,
    defaultName: objectName(table.name, named, "check"),
    sql: deparse(expression),
    notValid,
    notEnforced,
    noInherit,
  };
}

/** A column whose expression is bound. */
export interface GeneratedTarget {
  readonly name: string;
  readonly type: TypeRef;
}

/**
 * Binds what generates a column of a table with these columns, of which
 * `isGenerated` says whether they are generated, too.
 *
 * @throws {SqlError} `42P17`, `42804`.
 */
export function bindGenerated(
  state: StatementState,
  table: ColumnsOf,
  target: GeneratedTarget,
  { expression: syntax, stored }: GeneratedSyntax,
  isGenerated: (position: number) => boolean,
): GeneratedColumn {
  const place = "column generation expressions";
  const binder = columnsBinder(state, table, place);
  const expression = binder.bind(syntax);
  for (const position of usedColumns(expression)) {
    if (!isGenerated(position)) continue;
    const { name } = table.columns[position]!;
    throw new SqlError(
      "42P17",
      `cannot use generated column "${name}" in column generation expression`,
      {
        detail: "A generated column cannot reference another generated column.",
      },
    );
  }
  const result = binder.coercer.coerce(expression, target.type, {
    context: "assignment",
  });
  if (result === undefined) {
    throw new SqlError(
      "42804",
      `column "${target.name}" is of type ${target.type.type.displayName} but default expression is of type ${expression.type.type.displayName}`,
      { hint: "You will need to rewrite or cast the expression." },
    );
  }
  if (!isImmutable(result)) {
    throw new SqlError("42P17", "generation expression is not immutable");
  }
  return { sql: deparse(expression), stored };
}
