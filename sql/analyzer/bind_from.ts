/**
 * FROM, and the tables that statements change.
 *
 * @module
 */
import type { TableEntry } from "../catalog/entries.ts";
import { SqlError } from "../errors/sql_error.ts";
import type { FromItem, RelationName, TableItem } from "../parser/syntax.ts";
import type { BoundFrom, TableRelation } from "./bound_tree.ts";
import { Scope, type ScopeRelation } from "./scope.ts";
import type { StatementState } from "./statement_state.ts";

/**
 * The table of that name.
 *
 * @throws {SqlError} `42P01` when there is none, `42809` when it is an index.
 */
export function openTable(
  state: StatementState,
  { schema, name, offset }: RelationName,
): TableEntry {
  const entry = state.options.catalog.relation(schema, name);
  if (entry === undefined) throw missingRelation(schema, name, offset);
  if (entry.kind === "table") return entry;
  throw new SqlError("42809", `cannot open relation "${name}"`, {
    detail: "This operation is not supported for indexes.",
    offset: offset < 0 ? undefined : offset,
  });
}

/** `42P01`; without a position where PostgreSQL gives none. */
export function missingRelation(
  schema: string | undefined,
  name: string,
  offset = -1,
): SqlError {
  const shown = schema === undefined ? name : `${schema}.${name}`;
  return new SqlError("42P01", `relation "${shown}" does not exist`, {
    offset: offset < 0 ? undefined : offset,
  });
}

/** A table under its alias. */
export function bindTable(
  state: StatementState,
  { relation, alias, columnAliases }: Omit<TableItem, "kind">,
): TableRelation {
  const table = openTable(state, relation);
  const name = alias ?? table.name;
  const { columns } = table;
  if (columnAliases.length > columns.length) {
    throw new SqlError(
      "42P10",
      `table "${name}" has ${columns.length} columns available but ${columnAliases.length} columns specified`,
    );
  }
  return {
    kind: "table",
    relation: state.newRelation(),
    table,
    alias: name,
    columnNames: columns.map((column, i) => columnAliases[i] ?? column.name),
  };
}

/** FROM; nothing where it is absent. */
export function bindFrom(
  state: StatementState,
  items: readonly FromItem[],
): BoundFrom | undefined {
  const [first, second] = items;
  if (second !== undefined) {
    throw new SqlError(
      "0A000",
      "more than one table in FROM is not supported",
      {
        offset: second.relation.offset,
      },
    );
  }
  return first === undefined ? undefined : bindTable(state, first);
}

/** The names that a query over `from` sees. */
export function scopeOf(from: BoundFrom | undefined): Scope {
  const relations = from === undefined ? [] : [scopeRelation(from)];
  return new Scope(relations);
}

function scopeRelation(from: BoundFrom): ScopeRelation {
  const { relation } = from;
  if (from.kind === "table") {
    return {
      relation,
      alias: from.alias,
      table: from.table,
      names: from.columnNames,
      types: from.table.columns.map(({ type }) => type),
    };
  }
  const { columns } = from.values;
  return {
    relation,
    alias: "*VALUES*",
    table: undefined,
    names: columns.map(({ name }) => name),
    types: columns.map(({ type }) => type),
  };
}
