/**
 * What the catalog knows of a composite type.
 *
 * @module
 */
import type { TypeRef } from "../types/data_type.ts";
import type { EntryCommon } from "./entry_common.ts";

/** An attribute of a composite type: a field of its rows. */
export interface CompositeAttribute {
  /** Its place, from 1. */
  readonly number: number;
  readonly name: string;
  readonly type: TypeRef;
  /** What COMMENT said of it. */
  readonly comment?: string | undefined;
}

/** A composite type. */
export interface CompositeEntry extends EntryCommon {
  /** Tells it from others. */
  readonly kind: "composite";
  /** The schema. */
  readonly schema: string;
  /** The OID of the type of its arrays. */
  readonly arrayId: number;
  /** The fields of its rows, in order. */
  readonly columns: readonly CompositeAttribute[];
  /** The highest number that an attribute ever had, where that is gone. */
  readonly columnNumberMax?: number | undefined;
}
