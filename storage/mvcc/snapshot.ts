/**
 * Live snapshots: which sequences must stay answerable.
 *
 * @module
 */

/** A read view: everything committed up to a sequence. */
export interface Snapshot {
  /** The sequence. */
  readonly sequence: number;
  /** Says that the view is not needed any more; may be called twice. */
  release(): void;
}

/** The snapshots that are held. */
export class SnapshotRegistry {
  readonly #held = new Map<number, number>();

  /** How many sequences are held. */
  get count(): number {
    return this.#held.size;
  }

  /** Holds `sequence`. */
  hold(sequence: number): Snapshot {
    const held = this.#held;
    held.set(sequence, (held.get(sequence) ?? 0) + 1);
    return new HeldSnapshot(held, sequence);
  }

  /** The lowest sequence that is held, or `otherwise`. */
  oldest(otherwise: number): number {
    let oldest = otherwise;
    for (const sequence of this.#held.keys()) {
      if (sequence < oldest) oldest = sequence;
    }
    return oldest;
  }
}

class HeldSnapshot implements Snapshot {
  readonly sequence: number;
  #held: Map<number, number> | undefined;

  constructor(held: Map<number, number>, sequence: number) {
    this.#held = held;
    this.sequence = sequence;
  }

  release(): void {
    const held = this.#held;
    if (held === undefined) return;
    this.#held = undefined;
    const count = held.get(this.sequence)!;
    if (count === 1) held.delete(this.sequence);
    else held.set(this.sequence, count - 1);
  }
}
