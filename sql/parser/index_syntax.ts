/**
 * A key of an index, as CREATE INDEX and EXCLUDE write it.
 *
 * @module
 */
import type { Expression } from "./expression_syntax.ts";

/** A key of CREATE INDEX. */
export interface IndexElement {
  /** A column, or an expression over them. */
  readonly key: string | Expression;
  readonly operatorClass: string | undefined;
  readonly operatorClassSchema: string | undefined;
  readonly direction: "default" | "ascending" | "descending";
  readonly nulls: "default" | "first" | "last";
}
