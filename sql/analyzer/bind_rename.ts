/**
 * ALTER … RENAME and SET SCHEMA of tables, indexes and sequences, and of columns
 * and constraints: what is called differently afterwards.
 *
 * @module
 */
import type {
  CheckEntry,
  ColumnEntry,
  ForeignKeyEntry,
  IndexEntry,
  RelationEntry,
  TableEntry,
} from "../catalog/entries.ts";
import { treeOf } from "../catalog/inheritance/table_tree.ts";
import { SqlError } from "../errors/sql_error.ts";
import type { RenameSyntax } from "../parser/syntax.ts";
import { missingRelation } from "./bind_from.ts";
import type { BoundRename } from "./bound_alter.ts";
import { otherSchema } from "./bind_schema.ts";
import { renamedIndex, usesInTexts } from "./indexes/rebind_index.ts";
import { refuseTaken } from "./bind_table_definition.ts";
import { columnsBinder } from "./constraints/column_expression.ts";
import { parseStored } from "./stored_expression.ts";
import { deparse } from "./deparse.ts";
import { quoteIdentifier } from "../parser/quote.ts";
import { rewriteViews } from "./rewrite_views.ts";
import { isSystemColumn } from "./scope.ts";
import type { StatementState } from "./statement_state.ts";

/** Binds RENAME and SET SCHEMA. */
export function bindRename(
  state: StatementState,
  { object, relation, ifExists, action }: RenameSyntax,
): BoundRename {
  const { schema, name } = relation;
  const { catalog } = state.options;
  const entry = catalog.relation(schema, name);
  if (entry === undefined) {
    if (!ifExists) throw missingRelation(schema, name);
    const notices = [`relation "${name}" does not exist, skipping`];
    return { kind: "rename", object, changed: [], notices };
  }
  requireObject(entry, object);
  const changed = action.kind === "relation"
    ? renamedRelation(state, entry, action.name)
    : action.kind === "schema"
    ? movedRelation(state, entry, action.name)
    : renamedInTree(state, tableOf(entry), action, relation.only === true);
  const tables = changed.filter(({ kind }) => kind === "table");
  const readers = tables.length === 0
    ? []
    : rewriteViews(state, new Map(tables.map((each) => [each.id, each])));
  return {
    kind: "rename",
    object,
    changed: [...changed, ...readers],
    notices: [],
  };
}

/** A column or constraint renamed in a table and in those that inherit it. */
function renamedInTree(
  state: StatementState,
  table: TableEntry,
  action: Extract<RenameSyntax["action"], { kind: "column" | "constraint" }>,
  only: boolean,
): RelationEntry[] {
  const { catalog } = state.options;
  const { kind, old } = action;
  const rename = kind === "column" ? renamedColumn : renamedConstraint;
  const own = rename(state, table, action);
  const check = table.checks?.find(({ name }) => name === old);
  const inherited = kind === "column"
    ? table.columns.find(({ name }) => name === old)
    : check;
  const what = kind === "column" ? "column" : "constraint";
  if (inherited?.inheritCount !== undefined) {
    throw new SqlError("42P16", `cannot rename inherited ${what} "${old}"`);
  }
  const others = treeOf(catalog, table).slice(1);
  const goesDown = kind === "column" ||
    (check !== undefined && check.noInherit !== true);
  if (others.length === 0 || !goesDown) return own;
  if (only) {
    throw new SqlError(
      "42P16",
      `inherited ${what} "${old}" must be renamed in child tables too`,
    );
  }
  return [...own, ...others.flatMap((each) => rename(state, each, action))];
}

function requireObject(
  entry: RelationEntry,
  object: RenameSyntax["object"],
): void {
  // ALTER TABLE takes the others, too, as PostgreSQL's does.
  if (object === "table" || entry.kind === object) return;
  const article = object === "index" ? "an" : "a";
  throw new SqlError("42809", `"${entry.name}" is not ${article} ${object}`);
}

function tableOf(entry: RelationEntry): TableEntry {
  if (entry.kind === "table") return entry;
  throw new SqlError("42809", `"${entry.name}" is not a table`);
}

function renamedRelation(
  state: StatementState,
  entry: RelationEntry,
  name: string,
): RelationEntry[] {
  refuseTaken(state, entry.schema, name);
  // The constraint of an index has its name.
  return entry.kind === "index" && entry.constraintName !== undefined
    ? [{ ...entry, name, constraintName: name }]
    : [{ ...entry, name }];
}

