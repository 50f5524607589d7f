/**
 * The casts between geometric types as functions of the target's name:
 * `box(circle)`, `polygon(box)`.
 *
 * @module
 */
import type { SqlValue } from "../../types/data_type.ts";
import { geometricCasts } from "../../types/geometry/geometric_casts.ts";
import { unary } from "../define.ts";
import type { FunctionDefinition } from "../registry.ts";

/** A function for each cast. */
export const conversionFunctions: readonly FunctionDefinition[] = geometricCasts
  .map(({ source, target, convert }) =>
    unary<SqlValue>(target.name, source, target, (value) => convert!(value))
  );
