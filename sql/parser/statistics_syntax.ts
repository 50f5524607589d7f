/**
 * Statements about statistics objects as they are written.
 *
 * @module
 */
import type { RelationName } from "./expression_syntax.ts";

/** CREATE STATISTICS. */
export interface CreateStatisticsSyntax {
  readonly kind: "create_statistics";
  /** Absent: made of those of the table and the columns. */
  readonly name: RelationName | undefined;
  readonly ifNotExists: boolean;
  /** What is found out; empty: all there is. */
  readonly kinds: readonly string[];
  readonly columns: readonly string[];
  readonly relations: readonly RelationName[];
}

/** ALTER STATISTICS, COMMENT ON STATISTICS. */
export interface AlterStatisticsSyntax {
  readonly kind: "alter_statistics";
  readonly name: RelationName;
  readonly ifExists: boolean;
  readonly change:
    | { readonly kind: "rename"; readonly name: string }
    | { readonly kind: "set_schema"; readonly schema: string }
    | { readonly kind: "owner" }
    | { readonly kind: "target"; readonly target: number | undefined }
    | { readonly kind: "comment"; readonly text: string | undefined };
}

/** DROP STATISTICS. */
export interface DropStatisticsSyntax {
  readonly kind: "drop_statistics";
  readonly names: readonly RelationName[];
  readonly ifExists: boolean;
}

/** A statement about statistics objects. */
export type StatisticsStatement =
  | CreateStatisticsSyntax
  | AlterStatisticsSyntax
  | DropStatisticsSyntax;
