/**
 * Casts between array types: element by element, where the elements have a cast,
 * and in the contexts that it has.
 *
 * @module
 */
import type { CastDefinition } from "../cast_definition.ts";
import type { DataType, SqlValue } from "../data_type.ts";
import type { SqlArray } from "./array_value.ts";

/** The cast of arrays that `cast` of their elements gives. */
export function arrayCast(
  source: DataType,
  target: DataType,
  { context, convert }: CastDefinition,
): CastDefinition {
  if (convert === undefined) return { source, target, context };
  return {
    source,
    target,
    context,
    convert: (value, inputContext): SqlValue =>
      (value as SqlArray).map((item) =>
        item === null ? null : convert(item, inputContext)
      ),
  };
}
