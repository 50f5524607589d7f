/**
 * A column of `numeric` whose values all have the same number of decimals, as
 * most columns with a declared scale have: their digits, in a typed array.
 *
 * ```text
 * digits  1250 99 100000      scale 2
 * values  12.50 0.99 1000.00  made when somebody asks for them
 * ```
 *
 * What computes with many values (`+`, `-`, `*`, comparisons, sums) looks at the
 * digits; everything else sees a column as any other.
 *
 * Invariant: digits are safe integers, and so an exact value; where the column
 * is NULL, or a row is not in the selection, they are any.
 *
 * @module
 */
import type { DataType, Nullable } from "../types/data_type.ts";
import { isSafe, Numeric, safePower } from "../types/numeric.ts";

/** A column of numerics of one scale, see the module. */
export class DecimalColumn {
  /** The type: `numeric`. */
  readonly type: DataType;
  /** The digits, by row. */
  readonly digits: Float64Array;
  /** How many of them are decimals. */
  readonly scale: number;
  /** Which rows are not NULL; absent when none is NULL. */
  readonly validity: Uint32Array | undefined;
  #values: Nullable[] | undefined;

  /** A column of these; `values`, if they are known already. */
  constructor(
    type: DataType,
    digits: Float64Array,
    scale: number,
    validity: Uint32Array | undefined,
    values?: Nullable[],
  ) {
    this.type = type;
    this.digits = digits;
    this.scale = scale;
    this.validity = validity;
    this.#values = values;
  }

  /** The values, by row. */
  get values(): Nullable[] {
    return this.#values ??= this.#made();
  }

  /**
   * The digits at a scale of at least the column's; nothing where doubles do not
   * hold them.
   */
  digitsAt(scale: number): Float64Array | undefined {
    if (scale === this.scale) return this.digits;
    const shift = safePower(scale - this.scale);
    const from = this.digits;
    const digits = new Float64Array(from.length);
    for (let i = 0; i < from.length; i++) {
      const moved = from[i]! * shift;
      if (!isSafe(moved)) return undefined;
      digits[i] = moved;
    }
    return digits;
  }

  /** The rows `rows`, in that order. */
  gather(rows: Uint32Array, validity: Uint32Array | undefined): DecimalColumn {
    const from = this.digits;
    const digits = new Float64Array(rows.length);
    for (let i = 0; i < rows.length; i++) digits[i] = from[rows[i]!]!;
    return new DecimalColumn(this.type, digits, this.scale, validity);
  }

  #made(): Nullable[] {
    const { digits, scale, validity } = this;
    const values: Nullable[] = new Array(digits.length);
    for (let row = 0; row < digits.length; row++) {
      const isValid = validity === undefined ||
        ((validity[row >>> 5]! >>> (row & 31)) & 1) !== 0;
      values[row] = isValid ? Numeric.ofSafe(digits[row]!, scale) : null;
    }
    return values;
  }
}
