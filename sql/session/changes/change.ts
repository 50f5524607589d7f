/**
 * A change of a row that was committed, as a feed tells it.
 *
 * @module
 */
import type { Row } from "../result.ts";

/** A change that was committed. */
export interface Change {
  /**
   * Where it is in the order of all changes: a feed that begins from here goes
   * on with the next. Opaque; the same for everybody who reads the database.
   */
  readonly position: string;
  /** The schema of its table, as it was called then. */
  readonly schema: string;
  /** Its table, as it was called then. */
  readonly table: string;
  /**
   * What happened to the row. `truncate` is one of the table: all rows that were
   * told of before are gone (TRUNCATE, DROP TABLE), or come anew (ALTER TABLE
   * that writes every row again).
   */
  readonly kind: "insert" | "update" | "delete" | "truncate";
  /**
   * The primary key by which the row was known before: of an insert, the one
   * that it has now. Without a primary key, absent.
   */
  readonly key?: Row | undefined;
  /** The row before, by the columns of then; of an update and a delete. */
  readonly old?: Row | undefined;
  /** The row since, by the columns of then; of an insert and an update. */
  readonly row?: Row | undefined;
  /** Which commit it is of: a number that rises from one to the next. */
  readonly commit: number;
  /** When that was made; known while `version_retention` keeps versions. */
  readonly at?: Date | undefined;
  /** Whether it is the last that the feed tells of its commit. */
  readonly last: boolean;
}

/** What a feed is asked for. */
export interface ChangesOptions {
  /** Goes on after a change's position (default: with what is committed next). */
  readonly from?: string | undefined;
  /** Of these tables alone: `name` (of any schema) or `schema.name`. */
  readonly tables?: readonly string[] | undefined;
  /** Ends the feed when aborted: it throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Ends the feed, when all that is committed by then was told, instead of
   * waiting for more (default false).
   */
  readonly once?: boolean | undefined;
}
