/**
 * VACUUM and ANALYZE, as they were written.
 *
 * @module
 */
import type { RelationName } from "./leaf_syntax.ts";

/** `VACUUM …`, `ANALYZE …` */
export interface MaintenanceSyntax {
  readonly kind: "maintenance";
  /** VACUUM; else ANALYZE alone. */
  readonly vacuum: boolean;
  /** Whether statistics are made. */
  readonly analyze: boolean;
  readonly verbose: boolean;
  /** What is named; nothing: all tables. */
  readonly targets: readonly {
    readonly relation: RelationName;
    /** The columns; none named: all. */
    readonly columns: readonly string[];
  }[];
}
