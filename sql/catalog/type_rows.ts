/**
 * The rows of types in the catalog (see `catalog_rows.ts`), and what the types
 * are that they say.
 *
 * @module
 */
import type { TypeRegistry } from "../types/type_registry.ts";
import type { CompositeEntry } from "./composite_entry.ts";
import { decodeCheck } from "./constraint_entry.ts";
import type { CatalogEntry, DomainEntry, EnumEntry } from "./entries.ts";
import { decodeHostType, type HostTypeEntry } from "./host_type_entry.ts";
import {
  decodeMultirange,
  decodeRange,
  type MultirangeEntry,
  type RangeEntry,
} from "./range_entry.ts";
import type { EntryCommon } from "./entry_common.ts";
import {
  booleanAt,
  corrupt,
  type Fields,
  idAt,
  listAt,
  optional,
  textAt,
} from "./stored_fields.ts";
import { isTemporaryId } from "./temporary_schema.ts";
import { decodeType } from "./type_fields.ts";

/**
 * Reads what a type's row has besides what all have.
 *
 * @throws {KriyaError} `corrupt`.
 */
export function decodeTypeEntry(
  fields: Fields,
  types: TypeRegistry,
):
  | Omit<EnumEntry, keyof EntryCommon>
  | Omit<DomainEntry, keyof EntryCommon>
  | Omit<CompositeEntry, keyof EntryCommon>
  | Omit<RangeEntry, keyof EntryCommon>
  | Omit<MultirangeEntry, keyof EntryCommon>
  | Omit<HostTypeEntry, keyof EntryCommon> {
  if (fields["kind"] === "base") return decodeHostType(fields, types);
  if (fields["kind"] === "range") return decodeRange(fields, types);
  if (fields["kind"] === "multirange") return decodeMultirange(fields);
  if (fields["kind"] === "enum") return decodeEnum(fields);
  return fields["kind"] === "domain"
    ? decodeDomain(fields, types)
    : decodeComposite(fields, types);
}

function decodeEnum(fields: Fields): Omit<EnumEntry, keyof EntryCommon> {
  return {
    kind: "enum",
    schema: textAt(fields, "schema"),
    arrayId: idAt(fields, "arrayId"),
    labels: listAt(fields, "labels").map((item) => {
      const { order } = item;
      if (typeof order !== "number") throw corrupt("a label has no order");
      return { label: textAt(item, "label"), order };
    }),
  };
}

function decodeDomain(
  fields: Fields,
  types: TypeRegistry,
): Omit<DomainEntry, keyof EntryCommon> {
  return {
    kind: "domain",
    schema: textAt(fields, "schema"),
    base: decodeType(fields["base"], types),
    notNull: booleanAt(fields, "notNull"),
    ...optional(
      "defaultSql",
      fields["defaultSql"],
      () => textAt(fields, "defaultSql"),
    ),
    ...optional(
      "checks",
      fields["checks"],
      () => listAt(fields, "checks").map(decodeCheck),
    ),
  };
}

function decodeComposite(
  fields: Fields,
  types: TypeRegistry,
): Omit<CompositeEntry, keyof EntryCommon> {
  return {
    kind: "composite",
    schema: textAt(fields, "schema"),
    arrayId: idAt(fields, "arrayId"),
    columns: listAt(fields, "columns").map((item) => ({
      number: idAt(item, "number"),
      name: textAt(item, "name"),
      type: decodeType(item["type"], types),
      ...optional("comment", item["comment"], () => textAt(item, "comment")),
    })),
    ...optional(
      "columnNumberMax",
      fields["columnNumberMax"],
      () => idAt(fields, "columnNumberMax"),
    ),
  };
}

/** Makes the type that an entry says, or changes it; others say none. */
export function defineTypeOf(types: TypeRegistry, entry: CatalogEntry): void {
  if (entry.kind === "enum") types.defineEnum(entry);
  if (entry.kind === "domain") types.defineDomain(entry);
  if (entry.kind === "composite") types.defineComposite(entry);
  if (entry.kind === "base") types.defineHostType(entry);
  if (entry.kind === "range") types.defineRange(entry);
  if (entry.kind === "multirange") types.defineMultirange(entry);
  const hasRows = entry.kind === "table" || entry.kind === "view";
  if (hasRows && !isTemporaryId(entry.id)) types.defineRowType(entry);
}
