/**
 * What CREATE INDEX is over: columns, expressions, a predicate.
 *
 * @module
 */
import type { ColumnEntry, IndexExpression } from "../../catalog/entries.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { Expression } from "../../parser/expression_syntax.ts";
import type { TypeRef } from "../../types/data_type.ts";
import type { BoundExpression } from "../bound_expression.ts";
import {
  columnsBinder,
  isImmutable,
  usedColumns,
} from "../constraints/column_expression.ts";
import { deparse } from "../deparse.ts";
import type { StatementState } from "../statement_state.ts";
import { targetName } from "../target_name.ts";

/** A table as its indexes see it, whether it is there yet or not. */
export interface IndexedTable {
  readonly name: string;
  readonly columns: readonly Pick<ColumnEntry, "number" | "name" | "type">[];
}

/** A key column of an index that is made. */
export interface IndexKey {
  /** The column's number; 0: an expression. */
  readonly number: number;
  readonly expression: IndexExpression | undefined;
  readonly type: TypeRef;
  /** What it is called in the name of the index. */
  readonly name: string;
  /** The numbers of the columns that an expression uses. */
  readonly usedColumns: readonly number[];
}

/**
 * Binds a key: a column's name, or an expression.
 *
 * @throws {SqlError} `42703`, `42P17`.
 */
export function bindIndexKey(
  state: StatementState,
  table: IndexedTable,
  key: string | Expression,
): IndexKey {
  if (typeof key === "string") return columnKey(columnNamed(table, key));
  const binder = columnsBinder(state, table, "index expressions");
  const bound = binder.coercer.settleUnknown(binder.bind(key));
  if (bound.kind === "column") {
    // A column in parentheses is a column.
    return columnKey(table.columns[bound.column]!);
  }
  if (!isImmutable(bound)) {
    throw new SqlError(
      "42P17",
      "functions in index expression must be marked IMMUTABLE",
    );
  }
  const figured = targetName(key);
  const name = figured === "?column?" ? "expr" : figured;
  const { type } = bound;
  return {
    number: 0,
    expression: { sql: deparse(bound), type, name },
    type,
    name,
    usedColumns: numbersOf(table, bound),
  };
}

/** A predicate that is bound. */
export interface IndexPredicate {
  readonly sql: string;
  /** The numbers of the columns that it uses. */
  readonly usedColumns: readonly number[];
}

/**
 * Binds the WHERE of an index.
 *
 * @throws {SqlError} `42P17`, `42804`.
 */
export function bindIndexPredicate(
  state: StatementState,
  table: IndexedTable,
  where: Expression | undefined,
): IndexPredicate | undefined {
  if (where === undefined) return undefined;
  const binder = columnsBinder(state, table, "index predicates");
  const bound = binder.coercer.toBoolean(binder.bind(where), "WHERE");
  if (!isImmutable(bound)) {
    throw new SqlError(
      "42P17",
      "functions in index predicate must be marked IMMUTABLE",
    );
  }
  return { sql: deparse(bound), usedColumns: numbersOf(table, bound) };
}

/**
 * A column by name.
 *
 * @throws {SqlError} `42703`.
 */
export function columnNamed(
  { columns }: IndexedTable,
  name: string,
): IndexedTable["columns"][number] {
  const column = columns.find((each) => each.name === name);
  if (column !== undefined) return column;
  throw new SqlError("42703", `column "${name}" does not exist`);
}

function columnKey(
  { number, type, name }: IndexedTable["columns"][number],
): IndexKey {
  return { number, expression: undefined, type, name, usedColumns: [] };
}

function numbersOf(table: IndexedTable, bound: BoundExpression): number[] {
  return usedColumns(bound).map((position) => table.columns[position]!.number);
}
