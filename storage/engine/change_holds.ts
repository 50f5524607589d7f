/**
 * Who still wants to read changes: indexes that follow the log and have not put
 * all of it into objects of their own.
 *
 * Such an index reads the entries under its prefix that are newer than what it
 * covers, deletions among them. Compaction leaves them as they are.
 *
 * @module
 */
import type { HeldChanges } from "../manifest/manifest.ts";

/** Changes under a prefix that stay readable. */
export interface ChangesHold {
  /** Everything up to `sequence` is not wanted any more. */
  advance(sequence: number): void;
  /** Nothing is wanted any more; may be called twice. */
  release(): void;
}

/** The holds of one store. */
export class ChangeHolds {
  readonly #held = new Set<{ readonly prefix: number; from: number }>();

  /** Holds the changes after `from` of keys that begin with `prefix`. */
  hold(prefix: number, from: number): ChangesHold {
    const held = { prefix, from };
    this.#held.add(held);
    return {
      advance: (sequence) => held.from = Math.max(held.from, sequence),
      release: () => this.#held.delete(held),
    };
  }

  /** The lowest sequence held of each prefix, in the order of prefixes. */
  list(): readonly HeldChanges[] {
    return [...this.lower(new Map())]
      .map(([prefix, from]) => ({ prefix, from }))
      .sort((a, b) => a.prefix - b.prefix);
  }

  /** The lowest sequence held of each prefix that is in `floors` or held. */
  lower(floors: ReadonlyMap<number, number>): Map<number, number> {
    const lowest = new Map(floors);
    for (const { prefix, from } of this.#held) {
      lowest.set(prefix, Math.min(from, lowest.get(prefix) ?? from));
    }
    return lowest;
  }
}
