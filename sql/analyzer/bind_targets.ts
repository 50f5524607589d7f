/**
 * Select lists and RETURNING: stars expanded, names given.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type { PartSyntax, TargetSyntax } from "../parser/expression_syntax.ts";
import { record } from "../types/row/row_type.ts";
import { bindSteps } from "./bind_part.ts";
import { fieldAt, fieldsOfRow } from "./bind_row.ts";
import type { BoundExpression, BoundTarget } from "./bound_expression.ts";
import type { ExpressionBinder } from "./expression_binder.ts";
import type { StarColumn } from "./name_references.ts";
import { columnsOf, type Scope } from "./scope.ts";
import { targetName } from "./target_name.ts";

/** A select list, or RETURNING: stars expanded, names given. */
export function bindTargets(
  binder: ExpressionBinder,
  targets: readonly TargetSyntax[],
): BoundTarget[] {
  return targets.flatMap(({ name, expression: syntax }) => {
    if (syntax.kind === "column" && syntax.star) {
      const columns = starColumns(binder, syntax.path, syntax.offset);
      binder.state.references?.star(
        syntax.offset,
        columns.map((target) => starColumn(binder.scope, target)),
      );
      return columns;
    }
    if (syntax.kind === "part" && syntax.steps.at(-1)?.kind === "star") {
      return fieldTargets(binder, syntax);
    }
    return [{
      name: name ?? targetName(syntax),
      expression: binder.bind(syntax),
      visible: true,
    }];
  });
}

/** The fields of `(row).*`. */
function fieldTargets(
  binder: ExpressionBinder,
  { operand, steps }: PartSyntax,
): BoundTarget[] {
  const row = bindSteps(binder, binder.bind(operand), steps.slice(0, -1));
  const fields = fieldsOfRow(row);
  if (fields === undefined) {
    throw new SqlError(
      "42809",
      row.type.type === record
        ? "record type has not been registered"
        : `type ${row.type.type.displayName} is not composite`,
    );
  }
  return namedColumns(
    fields.map((field) => field.name),
    fields.map((_, i) => fieldAt(row, fields, i)),
  );
}

/** The columns of `*` or `t.*`. */
function starColumns(
  { scope }: ExpressionBinder,
  path: readonly string[],
  offset: number,
): BoundTarget[] {
  if (path.length > 0) {
    const found = scope.relation(path, offset);
    return namedColumns(found.relation.names, columnsOf(found, offset));
  }
  if (scope.relations.length === 0) {
    throw new SqlError(
      "42601",
      "SELECT * with no tables specified is not valid",
      { offset },
    );
  }
  return scope.relations.filter(({ columnsVisible }) => columnsVisible)
    .flatMap((relation) =>
      namedColumns(
        relation.names,
        columnsOf({ relation, frames: [] }, offset),
      )
    );
}

/** A column of a star as it is written without one. */
function starColumn(
  { relations }: Scope,
  { name, expression }: BoundTarget,
): StarColumn {
  if (expression.kind !== "column") return { qualifier: undefined, name };
  for (const { relationVisible, alias, columns, names } of relations) {
    if (!relationVisible || alias === "") continue;
    const position = columns.findIndex((column) =>
      column.kind === "column" && column.column === expression.column &&
      column.relation === expression.relation
    );
    if (position >= 0) return { qualifier: alias, name: names[position]! };
  }
  return { qualifier: undefined, name };
}

function namedColumns(
  names: readonly string[],
  columns: readonly BoundExpression[],
): BoundTarget[] {
  return columns.map((expression, i) => ({
    name: names[i]!,
    expression,
    visible: true,
  }));
}
