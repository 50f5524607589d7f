/**
 * CREATE INDEX: columns, operator classes and what the access method can do.
 *
 * @module
 */
import type { CatalogView, IndexEntry } from "../catalog/entries.ts";
import { treeOf } from "../catalog/inheritance/table_tree.ts";
import { SqlError } from "../errors/sql_error.ts";
import type { CreateIndexSyntax, ReindexSyntax } from "../parser/syntax.ts";
import { bindElements, requireAbilities } from "./indexes/bind_elements.ts";
import { bindIndexPredicate, columnNamed } from "./indexes/bind_index_key.ts";
import { missingRelation, openTable } from "./bind_from.ts";
import { isTaken, optionRecord, refuseTaken } from "./bind_table_definition.ts";
import type { BoundReindex } from "./bound_alter.ts";
import type { BoundCreateIndex } from "./bound_tree.ts";
import { requirePartitionKey } from "./inheritance/partition_keys.ts";
import { columnsName, objectName } from "./object_name.ts";
import type { StatementState } from "./statement_state.ts";

/** Binds CREATE INDEX. */
export function bindCreateIndex(
  state: StatementState,
  syntax: CreateIndexSyntax,
): Omit<BoundCreateIndex, "parameterTypes" | "cacheable"> {
  const { name, unique, include, nullsNotDistinct } = syntax;
  const table = openTable(state, { ...syntax.relation, offset: -1 });
  const method = state.options.access.index(syntax.accessMethod);
  requireAbilities(method, syntax);
  if (table.partitionKey !== undefined && syntax.concurrently) {
    throw new SqlError(
      "0A000",
      `cannot create index on partitioned table "${table.name}" concurrently`,
    );
  }
  const exists = name !== undefined && syntax.ifNotExists &&
    isTaken(state, table.schema, name);
  const { columns, keys, names } = bindElements(state, table, syntax);
  const predicate = bindIndexPredicate(state, table, syntax.where);
  if (unique) {
    const positions = keys.map(({ number }) =>
      table.columns.findIndex((column) => column.number === number)
    );
    requirePartitionKey(table, table.partitionKey, {
      form: "unique",
      columns: positions,
    });
  }
  if (name !== undefined && !exists) refuseTaken(state, table.schema, name);
  const defaultName = objectName(
    table.name,
    columnsName(names),
    "idx",
  );
  const used = new Set([
    ...keys.flatMap(({ usedColumns }) => usedColumns),
    ...predicate?.usedColumns ?? [],
  ]);
  return {
    kind: "create_index",
    table,
    name,
    defaultName,
    accessMethod: method.name,
    columns,
    include: include.map((column) => columnNamed(table, column).number),
    predicate: predicate?.sql,
    usedColumns: [...used].sort((a, b) => a - b),
    unique,
    nullsNotDistinct,
    concurrently: syntax.concurrently,
    only: syntax.relation.only === true,
    options: optionRecord(syntax.options),
    exists,
  };
}

/** Binds REINDEX. */
export function bindReindex(
  { options: { catalog } }: StatementState,
  { object, relation, name }: ReindexSyntax,
): BoundReindex {
  if (relation === undefined) {
    if (object === "schema" && !catalog.hasSchema(name!)) {
      throw new SqlError("3F000", `schema "${name}" does not exist`);
    }
    const tables = [...catalog.relations()].filter((each) =>
      each.kind === "table" && (object !== "schema" || each.schema === name)
    );
    const indexes = tables.flatMap(({ id }) => catalog.indexesOf(id));
    return { kind: "reindex", indexes };
  }
  const entry = catalog.relation(relation.schema, relation.name);
  if (entry === undefined) {
    throw missingRelation(relation.schema, relation.name);
  }
  if (object === "table" && entry.kind === "table") {
    const tables = entry.partitionKey === undefined
      ? [entry]
      : treeOf(catalog, entry);
    const indexes = tables.flatMap(({ id }) => catalog.indexesOf(id));
    return { kind: "reindex", indexes };
  }
  if (object === "index" && entry.kind === "index") {
    return { kind: "reindex", indexes: withParts(catalog, entry) };
  }
  throw new SqlError(
    "42809",
    object === "index"
      ? `"${entry.name}" is not an index`
      : `"${entry.name}" is not a table or materialized view`,
  );
}

/** An index, and the parts that it has in partitions. */
function withParts(catalog: CatalogView, index: IndexEntry): IndexEntry[] {
  const parts: IndexEntry[] = [];
  for (const each of catalog.relations()) {
    if (each.kind === "index" && each.parentId === index.id) {
      parts.push(...withParts(catalog, each));
    }
  }
  return [index, ...parts];
}
