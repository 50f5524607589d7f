/**
 * A value of `regclass` and its kin; see `reg_types.ts`.
 *
 * @module
 */

/** An object by OID, with its name. */
export class RegValue {
  /** The OID; 0 is nothing. */
  readonly oid: number;
  /** The name, as SQL. */
  readonly text: string;

  /** The object `oid`, which is called `text`. */
  constructor(oid: number, text: string) {
    this.oid = oid;
    this.text = text;
  }
}
