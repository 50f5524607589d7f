/**
 * Values that are stored into columns: coerced as assignments, DEFAULT filled
 * in.
 *
 * A column's default is kept in the catalog as text; it is parsed and bound
 * once for each catalog entry.
 *
 * @module
 */
import type { ColumnEntry, TableEntry } from "../catalog/entries.ts";
import { SqlError } from "../errors/sql_error.ts";
import { parse } from "../parser/parser.ts";
import type { Expression } from "../parser/expression_syntax.ts";
import type { TypeRef } from "../types/data_type.ts";
import type { BoundExpression } from "./bound_expression.ts";
import { Coercer, offsetOf } from "./coerce.ts";
import { domainDefault } from "./domains/domain_rules.ts";
import { ExpressionBinder } from "./expression_binder.ts";
import { Scope } from "./scope.ts";
import { withSequenceIds } from "./sequences/sequence_argument.ts";
import type { StatementState } from "./statement_state.ts";
import { isSystemColumn } from "./scope.ts";

/** A column to store into. */
export interface AssignedColumn {
  readonly name: string;
  readonly type: TypeRef;
}

/**
 * `expression` as a value of `column`.
 *
 * @throws {SqlError} `42804` when there is no assignment cast.
 */
export function assign(
  coercer: Coercer,
  expression: BoundExpression,
  column: AssignedColumn,
): BoundExpression {
  const result = coercer.coerce(expression, column.type, {
    context: "assignment",
  });
  if (result === undefined) throw cannotAssign(expression, column);
  return result;
}

/** `42804`: the expression is of no type that the column takes. */
export function cannotAssign(
  expression: BoundExpression,
  column: AssignedColumn,
): SqlError {
  return new SqlError(
    "42804",
    `column "${column.name}" is of type ${column.type.type.displayName} but expression is of type ${expression.type.type.displayName}`,
    {
      hint: "You will need to rewrite or cast the expression.",
      offset: offsetOf(expression),
    },
  );
}

/** The position of the column that UPDATE sets. */
export function updatedPosition(
  table: TableEntry,
  name: string,
  offset: number,
): number {
  if (isSystemColumn(name)) {
    throw new SqlError("0A000", `cannot assign to system column "${name}"`, {
      offset,
    });
  }
  return namedPosition(table, name, offset);
}

/** The position of the column that INSERT names. */
export function namedPosition(
  table: TableEntry,
  name: string,
  offset: number,
): number {
  const position = table.columns.findIndex((column) => column.name === name);
  if (position >= 0) return position;
  throw new SqlError(
    "42703",
    `column "${name}" of relation "${table.name}" does not exist`,
    { offset },
  );
}

const defaults = new WeakMap<ColumnEntry, BoundExpression>();

/** What DEFAULT means for the column: NULL where it has none. */
export function defaultOf(
  state: StatementState,
  column: ColumnEntry,
): BoundExpression {
  const { domain } = column.type.type;
  if (column.defaultSql === undefined && domain !== undefined) {
    const sql = domainDefault(state.options.catalog, column.type.type);
    if (sql !== undefined) {
      return bindDefault(state, parseExpression(sql), column);
    }
  }
  if (column.defaultSql === undefined) return nullOf(column.type);
  let known = defaults.get(column);
  if (known === undefined) {
    known = bindDefault(state, parseExpression(column.defaultSql), column);
    defaults.set(column, known);
  }
  return known;
}

/** NULL of a type. */
export function nullOf(type: TypeRef): BoundExpression {
  return { kind: "constant", type, value: null, offset: -1 };
}

/** A DEFAULT expression, as a value of its column. */
export function bindDefault(
  state: StatementState,
  syntax: Expression,
  column: AssignedColumn,
): BoundExpression {
  const coercer = new Coercer(state);
  const binder = new ExpressionBinder({
    state,
    coercer,
    scope: new Scope([]),
    place: "DEFAULT expressions",
  });
  const expression = withSequenceIds(
    binder.bind(syntax),
    state.options.catalog,
  );
  const result = coercer.coerce(expression, column.type, {
    context: "assignment",
  });
  if (result !== undefined) return result;
  throw new SqlError(
    "42804",
    `column "${column.name}" is of type ${column.type.type.displayName} but default expression is of type ${expression.type.type.displayName}`,
    { hint: "You will need to rewrite or cast the expression." },
  );
}

/** The expression that `text` is. */
function parseExpression(text: string): Expression {
  const syntax = parse(`SELECT ${text}`)[0]?.syntax;
  if (syntax?.kind === "select" && syntax.body.kind === "select_body") {
    const [target] = syntax.body.targets;
    if (target !== undefined) return target.expression;
  }
  throw new SqlError("XX000", `default expression is damaged: ${text}`);
}
