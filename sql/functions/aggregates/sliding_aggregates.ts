/**
 * States of aggregates that can take back the oldest row: what a window's frame
 * needs to move on in one pass. Each gives what the plain state gives for the
 * rows that are left.
 *
 * Floating point sums have none: taking back is not exact.
 *
 * @module
 */
import type { Nullable, SqlValue } from "../../types/data_type.ts";
import { Numeric, powerOfTen } from "../../types/numeric.ts";
import { add, divide } from "../../types/numeric_arithmetic.ts";
import type { SlidingState } from "../registry.ts";

/** Keeps the values that may still become the least or the greatest. */
export class SlidingExtreme implements SlidingState {
  readonly #compare: (a: SqlValue, b: SqlValue) => number;
  readonly #sign: number;
  /** Candidates, the best first, and the row each came with. */
  readonly #values: SqlValue[] = [];
  readonly #rows: number[] = [];
  #head = 0;
  #added = 0;
  #removed = 0;

  /** The least (`sign` -1) or the greatest (1). */
  constructor(compare: (a: SqlValue, b: SqlValue) => number, sign: number) {
    this.#compare = compare;
    this.#sign = sign;
  }

  step([value]: readonly Nullable[]): void {
    const values = this.#values;
    while (
      values.length > this.#head &&
      this.#compare(value!, values.at(-1)!) * this.#sign > 0
    ) {
      values.pop();
      this.#rows.pop();
    }
    values.push(value!);
    this.#rows.push(this.#added++);
  }

  remove(): void {
    const removed = this.#removed++;
    if (this.#rows[this.#head] === removed) this.#head++;
    if (this.#head < 1024) return;
    this.#values.splice(0, this.#head);
    this.#rows.splice(0, this.#head);
    this.#head = 0;
  }

  finish(): Nullable {
    return this.#values[this.#head] ?? null;
  }
}

/** Sum or mean of numerics; the result has the most decimals of those there. */
export class SlidingNumericSum implements SlidingState {
  readonly #mean: boolean;
  /** The sum of those that are finite: `#unscaled × 10^-#scale`. */
  #unscaled = 0n;
  /** The most decimals that there ever were. */
  #scale = 0;
  /** How many values there are of each scale. */
  readonly #scales = new Map<number, number>();
  /** How many there are that are not finite, by kind. */
  readonly #special = new Map<Numeric["kind"], number>();
  #count = 0;

  /** A mean, or a sum. */
  constructor(mean: boolean) {
    this.#mean = mean;
  }

  step([value]: readonly Nullable[]): void {
    this.#count++;
    this.#note(value as Numeric, 1);
  }

  remove([value]: readonly Nullable[]): void {
    this.#count--;
    this.#note(value as Numeric, -1);
  }

  #note({ kind, scale, unscaled }: Numeric, change: 1 | -1): void {
    if (kind !== "finite") {
      this.#special.set(kind, (this.#special.get(kind) ?? 0) + change);
      return;
    }
    this.#scales.set(scale, (this.#scales.get(scale) ?? 0) + change);
    if (scale > this.#scale) {
      this.#unscaled *= powerOfTen(scale - this.#scale);
      this.#scale = scale;
    }
    const value = scale === this.#scale
      ? unscaled
      : unscaled * powerOfTen(this.#scale - scale);
    this.#unscaled += change > 0 ? value : -value;
  }

  finish(): Nullable {
    if (this.#count === 0) return null;
    const total = this.#total();
    return this.#mean ? divide(total, Numeric.fromInteger(this.#count)) : total;
  }

  #total(): Numeric {
    let special: Numeric | undefined;
    for (const [kind, count] of this.#special) {
      if (count === 0) continue;
      const value = SPECIAL[kind as keyof typeof SPECIAL];
      special = special === undefined ? value : add(special, value);
    }
    if (special !== undefined) return special;
    let scale = 0;
    for (const [each, count] of this.#scales) {
      if (count > 0) scale = Math.max(scale, each);
    }
    // What is cut off are zeros: none of those there has more decimals.
    return Numeric.of(
      this.#unscaled / powerOfTen(this.#scale - scale),
      scale,
    );
  }
}

const SPECIAL = {
  nan: Numeric.NAN,
  infinity: Numeric.INFINITY,
  "-infinity": Numeric.NEGATIVE_INFINITY,
} as const;
