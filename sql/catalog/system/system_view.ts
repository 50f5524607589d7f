/**
 * A view of the system: its columns and its query.
 *
 * @module
 */

/** A view of the system. */
export interface SystemView {
  /** `name type`, one after the other, with commas. */
  readonly columns: string;
  readonly sql: string;
}
