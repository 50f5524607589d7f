/**
 * Casts of ranges: to the multirange of it alone.
 *
 * @module
 */
import type { CastDefinition } from "../cast_definition.ts";
import type { DataType } from "../data_type.ts";
import { MULTIRANGE_TYPES } from "./range_type.ts";
import { SqlMultirange, type SqlRange } from "./range_value.ts";

/** The cast of a range to a multirange. */
export function toMultirange(target: DataType): CastDefinition {
  return {
    source: target.multirangeOf!,
    target,
    context: "explicit",
    convert: (value) =>
      SqlMultirange.of(target.multirangeOf!.range!, [value as SqlRange]),
  };
}

/** Casts of ranges. */
export const rangeCasts: readonly CastDefinition[] = MULTIRANGE_TYPES.map(
  toMultirange,
);
