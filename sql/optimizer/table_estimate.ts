/**
 * What is expected of a table: its rows, their width, the share that a filter
 * leaves.
 *
 * @module
 */
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import type { TableRelation } from "../analyzer/bound_tree.ts";
import type { DataType } from "../types/data_type.ts";
import type { CostFacts } from "./facts.ts";
import { selectivityOf } from "./selectivity.ts";

/** What a node is expected to do. */
export interface Estimate {
  /** The cost before the first row. */
  readonly startup: number;
  /** The cost of all rows. */
  readonly total: number;
  readonly rows: number;
  /** Bytes a row. */
  readonly width: number;
}

/** A number of rows as an estimate gives it. */
export function rowsOf(rows: number): number {
  return Math.max(1, Math.round(rows));
}

/** The bytes of a row of values of some types. */
export function widthOf(types: readonly DataType[]): number {
  return types.reduce(
    (sum, { length }) => sum + (length > 0 ? length : 32),
    0,
  );
}

/** The rows of a table, and the share of them that a filter leaves. */
export function tableFacts(
  { table, filter }: {
    readonly table: TableRelation;
    readonly filter: BoundExpression | undefined;
  },
  { transaction, access, measured }: CostFacts,
): { rowCount: number; width: number; share: number } {
  const entry = table.table;
  const method = access.table(entry.accessMethod);
  const rowCount = method.estimateRows(entry, transaction);
  const { catalog } = transaction;
  const share = selectivityOf(filter, { table, catalog, rowCount });
  return {
    rowCount,
    width: widthOf(entry.columns.map(({ type }) => type.type)),
    share: measured?.shareOf({ table: entry, catalog }, filter, share) ?? share,
  };
}
