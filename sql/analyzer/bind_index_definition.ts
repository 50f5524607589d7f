/**
 * CREATE INDEX: columns, operator classes and what the access method can do.
 *
 * @module
 */
import type {
  IndexAccessMethod,
  OperatorClass,
} from "../access/index_access.ts";
import type { IndexColumn } from "../catalog/entries.ts";
import { SqlError } from "../errors/sql_error.ts";
import type {
  CreateIndexSyntax,
  IndexElement,
  ReindexSyntax,
} from "../parser/syntax.ts";
import type { DataType } from "../types/data_type.ts";
import {
  bindIndexKey,
  bindIndexPredicate,
  columnNamed,
  type IndexKey,
} from "./indexes/bind_index_key.ts";
import { findCast } from "../types/cast.ts";
import { missingRelation, openTable } from "./bind_from.ts";
import { isTaken, optionRecord, refuseTaken } from "./bind_table_definition.ts";
import type { BoundReindex } from "./bound_alter.ts";
import type { BoundCreateIndex } from "./bound_tree.ts";
import { requirePartitionKey } from "./inheritance/partition_keys.ts";
import { classTypeName } from "./indexes/class_type_name.ts";
import { columnsName, objectName } from "./object_name.ts";
import type { StatementState } from "./statement_state.ts";
import { isPolymorphic } from "../types/pseudo_types.ts";

/** Binds CREATE INDEX. */
export function bindCreateIndex(
  state: StatementState,
  syntax: CreateIndexSyntax,
): Omit<BoundCreateIndex, "parameterTypes" | "cacheable"> {
  const { name, elements, unique, include, nullsNotDistinct } = syntax;
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
  const keys = elements.map(({ key }) => bindIndexKey(state, table, key));
  const names = distinctNames([...keys.map(({ name }) => name), ...include]);
  const named = { method, name: syntax.accessMethod };
  const columns = elements.map((element, i) =>
    bindElement(state, named, { ...keys[i]!, name: names[i]! }, element)
  );
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

/** Names as ChooseIndexColumnNames makes them: `expr`, `expr1`. */
function distinctNames(names: readonly string[]): string[] {
  const taken: string[] = [];
  for (const name of names) {
    let candidate = name;
    for (let n = 1; taken.includes(candidate); n++) candidate = `${name}${n}`;
    taken.push(candidate);
  }
  return taken;
}

function requireAbilities(
  method: IndexAccessMethod,
  { elements, unique, include }: CreateIndexSyntax,
): void {
  const refuse = (what: string): never => {
    throw new SqlError(
      "0A000",
      `access method "${method.name}" does not support ${what}`,
    );
  };
  if (unique && !method.canBeUnique) refuse("unique indexes");
  if (include.length > 0 && !isOrdered(method)) refuse("included columns");
  if (elements.length > method.columnsMax) {
    if (method.columnsMax === 1) refuse("multicolumn indexes");
    throw new SqlError(
      "54011",
      `cannot use more than ${method.columnsMax} columns in an index`,
    );
  }
  if (isOrdered(method)) return;
  for (const { direction, nulls } of elements) {
    if (direction !== "default") refuse("ASC/DESC options");
    if (nulls !== "default") refuse("NULLS FIRST/LAST options");
  }
}

/** Whether its entries have an order: ASC and DESC mean something. */
function isOrdered({ openRange }: IndexAccessMethod): boolean {
  return openRange !== undefined;
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
    return { kind: "reindex", indexes: catalog.indexesOf(entry.id) };
  }
  if (object === "index" && entry.kind === "index") {
    return { kind: "reindex", indexes: [entry] };
  }
  throw new SqlError(
    "42809",
    object === "index"
      ? `"${entry.name}" is not an index`
      : `"${entry.name}" is not a table or materialized view`,
  );
}

function bindElement(
  state: StatementState,
  method: NamedMethod,
  key: IndexKey,
  element: IndexElement,
): IndexColumn {
  const descending = element.direction === "descending";
  const nullsFirst = element.nulls === "default"
    ? descending
    : element.nulls === "first";
  const operatorClass = element.operatorClass === undefined
    ? defaultClass(state, method, key.type.type)
    : namedClass(state, method, key.type.type, element);
  return {
    columnNumber: key.number,
    ...key.expression && {
      expression: { ...key.expression, name: key.name },
    },
    operatorClass: operatorClass.name,
    descending,
    nullsFirst,
  };
}

/** Whether the class is for the column's type: itself, or one of its form. */
function accepts(
  state: StatementState,
  { typeName }: OperatorClass,
  type: DataType,
): boolean {
  if (typeName === classTypeName(type)) return true;
  const wanted = state.options.types.byName(typeName);
  // `anyenum` is for enumerations alone, though all types become it.
  if (wanted === undefined || isPolymorphic(wanted)) return false;
  const cast = findCast(type, wanted);
  return cast?.context === "implicit" && cast.convert === undefined;
}

/** A kind of index, and what the statement calls it. */
interface NamedMethod {
  readonly method: IndexAccessMethod;
  readonly name: string;
}

function defaultClass(
  state: StatementState,
  { method, name }: NamedMethod,
  type: DataType,
): OperatorClass {
  const classes = method.operatorClasses.filter(({ isDefault }) => isDefault);
  const found =
    classes.find(({ typeName }) => typeName === classTypeName(type)) ??
      classes.find((candidate) => accepts(state, candidate, type));
  if (found !== undefined) return found;
  throw new SqlError(
    "42704",
    `data type ${type.displayName} has no default operator class for access method "${name}"`,
    {
      hint:
        "You must specify an operator class for the index or define a default operator class for the data type.",
    },
  );
}

function namedClass(
  state: StatementState,
  { method, name: methodName }: NamedMethod,
  type: DataType,
  element: IndexElement,
): OperatorClass {
  const name = element.operatorClass!;
  const classes = method.operatorClasses.filter((candidate) =>
    candidate.name === name || candidate.aliases?.includes(name) === true
  );
  const found = classes.find((candidate) => accepts(state, candidate, type));
  if (found !== undefined) return found;
  if (classes.length > 0) {
    throw new SqlError(
      "42804",
      `operator class "${name}" does not accept data type ${type.displayName}`,
    );
  }
  throw new SqlError(
    "42704",
    `operator class "${name}" does not exist for access method "${methodName}"`,
  );
}
