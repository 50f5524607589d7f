/**
 * How COPY reads and writes rows: its options, resolved.
 *
 * @module
 */

/** The options of COPY, with PostgreSQL's defaults filled in. */
export interface CopyFormat {
  readonly form: "text" | "csv" | "binary";
  readonly delimiter: string;
  /** What stands for NULL. */
  readonly nullText: string;
  /** What stands for a column's DEFAULT, if anything does. */
  readonly defaultText: string | undefined;
  /** A first line with the names; `match`: they must be the columns'. */
  readonly header: boolean | "match";
  readonly quote: string;
  readonly escape: string;
  /** By position in the copied columns. */
  readonly forceQuote: readonly boolean[];
  readonly forceNotNull: readonly boolean[];
  readonly forceNull: readonly boolean[];
  /** Whether rows whose values are of no use are left out. */
  readonly ignoreErrors: boolean;
  /** How many of them there may be; absent: any number. */
  readonly rejectLimit: number | undefined;
  readonly verbosity: "silent" | "default" | "verbose";
}
