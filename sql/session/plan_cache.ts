/**
 * Prepared statements by text: what was parsed, bound and planned once is used
 * again, as long as the catalog stays what it was.
 *
 * The least recently made text goes first.
 *
 * @module
 */

/** What a cached plan must tell. */
export interface CachedPlan {
  /** The catalog it was made under. */
  readonly catalogVersion: number;
}

/** A cache of prepared statements. */
export class PlanCache<P extends CachedPlan> {
  readonly #plans = new Map<string, P>();
  readonly #countMax: number;
  readonly #textLengthMax: number;

  /** A cache of at most `countMax` plans of texts up to `textLengthMax`. */
  constructor(countMax = 512, textLengthMax = 16_384) {
    this.#countMax = countMax;
    this.#textLengthMax = textLengthMax;
  }

  /** How many plans there are. */
  get count(): number {
    return this.#plans.size;
  }

  /** The plan of `text` under a catalog version. */
  get(text: string, catalogVersion: number): P | undefined {
    const plan = this.#plans.get(text);
    return plan?.catalogVersion === catalogVersion ? plan : undefined;
  }

  /** Keeps a plan. */
  set(text: string, plan: P): void {
    if (text.length > this.#textLengthMax) return;
    this.#plans.delete(text);
    this.#plans.set(text, plan);
    if (this.#plans.size > this.#countMax) {
      const [oldest] = this.#plans.keys();
      this.#plans.delete(oldest!);
    }
  }
}
