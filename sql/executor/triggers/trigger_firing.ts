/**
 * What a trigger that fires is told; the session calls its function.
 *
 * @module
 */
import type { MaybePromise } from "../../../base/maybe_promise.ts";
import type { TableEntry, TriggerEntry } from "../../catalog/entries.ts";
import type { TriggerEvent } from "../../catalog/trigger_entry.ts";
import type { Nullable } from "../../types/data_type.ts";
import type { SqlRow } from "../../types/row/row_value.ts";

/** The rows that a statement changed, as a trigger may read them. */
export interface TransitionRows {
  readonly table: TableEntry;
  readonly before: (readonly Nullable[])[];
  readonly after: (readonly Nullable[])[];
}

/** A trigger that fires. */
export interface TriggerFiring {
  readonly trigger: TriggerEntry;
  readonly table: TableEntry;
  readonly event: TriggerEvent;
  /** OLD; absent for a statement, or where there is none. */
  readonly before: SqlRow | undefined;
  /** NEW. */
  readonly after: SqlRow | undefined;
  /** The rows of the statement. */
  readonly transition: TransitionRows | undefined;
}

/**
 * Fires a trigger: its function's row, or NULL. A trigger whose WHEN does not hold
 * gives `"skipped"`.
 */
export type FireTrigger = (
  firing: TriggerFiring,
) => MaybePromise<SqlRow | null | "skipped">;
