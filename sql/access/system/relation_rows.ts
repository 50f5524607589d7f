/**
 * The rows about relations: `pg_class`, `pg_attribute`, `pg_attrdef`,
 * `pg_index`, `pg_sequence`, `pg_rewrite`.
 *
 * @module
 */
import { isTemporaryId } from "../../catalog/temporary_schema.ts";
import type {
  CatalogView,
  ColumnEntry,
  CompositeEntry,
  IndexEntry,
  RelationEntry,
} from "../../catalog/entries.ts";
import { partitionBoundText } from "../../catalog/inheritance/bound_text.ts";
import { childrenOf, parentsOf } from "../../catalog/inheritance/table_tree.ts";
import { indexesWithParts, isWhole } from "./inheritance_rows.ts";
import { CATALOG_METHOD } from "../../catalog/system/system_relations.ts";
import { aclText } from "../../catalog/privileges.ts";
import type { DataType, TypeRef } from "../../types/data_type.ts";
import {
  accessMethodId,
  allRelations,
  collationOf,
  defaultId,
  OWNER_ID,
  schemaId,
  type SystemRow,
  type SystemSource,
} from "./system_rows.ts";

/** `pg_class.relkind`. */
function kindLetter(catalog: CatalogView, entry: RelationEntry): string {
  if (entry.kind === "table") {
    if (entry.partitionKey !== undefined) return "p";
    return entry.materialized === undefined ? "r" : "m";
  }
  if (entry.kind === "index") {
    const table = catalog.byId(entry.tableId);
    const isPartitioned = table?.kind === "table" &&
      table.partitionKey !== undefined;
    return isPartitioned ? "I" : "i";
  }
  return entry.kind === "view" ? "v" : "S";
}

/** The tables that foreign keys are of and refer to: they are triggers there. */
function keyedTables(catalog: CatalogView): Set<number> {
  const ids = new Set<number>();
  for (const entry of catalog.relations()) {
    if (entry.kind !== "table" || entry.foreignKeys === undefined) continue;
    for (const { referencedId } of entry.foreignKeys) {
      ids.add(entry.id).add(referencedId);
    }
  }
  return ids;
}

/** `pg_class`. */
export function* classRows(source: SystemSource): Iterable<SystemRow> {
  const { catalog, access, transaction, types } = source;
  const keyed = keyedTables(catalog);
  const wholes = indexesWithParts(catalog);
  for (const entry of allRelations(source)) {
    const kind = kindLetter(catalog, entry);
    const stored = entry.kind === "table" || entry.kind === "index";
    const isTable = entry.kind === "table" && entry.storageId !== 0;
    yield {
      oid: entry.id,
      relname: entry.name,
      relnamespace: schemaId(catalog, entry.schema),
      relowner: entry.ownerId ?? OWNER_ID,
      relacl: aclText(catalog, source.user, entry),
      relam: stored ? accessMethodId(source, methodOf(entry)) : 0,
      relfilenode: "storageId" in entry ? entry.storageId : 0,
      reltuples: isTable
        ? access.table(entry.accessMethod).estimateRows(entry, transaction)
        : 0,
      relpages: catalog.statisticsOf(entry.id)?.pages ?? 0,
      relhasindex: catalog.indexesOf(entry.id).length > 0,
      relpersistence: isTemporaryId(entry.id) ? "t" : "p",
      relkind: kind,
      reltype: types.compositeDefinition(entry.id) === undefined ? 0 : entry.id,
      relhassubclass: childrenOf(catalog, entry.id).length > 0 ||
        wholes.has(entry.id),
      ...partitionFields(catalog, entry),
      relnatts: "columns" in entry ? entry.columns.length : 3,
      relchecks: entry.kind === "table" ? entry.checks?.length ?? 0 : 0,
      relhasrules: kind === "v",
      relhastriggers: keyed.has(entry.id) ||
        catalog.triggersOf(entry.id).length > 0,
      relispopulated: entry.kind !== "table" ||
        entry.materialized?.populated !== false,
      relreplident: "rmp".includes(kind) ? "d" : "n",
      reloptions: optionsText(entry),
    };
  }
  for (const entry of compositesOf(catalog)) {
    yield {
      oid: entry.id,
      relname: entry.name,
      relnamespace: schemaId(catalog, entry.schema),
      reltype: entry.id,
      relowner: entry.ownerId ?? OWNER_ID,
      relpersistence: "p",
      relkind: "c",
      relnatts: entry.columns.length,
      relispopulated: true,
      relreplident: "n",
    };
  }
}

