/**
 * Which operator classes are for a type.
 *
 * @module
 */
import type { DataType } from "../../types/data_type.ts";
import { baseOf, ownTypeOf } from "../../types/domain_type.ts";

/** The name of the type that operator classes of a type are for. */
export function classTypeName(type: DataType): string {
  const base = baseOf({ type, typmod: -1 }).type;
  if (base.enumeration !== undefined) return "anyenum";
  if (base.fields !== undefined) return "record";
  if (base.host !== undefined && base.comparable !== false) {
    return (base.sortKey?.type ?? base.storedAs ?? base).name;
  }
  if (ownTypeOf(base) === undefined) return base.name;
  if (base.element !== undefined) return "anyarray";
  return base.multirangeOf === undefined ? "anyrange" : "anymultirange";
}
