/**
 * What the rows of the system's tables are made from, and how they are written
 * down: columns by name; what a row does not say is its type's nothing.
 *
 * @module
 */
import type { NamedSnapshot } from "../../../storage/manifest/manifest.ts";
import type { AccessRegistry } from "../access_registry.ts";
import type { CatalogView, RelationEntry } from "../../catalog/entries.ts";
import { SYSTEM_SCHEMAS } from "../../catalog/catalog_state.ts";
import { systemRelations } from "../../catalog/system/system_relations.ts";
import type { FunctionRegistry } from "../../functions/registry.ts";
import type { TransactionHandle } from "../../transaction/transaction_handle.ts";
import type { Nullable } from "../../types/data_type.ts";
import type { TypeRegistry } from "../../types/type_registry.ts";

/** What the rows are made from. */
export interface SystemSource {
  /** The catalog that the transaction sees. */
  readonly catalog: CatalogView;
  readonly transaction: TransactionHandle;
  readonly types: TypeRegistry;
  readonly functions: FunctionRegistry;
  readonly access: AccessRegistry;
  /** The name of the user who owns everything. */
  readonly user: string;
  /** The moments of the past that have names. */
  readonly snapshots: readonly NamedSnapshot[];
}

/** A row, by column. */
export type SystemRow = Readonly<Record<string, Nullable>>;

/** The rows of a table. */
export type SystemRows = (source: SystemSource) => Iterable<SystemRow>;

export { OWNER_ID } from "../../catalog/role_entry.ts";

/** The OIDs of the tables that objects are in: `classoid`, `classid`. */
export const CLASS_ID = {
  relation: 1259,
  schema: 2615,
  type: 1247,
  constraint: 2606,
  default: 2604,
  routine: 1255,
  trigger: 2620,
  operator: 2617,
  cast: 2605,
  statistics: 3381,
} as const;

/** The OID of the collation of text. */
const DEFAULT_COLLATION = 100;

/** The collation of a type: of text, the database's. */
export function collationOf(typeName: string): number {
  if (typeName === "name") return 950;
  return ["text", "varchar", "bpchar", "citext"].includes(typeName)
    ? DEFAULT_COLLATION
    : 0;
}

/** The OID of an access method. */
export function accessMethodId(
  { access }: Pick<SystemSource, "access">,
  name: string,
): number {
  const position = access.names().findIndex((each) => each.name === name);
  return METHOD_IDS[name] ?? 9000 + position;
}

/** The OIDs that PostgreSQL's have. */
const METHOD_IDS: Readonly<Record<string, number>> = {
  "lsm_s3": 2,
  "btree": 403,
  "hash": 405,
  "gist": 783,
  "gin": 2742,
};

/** Every relation, those of the system first. */
export function* allRelations(
  { catalog }: Pick<SystemSource, "catalog">,
): Iterable<RelationEntry> {
  yield* systemRelations();
  yield* catalog.relations();
}

/** The OID of a schema. */
export function schemaId(catalog: CatalogView, name: string): number {
  return catalog.schema(name)?.id ?? 0;
}

/** The OID of the schema that built-in objects are in. */
export const SYSTEM_SCHEMA_ID: number = SYSTEM_SCHEMAS[0]!.id;

/** The OIDs of constraints are not below this. */
export const CONSTRAINT_ID_MIN = 0x8000_0000;

/** The OID of the constraint that an index enforces. */
export function indexConstraintId(indexId: number): number {
  return CONSTRAINT_ID_MIN + indexId;
}

/** The OID of a column's default. */
export function defaultId(tableId: number, columnNumber: number): number {
  return (0x4000_0000 + tableId * 1601 + columnNumber) >>> 0;
}

/** Numbers as the text of an array, `{1,2}`. */
export function arrayText(values: readonly (number | string)[]): string {
  return `{${values.join(",")}}`;
}
