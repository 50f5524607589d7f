/**
 * What is wrong with an object, and where: findings of checks.
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";

/** Something that is wrong. */
export interface Damage {
  /** The object's path. */
  readonly object: string;
  /** The byte at which it shows; `undefined` where it is none. */
  readonly offset?: number | undefined;
  /** What is wrong. */
  readonly what: string;
}

/** Findings kept; further ones are counted. */
export const FINDINGS_MAX = 1000;

/** Collects findings. */
export class Findings {
  readonly #damages: Damage[] = [];
  #count = 0;

  /** The first {@linkcode FINDINGS_MAX} of them. */
  get damages(): readonly Damage[] {
    return this.#damages;
  }

  /** How many there are. */
  get count(): number {
    return this.#count;
  }

  /** Notes what is wrong with `object`. */
  add(object: string, what: string, offset?: number): void {
    this.#count++;
    if (this.#damages.length === FINDINGS_MAX) return;
    this.#damages.push({
      object,
      what,
      ...(offset !== undefined && { offset }),
    });
  }

  /**
   * Runs `check`; damage that it throws is noted. Gives what it gives,
   * `undefined` after damage.
   *
   * @throws whatever is no damage.
   */
  async during<T>(
    object: string,
    check: () => T | Promise<T>,
  ): Promise<T | undefined> {
    try {
      return await check();
    } catch (error) {
      const damage = damageOf(error, object);
      if (damage === undefined) throw error;
      this.add(damage.object, damage.what, damage.offset);
      return undefined;
    }
  }
}

const MESSAGE = /^Cannot (?:read|replay) "([^"]*)"(?: at byte (\d+))?: (.*)$/s;

/** The damage that an error tells of; `undefined` if it is another error. */
export function damageOf(error: unknown, object: string): Damage | undefined {
  if (!(error instanceof KriyaError) || error.kind !== "corrupt") {
    return undefined;
  }
  const match = MESSAGE.exec(error.message);
  if (match === null) return { object, what: error.message };
  const [, path, offset, what] = match;
  return {
    object: path!,
    what: what!,
    ...(offset !== undefined && { offset: Number(offset) }),
  };
}
