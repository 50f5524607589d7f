/**
 * Syntax of definitions of range types.
 *
 * @module
 */
import type { RelationName } from "./expression_syntax.ts";
import type { AggregateOption } from "./routine_syntax.ts";

/** `CREATE TYPE … AS RANGE (…)` */
export interface CreateRangeSyntax {
  readonly kind: "create_range";
  readonly name: RelationName;
  readonly options: readonly AggregateOption[];
}
