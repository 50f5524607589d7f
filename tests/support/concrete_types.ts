/**
 * Types to try polymorphic functions with.
 *
 * @module
 */
import { arrayTypeOf } from "../../sql/types/array/array_type.ts";
import type { DataType } from "../../sql/types/data_type.ts";
import { int4 } from "../../sql/types/int_types.ts";
import {
  anyArray,
  anyCompatible,
  anyCompatibleArray,
  anyCompatibleNonArray,
  anyElement,
  anyMultirange,
  anyNonArray,
  anyRange,
} from "../../sql/types/pseudo_types.ts";
import {
  MULTIRANGE_TYPES,
  RANGE_TYPES,
} from "../../sql/types/range/range_type.ts";

const CONCRETE: ReadonlyMap<DataType, DataType> = new Map([
  [anyElement, int4],
  [anyNonArray, int4],
  [anyCompatible, int4],
  [anyCompatibleNonArray, int4],
  [anyArray, arrayTypeOf(int4)!],
  [anyRange, RANGE_TYPES[0]!],
  [anyMultirange, MULTIRANGE_TYPES[0]!],
  [anyCompatibleArray, arrayTypeOf(int4)!],
]);

/** `integer` for what stands for a type, an array of it for an array, and so on. */
export function concreteType(type: DataType): DataType {
  return CONCRETE.get(type) ?? type;
}
