/**
 * Which operator classes are for a type.
 *
 * @module
 */
import type { DataType } from "../../types/data_type.ts";
import { baseOf } from "../../types/domain_type.ts";

/** The name of the type that operator classes of a type are for. */
export function classTypeName(type: DataType): string {
  const { enumeration, name } = baseOf({ type, typmod: -1 }).type;
  return enumeration === undefined ? name : "anyenum";
}
