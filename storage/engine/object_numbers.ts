/**
 * The numbers that a writer gives to its objects, and which of them are settled.
 *
 * A number is unsettled from when it is given out until a manifest names its
 * object, or it is abandoned; after either, no edit may name it anew. The
 * lowest unsettled number goes into every manifest: of the objects below it,
 * those that no manifest names are garbage for good (rule 19 of
 * `docs/decisions/001-protocol-model.md`). "Below the next number" would not
 * do: of two uploads under way, the one that ends first would let the other's
 * object be collected.
 *
 * A number that is forgotten, neither named nor abandoned, keeps objects above
 * it from being collected in this epoch, and nothing worse.
 *
 * @module
 */
import type { Manifest } from "../manifest/manifest.ts";
import {
  parseObjectPath,
  type TableObjectId,
} from "../object_store/object_path.ts";

/** The object numbers of one writer. */
export class ObjectNumbers {
  readonly #epoch: number;
  /** Those that are unsettled, ascending. */
  readonly #unsettled = new Set<number>();
  #next = 1;

  /** The numbers of the writer of `epoch`. */
  constructor(epoch: number) {
    this.#epoch = epoch;
  }

  /** A new name; its number is unsettled. */
  take(): TableObjectId {
    const number = this.#next++;
    this.#unsettled.add(number);
    return { epoch: this.#epoch, job: 0, number };
  }

  /** Says that no manifest will ever name the object at `path`. */
  abandon(path: string): void {
    const number = this.#numberOf(path);
    if (number !== undefined) this.#unsettled.delete(number);
  }

  /** Takes note of a manifest of this epoch that is in the chain. */
  note(manifest: Manifest): void {
    if (this.#unsettled.size === 0) return;
    for (const path of pathsOf(manifest)) this.abandon(path);
  }

  /** The mark to write into `next`, which may name unsettled objects. */
  settledIn(next: Pick<Manifest, "levels" | "segments">): number {
    if (this.#unsettled.size === 0) return this.#next;
    const named = new Set<number>();
    for (const path of pathsOf(next)) {
      const number = this.#numberOf(path);
      if (number !== undefined) named.add(number);
    }
    for (const number of this.#unsettled) {
      if (!named.has(number)) return number;
    }
    return this.#next;
  }

  /** The number in the path of an object of this writer. */
  #numberOf(path: string): number | undefined {
    const name = parseObjectPath(path);
    const own = (name?.kind === "sst" || name?.kind === "vec") &&
      name.epoch === this.#epoch && name.job === 0;
    return own ? name.number : undefined;
  }
}

/** The path of every table and segment. */
function* pathsOf(
  manifest: Pick<Manifest, "levels" | "segments">,
): Generator<string> {
  for (const tables of manifest.levels) {
    for (const { path } of tables) yield path;
  }
  for (const { path } of manifest.segments) yield path;
}
