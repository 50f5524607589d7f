/**
 * CREATE TYPE and ALTER TYPE, bound.
 *
 * @module
 */
import type {
  CatalogEntry,
  CompositeAttribute,
  TypeEntry,
} from "../catalog/entries.ts";
import type { TypeRef } from "../types/data_type.ts";
import type { EnumLabel } from "../types/enum_type.ts";
import type { BoundCommon } from "./bound_change.ts";

/** CREATE TYPE … AS ENUM. */
export interface BoundCreateEnum extends BoundCommon {
  readonly kind: "create_enum";
  readonly schema: string;
  readonly name: string;
  readonly labels: readonly EnumLabel[];
}

/** CREATE TYPE … AS (…). */
export interface BoundCreateComposite extends BoundCommon {
  readonly kind: "create_composite";
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly CompositeAttribute[];
}

/** CREATE TYPE … AS RANGE. */
export interface BoundCreateRange extends BoundCommon {
  readonly kind: "create_range";
  readonly schema: string;
  readonly name: string;
  readonly subtype: TypeRef;
  readonly multirange: { readonly schema: string; readonly name: string };
}

/** ALTER TYPE. */
export interface BoundAlterType extends BoundCommon {
  readonly kind: "alter_type";
  readonly before: TypeEntry;
  readonly after: TypeEntry;
  /** What names the type or its labels, as it is afterwards. */
  readonly readers: readonly CatalogEntry[];
  /** Why nothing is changed, under IF NOT EXISTS. */
  readonly notices: readonly string[];
  /** What else is told. */
  readonly notes?: readonly string[];
}