/** What `pg_class` says of a partition. */
function partitionFields(
  catalog: CatalogView,
  entry: RelationEntry,
): SystemRow {
  if (entry.kind === "index") {
    return { relispartition: entry.parentId !== undefined };
  }
  if (entry.kind !== "table" || entry.partitionBound === undefined) {
    return { relispartition: false };
  }
  const [parent] = parentsOf(catalog, entry);
  return {
    relispartition: true,
    relpartbound: parent === undefined
      ? null
      : partitionBoundText(parent, entry.partitionBound),
  };
}

/** The composite types, which have rows in these tables as relations do. */
function* compositesOf(catalog: CatalogView): Iterable<CompositeEntry> {
  for (const entry of catalog.entries()) {
    if (entry.kind === "composite") yield entry;
  }
}

function methodOf(entry: RelationEntry): string {
  if (!("accessMethod" in entry)) return "";
  return entry.accessMethod === CATALOG_METHOD ? "lsm_s3" : entry.accessMethod;
}

function optionsText(entry: RelationEntry): string | null {
  if (entry.kind === "view") {
    const { checkOption } = entry;
    return checkOption === undefined ? null : `{check_option=${checkOption}}`;
  }
  const options = "options" in entry ? Object.entries(entry.options) : [];
  if (options.length === 0) return null;
  return `{${options.map(([name, value]) => `${name}=${value}`).join(",")}}`;
}

/** `pg_attribute`. */
export function* attributeRows(source: SystemSource): Iterable<SystemRow> {
  for (const entry of allRelations(source)) {
    if (entry.kind === "sequence") continue;
    if (entry.kind === "index") {
      yield* indexAttributes(source, entry);
      continue;
    }
    for (const column of entry.columns) {
      yield {
        ...attribute(entry.id, column.number, column.name, column.type),
        atttypmod: column.type.typmod,
        attnotnull: column.notNull,
        atthasdef: hasDefault(column),
        attidentity: identityLetter(column),
        attislocal: column.onlyInherited !== true,
        attinhcount: column.inheritCount ?? 0,
        attgenerated: generatedLetter(column),
      };
    }
  }
  for (const { id, columns } of compositesOf(source.catalog)) {
    for (const { number, name, type } of columns) {
      yield { ...attribute(id, number, name, type), atttypmod: type.typmod };
    }
  }
}

/** The sequence of an identity column is no default; what computes one is. */
function hasDefault({ defaultSql, identity, generated }: ColumnEntry): boolean {
  return generated !== undefined ||
    (defaultSql !== undefined && identity === undefined);
}

function generatedLetter({ generated }: ColumnEntry): string {
  if (generated === undefined) return "";
  return generated.stored ? "s" : "v";
}

function identityLetter({ identity }: ColumnEntry): string {
  if (identity === undefined) return "";
  return identity === "always" ? "a" : "d";
}

function* indexAttributes(
  { catalog }: SystemSource,
  index: IndexEntry,
): Iterable<SystemRow> {
  const table = catalog.relationById(index.tableId);
  if (table === undefined || !("columns" in table)) return;
  const columns = table.columns as readonly ColumnEntry[];
  const numbers = [
    ...index.columns.map(({ columnNumber }) => columnNumber),
    ...index.include ?? [],
  ];
  for (const [i, columnNumber] of numbers.entries()) {
    const key = index.columns[i]?.expression ??
      columns.find(({ number }) => number === columnNumber);
    if (key === undefined) continue;
    yield {
      ...attribute(index.id, i + 1, key.name, key.type),
      atttypmod: key.type.typmod,
    };
  }
}

