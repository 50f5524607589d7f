/**
 * Types that routines speak of: kept by OID, a table's rows among them.
 *
 * @module
 */
import {
  type CatalogView,
  type Dependency,
  isTypeEntry,
} from "../../catalog/entries.ts";
import type { StoredType } from "../../catalog/routine_entry.ts";
import { SqlError } from "../../errors/sql_error.ts";
import { settleTypes } from "../../functions/polymorphism.ts";
import type { DataType, TypeRef } from "../../types/data_type.ts";
import { isPolymorphic } from "../../types/pseudo_types.ts";
import { unknown } from "../../types/text_types.ts";
import type { TypeRegistry } from "../../types/type_registry.ts";
import { tableRowType } from "../table_row_type.ts";

/** Where stored types are looked up. */
export interface TypeSource {
  readonly catalog: CatalogView;
  readonly types: TypeRegistry;
}

/**
 * The type that is kept by its OID.
 *
 * @throws {SqlError} `42704` when it is gone.
 */
export function storedType(
  { catalog, types }: TypeSource,
  { oid, typmod }: StoredType,
): TypeRef {
  const known = types.byOid(oid);
  const isOfRows = known === undefined || known.fields !== undefined;
  const type = (isOfRows ? rowTypeOf({ catalog, types }, oid) : undefined) ??
    known;
  if (type !== undefined) return { type, typmod };
  throw new SqlError("42704", `type with OID ${oid} does not exist`);
}

function rowTypeOf(
  { catalog, types }: TypeSource,
  oid: number,
): DataType | undefined {
  const entry = catalog.byId(oid);
  return entry?.kind === "table" || entry?.kind === "view"
    ? tableRowType(entry, types)
    : undefined;
}

/** A type as the catalog keeps it. */
export function toStored({ type, typmod }: TypeRef): StoredType {
  return { oid: type.oid, typmod };
}

/** What a definition with these types needs. */
export function typeDependencies(
  { catalog, types }: TypeSource,
  refs: readonly TypeRef[],
): Dependency[] {
  const ids = new Set<number>();
  for (const { type } of refs) {
    const { oid } = type.element ?? type;
    const entry = catalog.byId(oid);
    const isOwn = isTypeEntry(entry) || types.byOid(oid) === undefined ||
      types.compositeDefinition(oid) !== undefined;
    if (isOwn && entry !== undefined) ids.add(oid);
  }
  return [...ids].map((id) => ({ id, kind: "normal" }));
}

/** What a polymorphic result is in a call with arguments of these types. */
export function settledResult(
  declared: readonly DataType[],
  given: readonly DataType[],
  result: DataType,
): DataType {
  if (!isPolymorphic(result)) return result;
  return settleTypes([...declared, result], [...given, unknown]).at(-1)!;
}
