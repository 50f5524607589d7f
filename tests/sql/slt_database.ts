/**
 * What the runner of `.slt` files asks of a database, and what both databases
 * share of it: the letters of types.
 *
 * @module
 */
import type { SltName } from "./slt_format.ts";

/** A result, its values in PostgreSQL's text form. */
export interface SltResult {
  /** The columns. */
  readonly columns: readonly { readonly name: string; readonly oid: number }[];
  /** The rows. */
  readonly rows: readonly (readonly (string | null)[])[];
  /** How many rows the statement changed. */
  readonly affectedCount: number;
}

/** A database under test. */
export interface SltDatabase {
  /** Which one. */
  readonly name: SltName;
  /**
   * Runs one statement.
   *
   * @throws an error with `code`, the SQLSTATE, and `message`.
   */
  run(sql: string): Promise<SltResult>;
  /** Closes and opens it on the same store. */
  reopen(): Promise<void>;
  /** Lets go of it. */
  close(): Promise<void>;
}

const LETTERS: readonly (readonly [string, readonly number[]])[] = [
  ["I", [20, 21, 23]],
  ["R", [700, 701]],
  ["N", [1700]],
  ["B", [16]],
  ["T", [18, 19, 25, 705, 1042, 1043]],
  ["Z", [1184]],
  ["U", [2950]],
  ["Y", [17]],
  ["J", [114, 3802]],
];

/**
 * OIDs from here on belong to types that are not PostgreSQL's own; ours of
 * extensions begin here.
 */
const FIRST_NORMAL_OID = 15000;

/** The letter of a type. */
export function letterOf(oid: number): string {
  if (oid >= FIRST_NORMAL_OID) return "V";
  return LETTERS.find(([, oids]) => oids.includes(oid))?.[0] ?? "X";
}
