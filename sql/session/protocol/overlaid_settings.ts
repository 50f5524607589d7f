/**
 * The defaults of a session that was opened with settings of its own: theirs,
 * and the database's, which may change, where there are none.
 *
 * @module
 */

/** Settings by name, over those below. */
export class OverlaidSettings extends Map<string, string> {
  readonly #below: ReadonlyMap<string, string>;

  /** No settings of its own, over `below`. */
  constructor(below: ReadonlyMap<string, string>) {
    super();
    this.#below = below;
  }

  override get(name: string): string | undefined {
    return super.get(name) ?? this.#below.get(name);
  }

  override has(name: string): boolean {
    return super.has(name) || this.#below.has(name);
  }

  override keys(): MapIterator<string> {
    return new Set([...super.keys(), ...this.#below.keys()]).keys();
  }
}
