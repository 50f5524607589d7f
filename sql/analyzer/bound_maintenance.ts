/**
 * VACUUM and ANALYZE, bound.
 *
 * @module
 */
import type { TableEntry } from "../catalog/entries.ts";
import type { BoundCommon } from "./bound_change.ts";

/** A table, and the columns of it that are looked at. */
export interface MaintainedTable {
  readonly table: TableEntry;
  /** Positions in `table.columns`. */
  readonly columns: readonly number[];
}

/** VACUUM or ANALYZE. */
export interface BoundMaintenance extends BoundCommon {
  readonly kind: "maintenance";
  readonly vacuum: boolean;
  readonly analyze: boolean;
  readonly verbose: boolean;
  readonly tables: readonly MaintainedTable[];
  /** What is named and left out, as PostgreSQL warns of it. */
  readonly warnings: readonly string[];
}
