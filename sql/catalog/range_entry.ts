/**
 * What the catalog knows of a range type and of its multirange type.
 *
 * @module
 */
import type { TypeRef } from "../types/data_type.ts";
import type { TypeRegistry } from "../types/type_registry.ts";
import type { EntryCommon } from "./entry_common.ts";
import { type Fields, idAt, textAt } from "./stored_fields.ts";
import { decodeType } from "./type_fields.ts";

/** A range type. */
export interface RangeEntry extends EntryCommon {
  /** Tells it from others. */
  readonly kind: "range";
  /** The schema. */
  readonly schema: string;
  /** The OID of the type of its arrays. */
  readonly arrayId: number;
  /** The type of its bounds. */
  readonly subtype: TypeRef;
}

/** The multirange type of a range type: a part of it. */
export interface MultirangeEntry extends EntryCommon {
  /** Tells it from others. */
  readonly kind: "multirange";
  /** The schema. */
  readonly schema: string;
  /** The OID of the type of its arrays. */
  readonly arrayId: number;
  /** The range type. */
  readonly rangeId: number;
}

/** Reads the fields of a range type's row. */
export function decodeRange(
  fields: Fields,
  types: TypeRegistry,
): Omit<RangeEntry, keyof EntryCommon> {
  return {
    kind: "range",
    schema: textAt(fields, "schema"),
    arrayId: idAt(fields, "arrayId"),
    subtype: decodeType(fields["subtype"], types),
  };
}

/** Reads the fields of a multirange type's row. */
export function decodeMultirange(
  fields: Fields,
): Omit<MultirangeEntry, keyof EntryCommon> {
  return {
    kind: "multirange",
    schema: textAt(fields, "schema"),
    arrayId: idAt(fields, "arrayId"),
    rangeId: idAt(fields, "rangeId"),
  };
}
