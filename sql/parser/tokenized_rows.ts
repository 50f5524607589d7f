/**
 * Rows of VALUES that were read without the grammar: a token a cell, in typed
 * arrays. `values_rows.ts` makes them, the analyzer turns them into columns.
 *
 * @module
 */

/** What a cell of {@linkcode TokenizedRows} holds. */
export const CELL_NULL = 0;
/** `TRUE` */
export const CELL_TRUE = 1;
/** `FALSE` */
export const CELL_FALSE = 2;
/** `DEFAULT` */
export const CELL_DEFAULT = 3;
/** A number; its text is the slice, without `+`. */
export const CELL_NUMBER = 4;
/** A number under one minus sign. */
export const CELL_NEGATIVE = 5;
/** A string without quotes inside: its text is the slice. */
export const CELL_STRING = 6;
/** A string with doubled quotes in the slice. */
export const CELL_QUOTED = 7;
/** The body of an `E''` string with escapes in the slice. */
export const CELL_ESCAPED = 8;
/** A parameter: the slice is its number. */
export const CELL_PARAMETER = 9;

/**
 * Rows of VALUES that were tokenized without the grammar: cell `c` of row `r`
 * is at `r * width + c`. The first row is not among them. A cell of a column
 * whose first row has a cast `::type` has the same cast, unless it is NULL or
 * DEFAULT.
 */
export interface TokenizedRows {
  /** The whole text the offsets count in. */
  readonly text: string;
  /** How many rows there are. */
  readonly rowCount: number;
  /** How many cells a row has. */
  readonly width: number;
  /** One of the `CELL_…` a cell. */
  readonly kinds: Uint8Array;
  /** Where the slice of a cell starts. */
  readonly starts: Uint32Array;
  /** Where it ends. */
  readonly ends: Uint32Array;
}
