/**
 * The relations of the system as entries of the catalog: every database has
 * them, and nobody changes them.
 *
 * Their rows are not stored: the access method `catalog` computes them from
 * the catalog that a transaction sees.
 *
 * @module
 */
import type { DataType } from "../../types/data_type.ts";
import { BUILTIN_TYPES } from "../../types/type_registry.ts";
import { text } from "../../types/text_types.ts";
import type { ColumnEntry, TableEntry, ViewEntry } from "../entries.ts";
import { INFORMATION_SCHEMA } from "./information_schema.ts";
import { SYSTEM_TABLES } from "./system_tables.ts";
import type { SystemView } from "./system_view.ts";
import { SYSTEM_VIEWS } from "./system_views.ts";

/** The name of the access method of system tables. */
export const CATALOG_METHOD = "\0catalog";

/** The OID of the first view. */
const FIRST_VIEW_ID = 13_100;

/** A relation of the system. */
export type SystemRelation = TableEntry | ViewEntry;

const types = new Map(BUILTIN_TYPES.map((type) => [type.name, type]));

/** The type of that name; what there is no type for is text. */
function typeNamed(name: string): DataType {
  // Privileges are texts here.
  if (name === "_aclitem") return types.get("_text")!;
  return types.get(name) ?? text;
}

function columnsOf(list: string): ColumnEntry[] {
  return list.split(",").map((item, i) => {
    const [name, typeName] = item.trim().split(/\s+/);
    const type = { type: typeNamed(typeName!), typmod: -1 };
    return { number: i + 1, name: name!, type, notNull: false };
  });
}

function tables(): TableEntry[] {
  return Object.entries(SYSTEM_TABLES).map(([name, { id, columns }]) => ({
    kind: "table",
    id,
    storageId: 0,
    schema: "pg_catalog",
    name,
    accessMethod: CATALOG_METHOD,
    columns: columnsOf(columns),
    options: {},
  }));
}

function views(
  schema: string,
  all: Readonly<Record<string, SystemView>>,
  firstId: number,
): ViewEntry[] {
  return Object.entries(all).map(([name, { columns, sql }], i) => ({
    kind: "view",
    id: firstId + i,
    schema,
    name,
    columns: columnsOf(columns),
    sql,
  }));
}

let relations: ReadonlyMap<string, SystemRelation> | undefined;
let byId: ReadonlyMap<number, SystemRelation> | undefined;

function load(): ReadonlyMap<string, SystemRelation> {
  if (relations !== undefined) return relations;
  const all = [
    ...tables(),
    ...views("pg_catalog", SYSTEM_VIEWS, FIRST_VIEW_ID),
    ...views("information_schema", INFORMATION_SCHEMA, FIRST_VIEW_ID + 100),
  ];
  byId = new Map(all.map((entry) => [entry.id, entry]));
  return relations = new Map(
    all.map((entry) => [`${entry.schema}.${entry.name}`, entry]),
  );
}

/** The relation of the system of that name. */
export function systemRelation(
  schema: string,
  name: string,
): SystemRelation | undefined {
  if (schema !== "pg_catalog" && schema !== "information_schema") {
    return undefined;
  }
  return load().get(`${schema}.${name}`);
}

/** The relation of the system with that OID. */
export function systemRelationById(id: number): SystemRelation | undefined {
  load();
  return byId!.get(id);
}

/** All relations of the system. */
export function systemRelations(): Iterable<SystemRelation> {
  return load().values();
}