function attribute(
  relationId: number,
  number: number,
  name: string,
  { type, collation }: TypeRef,
): SystemRow {
  return {
    attrelid: relationId,
    attname: name,
    atttypid: type.oid,
    attlen: type.length,
    attnum: number,
    atttypmod: -1,
    attndims: type.category === "A" ? 1 : 0,
    attbyval: isByValue(type),
    attalign: alignmentOf(type),
    attstorage: type.length < 0 ? "x" : "p",
    attislocal: true,
    attcollation: collation?.oid ?? collationOf(type.name),
    attstattarget: null,
  };
}

/** Whether PostgreSQL would keep a value of the type in a register. */
export function isByValue({ length }: DataType): boolean {
  return length === 1 || length === 2 || length === 4 || length === 8;
}

/** `pg_type.typalign`. */
export function alignmentOf({ length }: DataType): string {
  return length === 1 || length === 64 || length === 16
    ? "c"
    : length === 2
    ? "s"
    : length === 8
    ? "d"
    : "i";
}

/** `pg_attrdef`. */
export function* defaultRows(
  { catalog }: Pick<SystemSource, "catalog">,
): Iterable<SystemRow> {
  for (const entry of catalog.relations()) {
    if (entry.kind !== "table" && entry.kind !== "view") continue;
    for (const column of entry.columns) {
      if (!hasDefault(column)) continue;
      yield {
        oid: defaultId(entry.id, column.number),
        adrelid: entry.id,
        adnum: column.number,
        adbin: column.generated?.sql ?? column.defaultSql!,
      };
    }
  }
}

/** `pg_index`. */
export function* indexRows(source: SystemSource): Iterable<SystemRow> {
  const { catalog } = source;
  for (const entry of catalog.relations()) {
    if (entry.kind !== "index") continue;
    const { columns, include = [] } = entry;
    const numbers = columns.map(({ columnNumber }) => columnNumber);
    const expressions = columns.flatMap(({ expression }) =>
      expression === undefined ? [] : [expression.sql]
    );
    yield {
      indexrelid: entry.id,
      indrelid: entry.tableId,
      indnatts: columns.length + include.length,
      indnkeyatts: columns.length,
      indisunique: entry.unique || entry.temporal === true,
      indnullsnotdistinct: entry.nullsNotDistinct ?? false,
      indisprimary: entry.primary,
      indisexclusion: entry.exclusion !== undefined,
      indimmediate: entry.deferrable !== true,
      indisvalid: isWhole(catalog, entry),
      indisready: true,
      indislive: true,
      indkey: [...numbers, ...include].join(" "),
      indexprs: expressions.length === 0 ? null : expressions.join(", "),
      indpred: entry.predicate ?? null,
      indcollation: columns.map(() => 0).join(" "),
      indclass: columns.map(() => 0).join(" "),
      indoption: columns.map(({ descending, nullsFirst }) =>
        (descending ? 1 : 0) + (nullsFirst ? 2 : 0)
      ).join(" "),
    };
  }
}

/** `pg_sequence`. */
export function* sequenceRows(
  { catalog, types }: SystemSource,
): Iterable<SystemRow> {
  for (const entry of catalog.relations()) {
    if (entry.kind !== "sequence") continue;
    const asInt8 = (value: bigint): number | bigint =>
      Number.isSafeInteger(Number(value)) ? Number(value) : value;
    yield {
      seqrelid: entry.id,
      seqtypid: types.byName(entry.dataType)!.oid,
      seqstart: asInt8(entry.start),
      seqincrement: asInt8(entry.increment),
      seqmax: asInt8(entry.maximum),
      seqmin: asInt8(entry.minimum),
      seqcache: asInt8(entry.cache),
      seqcycle: entry.cycle,
    };
  }
}