/** What belongs to a table goes with it. */
function movedRelation(
  state: StatementState,
  entry: RelationEntry,
  to: string,
): RelationEntry[] {
  const { catalog } = state.options;
  const schema = otherSchema(state, entry.schema, to);
  if (entry.kind === "sequence" && entry.owner !== undefined) {
    throw new SqlError(
      "0A000",
      "cannot move an owned sequence into another schema",
      {
        detail: `Sequence "${entry.name}" is linked to table "${
          catalog.byId(entry.owner.tableId)?.name
        }".`,
      },
    );
  }
  const all = [
    entry,
    ...catalog.indexesOf(entry.id),
    ...[...catalog.relations()].filter((each) =>
      each.kind === "sequence" && each.owner?.tableId === entry.id
    ),
  ].filter((each) => each.schema !== schema);
  for (const each of all) refuseTaken(state, schema, each.name);
  return all.map((each) => ({ ...each, schema }));
}

function renamedColumn(
  state: StatementState,
  table: TableEntry,
  { old, name }: { readonly old: string; readonly name: string },
): RelationEntry[] {
  const { columns } = table;
  const renamed = columns.find((column) => column.name === old);
  if (renamed === undefined) {
    throw new SqlError("42703", `column "${old}" does not exist`);
  }
  if (columns.some((column) => column.name === name)) {
    throw new SqlError(
      "42701",
      `column "${name}" of relation "${table.name}" already exists`,
    );
  }
  if (isSystemColumn(name)) {
    throw new SqlError(
      "42701",
      `column name "${name}" conflicts with a system column name`,
    );
  }
  const rename = (sql: string): string =>
    storedWith(state, table, sql, (column) => column === old ? name : column);
  const after: TableEntry = {
    ...table,
    columns: columns.map((column): ColumnEntry => ({
      ...column,
      name: column.name === old ? name : column.name,
      ...column.generated && {
        generated: {
          ...column.generated,
          sql: rename(column.generated.sql),
        },
      },
    })),
    ...table.checks && {
      checks: table.checks.map((check) => ({
        ...check,
        sql: rename(check.sql),
      })),
    },
    ...table.partitionKey && {
      partitionKey: {
        ...table.partitionKey,
        columns: table.partitionKey.columns.map((column) =>
          column.expression === undefined ? column : {
            ...column,
            expression: {
              ...column.expression,
              sql: rename(column.expression.sql),
            },
          }
        ),
      },
    },
  };
  const indexes = state.options.catalog.indexesOf(table.id)
    .filter((index) => usesInTexts(index, renamed.number))
    .map((index) => renamedIndex(index, rename));
  return [after, ...indexes];
}

/** A stored expression with other names for the columns. */
function storedWith(
  state: StatementState,
  table: TableEntry,
  sql: string,
  rename: (name: string) => string,
): string {
  const binder = columnsBinder(state, table, "check constraints");
  return deparse(binder.bind(parseStored(sql)), {
    column: ({ name }) => quoteIdentifier(rename(name)),
  });
}

function renamedConstraint(
  state: StatementState,
  table: TableEntry,
  { old, name }: { readonly old: string; readonly name: string },
): RelationEntry[] {
  const { checks = [], foreignKeys = [] } = table;
  const indexes = state.options.catalog.indexesOf(table.id);
  const named = (
    wanted: string,
  ): CheckEntry | ForeignKeyEntry | IndexEntry | undefined =>
    checks.find((each) => each.name === wanted) ??
      foreignKeys.find((each) => each.name === wanted) ??
      indexes.find(({ constraintName }) => constraintName === wanted);
  const found = named(old);
  if (found === undefined) {
    throw new SqlError(
      "42704",
      `constraint "${old}" for table "${table.name}" does not exist`,
    );
  }
  if (named(name) !== undefined) {
    throw new SqlError(
      "42710",
      `constraint "${name}" for relation "${table.name}" already exists`,
    );
  }
  if ("kind" in found) return renamedRelation(state, found, name);
  const rename = <T extends { readonly name: string }>(each: T): T =>
    each.name === old ? { ...each, name } : each;
  return [{
    ...table,
    ...table.checks && { checks: checks.map(rename) },
    ...table.foreignKeys && { foreignKeys: foreignKeys.map(rename) },
  }];
}
