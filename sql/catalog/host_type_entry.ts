/**
 * What the catalog knows of a base type that an application defines; its code
 * is registered after every opening (`types/host/host_type.ts`).
 *
 * @module
 */
import type { DataType, TypeCategory } from "../types/data_type.ts";
import type { TypeRegistry } from "../types/type_registry.ts";
import type { EntryCommon } from "./entry_common.ts";
import {
  booleanAt,
  corrupt,
  type Fields,
  idAt,
  optional,
  textAt,
} from "./stored_fields.ts";

/** A type of an application. */
export interface HostTypeEntry extends EntryCommon {
  /** Tells it from others. */
  readonly kind: "base";
  /** The schema. */
  readonly schema: string;
  /** The OID of the type of its arrays. */
  readonly arrayId: number;
  /** The built-in type in whose form values are stored. */
  readonly storedAs: DataType;
  /** The type of the keys that order values; absent: they have no order. */
  readonly orderedBy?: DataType | "stored" | undefined;
  /** pg_type.typcategory. */
  readonly category: TypeCategory;
  /** pg_type.typispreferred. */
  readonly preferred: boolean;
  /** Whether the type takes modifiers. */
  readonly hasModifiers: boolean;
}

/** The fields of its row. */
export function hostTypeFields(entry: HostTypeEntry): object {
  const { storedAs, orderedBy } = entry;
  return {
    ...entry,
    storedAs: storedAs.oid,
    ...orderedBy !== undefined && {
      orderedBy: orderedBy === "stored" ? "stored" : orderedBy.oid,
    },
  };
}

/** Reads the fields of its row. */
export function decodeHostType(
  fields: Fields,
  types: TypeRegistry,
): Omit<HostTypeEntry, keyof EntryCommon> {
  const typeAt = (name: string): DataType => {
    const type = types.byOid(idAt(fields, name));
    if (type === undefined) throw corrupt("a base type is of no type");
    return type;
  };
  const category = textAt(fields, "category");
  if (!/^[A-Z]$/.test(category)) throw corrupt("a base type has no category");
  return {
    kind: "base",
    schema: textAt(fields, "schema"),
    arrayId: idAt(fields, "arrayId"),
    storedAs: typeAt("storedAs"),
    ...optional(
      "orderedBy",
      fields["orderedBy"],
      () => fields["orderedBy"] === "stored" ? "stored" : typeAt("orderedBy"),
    ),
    category: category as TypeCategory,
    preferred: booleanAt(fields, "preferred"),
    hasModifiers: booleanAt(fields, "hasModifiers"),
  };
}
