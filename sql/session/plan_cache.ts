/**
 * Prepared statements by text: what was parsed, bound and planned once is used
 * again, as long as the catalog stays what it was.
 *
 * Texts are kept within a budget of characters; the least recently made goes
 * first. A long text is kept only if it has parameters: one with its values in
 * it hardly comes again.
 *
 * @module
 */

/** Characters from which a text without parameters is not kept. */
const LONG_TEXT = 16_384;

/** What a cached plan must tell. */
export interface CachedPlan {
  /** The catalog it was made under. */
  readonly catalogVersion: number;
  /** Whether it has parameters. */
  readonly hasParameters: boolean;
}

/** A cache of prepared statements. */
export class PlanCache<P extends CachedPlan> {
  readonly #plans = new Map<string, P>();
  readonly #countMax: number;
  readonly #lengthMax: number;
  #length = 0;

  /**
   * A cache of at most `countMax` plans (default 512), whose texts have at most
   * `lengthMax` characters together (default 4 Mi).
   */
  constructor(countMax = 512, lengthMax: number = 4 * 1024 * 1024) {
    this.#countMax = countMax;
    this.#lengthMax = lengthMax;
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

  /** The plan of `text`, under whatever catalog it was made. */
  peek(text: string): P | undefined {
    return this.#plans.get(text);
  }

  /** Keeps a plan. */
  set(text: string, plan: P): void {
    if (text.length > LONG_TEXT && !plan.hasParameters) return;
    if (text.length > this.#lengthMax / 4) return;
    this.#drop(text);
    this.#plans.set(text, plan);
    this.#length += text.length;
    for (const oldest of this.#plans.keys()) {
      if (
        this.#plans.size <= this.#countMax && this.#length <= this.#lengthMax
      ) break;
      this.#drop(oldest);
    }
  }

  /** Forgets all plans: what they were made of has changed. */
  clear(): void {
    this.#plans.clear();
    this.#length = 0;
  }

  #drop(text: string): void {
    if (this.#plans.delete(text)) this.#length -= text.length;
  }
}
