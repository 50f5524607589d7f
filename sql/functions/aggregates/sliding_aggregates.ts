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
import { Numeric } from "../../types/numeric.ts";
import {
  add,
  divide,
  roundTo,
  subtract,
} from "../../types/numeric_arithmetic.ts";
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
  #sum: Numeric = Numeric.fromInteger(0);
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
    const number = value as Numeric;
    this.#count++;
    this.#note(number, 1);
    if (number.kind === "finite") this.#sum = add(this.#sum, number);
  }

  remove([value]: readonly Nullable[]): void {
    const number = value as Numeric;
    this.#count--;
    this.#note(number, -1);
    if (number.kind === "finite") this.#sum = subtract(this.#sum, number);
  }

  #note({ kind, scale }: Numeric, change: number): void {
    if (kind === "finite") {
      this.#scales.set(scale, (this.#scales.get(scale) ?? 0) + change);
    } else {
      this.#special.set(kind, (this.#special.get(kind) ?? 0) + change);
    }
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
    return roundTo(this.#sum, scale);
  }
}

const SPECIAL = {
  nan: Numeric.NAN,
  infinity: Numeric.INFINITY,
  "-infinity": Numeric.NEGATIVE_INFINITY,
} as const;
