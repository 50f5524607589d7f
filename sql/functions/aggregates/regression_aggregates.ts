/**
 * Aggregates of two numbers a row: `corr`, `covar_pop`, `covar_samp` and
 * `regr_*`; the first argument is the dependent one, y.
 *
 * Sums of squares go through the Youngs-Cramer update, in the order of the rows,
 * as PostgreSQL does.
 *
 * @module
 */
import type { Nullable } from "../../types/data_type.ts";
import { float8 } from "../../types/float_types.ts";
import { int8 } from "../../types/int_types.ts";
import { floatOverflow } from "../../types/number_casts.ts";
import type { AggregateDefinition, AggregateState } from "../registry.ts";

/** What is known of the rows so far. */
interface Sums {
  readonly count: number;
  readonly x: number;
  readonly y: number;
  /** Of squared differences from the mean. */
  readonly xx: number;
  readonly yy: number;
  readonly xy: number;
}

type Result = (sums: Sums) => Nullable;

class RegressionState implements AggregateState {
  readonly #result: Result;
  #count = 0;
  #x = 0;
  #y = 0;
  #xx = 0;
  #yy = 0;
  #xy = 0;

  constructor(result: Result) {
    this.#result = result;
  }

  step(args: readonly Nullable[]): void {
    const [y, x] = args as [number, number];
    const count = ++this.#count;
    const sumX = this.#x + x;
    const sumY = this.#y + y;
    if (count === 1) {
      if (!Number.isFinite(x)) this.#xx = this.#xy = NaN;
      if (!Number.isFinite(y)) this.#yy = this.#xy = NaN;
    } else {
      const differenceX = x * count - sumX;
      const differenceY = y * count - sumY;
      const scale = 1 / (count * (count - 1));
      this.#xx += differenceX * differenceX * scale;
      this.#yy += differenceY * differenceY * scale;
      this.#xy += differenceX * differenceY * scale;
      this.#checkFinite(x, y, sumX, sumY);
    }
    this.#x = sumX;
    this.#y = sumY;
  }

  /** Infinite inputs make NaN; sums of finite ones must not overflow. */
  #checkFinite(x: number, y: number, sumX: number, sumY: number): void {
    const isWideX = Math.abs(sumX) === Infinity ||
      Math.abs(this.#xx) === Infinity;
    const isWideY = Math.abs(sumY) === Infinity ||
      Math.abs(this.#yy) === Infinity;
    if (!isWideX && !isWideY && Math.abs(this.#xy) !== Infinity) return;
    const finiteX = Number.isFinite(this.#x) && Number.isFinite(x);
    const finiteY = Number.isFinite(this.#y) && Number.isFinite(y);
    if (
      (isWideX && finiteX) || (isWideY && finiteY) ||
      (Math.abs(this.#xy) === Infinity && finiteX && finiteY)
    ) throw floatOverflow();
    if (Math.abs(this.#xx) === Infinity) this.#xx = NaN;
    if (Math.abs(this.#yy) === Infinity) this.#yy = NaN;
    if (Math.abs(this.#xy) === Infinity) this.#xy = NaN;
  }

  finish(): Nullable {
    return this.#result({
      count: this.#count,
      x: this.#x,
      y: this.#y,
      xx: this.#xx,
      yy: this.#yy,
      xy: this.#xy,
    });
  }
}

/** Counts pairs, whose sums may overflow. */
class PairCount implements AggregateState {
  #count = 0;

  step(): void {
    this.#count++;
  }

  finish(): Nullable {
    return this.#count;
  }
}

/** An aggregate that is NULL for fewer than `countMin` rows. */
function regression(
  name: string,
  result: Result,
  countMin = 1,
): AggregateDefinition {
  return {
    name,
    argumentTypes: [float8, float8],
    returnType: float8,
    strict: true,
    create: () =>
      new RegressionState((sums) =>
        sums.count < countMin ? null : result(sums)
      ),
  };
}

/** Aggregates of pairs. */
export const regressionAggregates: readonly AggregateDefinition[] = [
  {
    name: "regr_count",
    argumentTypes: [float8, float8],
    returnType: int8,
    strict: true,
    create: () => new PairCount(),
  },
  regression("regr_sxx", ({ xx }) => xx),
  regression("regr_syy", ({ yy }) => yy),
  regression("regr_sxy", ({ xy }) => xy),
  regression("regr_avgx", ({ x, count }) => x / count),
  regression("regr_avgy", ({ y, count }) => y / count),
  regression(
    "regr_r2",
    ({ xx, yy, xy }) => xx === 0 ? null : yy === 0 ? 1 : xy * xy / (xx * yy),
  ),
  regression("regr_slope", ({ xx, xy }) => xx === 0 ? null : xy / xx),
  regression(
    "regr_intercept",
    ({ x, y, xx, xy, count }) => xx === 0 ? null : (y - x * xy / xx) / count,
  ),
  regression("covar_pop", ({ xy, count }) => xy / count),
  regression("covar_samp", ({ xy, count }) => xy / (count - 1), 2),
  regression(
    "corr",
    ({ xx, yy, xy }) => xx === 0 || yy === 0 ? null : xy / Math.sqrt(xx * yy),
  ),
];
