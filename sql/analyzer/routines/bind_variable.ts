/**
 * Names in the statements of a routine: columns, or its variables.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import type { ColumnSyntax } from "../../parser/expression_syntax.ts";
import { bindField } from "../bind_row.ts";
import type { BoundExpression } from "../bound_expression.ts";
import type { VariableScope } from "../statement_state.ts";
import { sameExpression } from "../walk.ts";

/**
 * What a name means; `bind` finds columns, and variables where no column has the
 * name.
 *
 * @throws {SqlError} `42702` where both have it, and `42703` and its kin.
 */
export function bindWithVariables(
  variables: VariableScope,
  syntax: ColumnSyntax,
  bind: () => BoundExpression,
): BoundExpression {
  const found = bindOrField(variables, syntax, bind);
  if (!variables.isStrict) return found;
  const variable = variableNamed(variables, syntax);
  if (variable === undefined || sameExpression(found, variable)) return found;
  const name = syntax.path.join(".");
  throw new SqlError("42702", `column reference "${name}" is ambiguous`, {
    detail: "It could refer to either a PL/pgSQL variable or a table column.",
    offset: syntax.offset,
  });
}

/** The variable that a name would mean alone. */
function variableNamed(
  { scope }: VariableScope,
  { path, offset }: ColumnSyntax,
): BoundExpression | undefined {
  if (path.length > 1) return undefined;
  return scope.find(path[0]!, offset);
}

/** What `bind` finds, or a field of a variable that is a row: `new.a`. */
function bindOrField(
  { scope }: VariableScope,
  syntax: ColumnSyntax,
  bind: () => BoundExpression,
): BoundExpression {
  try {
    return bind();
  } catch (error) {
    const { path, offset } = syntax;
    if (!(error instanceof SqlError) || path.length < 2) throw error;
    if (error.code !== "42P01") throw error;
    const row = scope.find(path[0]!, offset);
    if (row === undefined) throw error;
    return path.slice(1).reduce(
      (part: BoundExpression, name) => bindField(part, name),
      row,
    );
  }
}
