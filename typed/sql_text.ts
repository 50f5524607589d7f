/**
 * What a typed statement is to a database: text with parameters.
 *
 * @module
 */

/** A statement, and the values of its parameters. */
export interface SqlText {
  readonly text: string;
  readonly values: readonly unknown[];
}
