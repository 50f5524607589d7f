/**
 * What a session drew from sequences: `currval`, `lastval`, and what it may not
 * be told of before the log is past it.
 *
 * @module
 */
import type { SequenceEntry } from "../catalog/sequence_entry.ts";
import type { Sequences } from "../catalog/sequences.ts";

/** What a session drew. */
export class DrawnNumbers {
  readonly #values = new Map<number, bigint>();
  #last: number | undefined;
  #owed = new Map<number, SequenceEntry>();

  /** Notes that a number was drawn, or set as if it was. */
  note(sequence: SequenceEntry, value: bigint): void {
    this.#values.set(sequence.id, value);
    this.#last = sequence.id;
    this.owe(sequence);
  }

  /** Notes that a sequence was moved. */
  owe(sequence: SequenceEntry): void {
    this.#owed.set(sequence.storageId, sequence);
  }

  /** The last number from a sequence. */
  value(id: number): bigint | undefined {
    return this.#values.get(id);
  }

  /** The sequence that a number was drawn from last. */
  get lastId(): number | undefined {
    return this.#last;
  }

  /** Forgets what was drawn; what is owed stays owed. */
  forget(): void {
    this.#values.clear();
    this.#last = undefined;
  }

  /** Whether there is something to settle. */
  get owes(): boolean {
    return this.#owed.size > 0;
  }

  /**
   * Waits until the log is past everything drawn.
   *
   * @throws {KriyaError} what keeps it from being logged.
   */
  async settle(sequences: Sequences): Promise<void> {
    const owed = this.#owed;
    this.#owed = new Map();
    for (const sequence of owed.values()) await sequences.settled(sequence);
  }
}
