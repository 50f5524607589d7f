/**
 * `text[]`: what paths into JSON and lists of keys are given as.
 *
 * @module
 */
import { arrayTypeOf } from "./array/array_type.ts";
import type { SqlArray } from "./array/array_value.ts";
import type { DataType, SqlValue } from "./data_type.ts";
import { text } from "./text_types.ts";

/** An element of `text[]`: a text, or NULL. */
export type ArrayElement = string | null;

/** The elements of a value of `text[]`. */
export function elementsOf(value: SqlValue): readonly ArrayElement[] {
  return (value as SqlArray).elements as readonly ArrayElement[];
}

/** `text[]`. */
export const textArray: DataType = arrayTypeOf(text)!;
