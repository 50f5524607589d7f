/**
 * The transactions that have written something and have not ended: what a
 * transaction has written is locked, without a lock being kept for each key.
 *
 * Who wants to write a key asks whether the write set of another transaction
 * has it. A writer that is alone costs nothing; while there are several, each
 * puts the hashes of the keys it writes into one index, so that the question is
 * one look-up however many they are. A writer of very many keys leaves the
 * index and is asked itself.
 *
 * Invariant: every key that a writer has written either is in the index, or its
 * writer is among those that are asked themselves.
 *
 * @module
 */

/** A transaction that writes, as others see it. */
export interface Writer {
  /** Whether it has written `key`, and not taken that back. */
  hasWritten(key: Uint8Array): boolean;
  /** Whether its commit depends on a key, which others may not take away. */
  dependsOn(key: string): boolean;
}

/** Keys of one writer in the index. */
const INDEXED_MAX = 4096;

/** The transactions that have written something. */
export class ActiveWriters<W extends Writer> {
  /** Each with the hashes it has in the index; `undefined`: asked itself. */
  readonly #writers = new Map<W, number[] | undefined>();
  readonly #unindexed = new Set<W>();
  readonly #byHash = new Map<number, W | Set<W>>();

  /** How many they are. */
  get count(): number {
    return this.#writers.size;
  }

  /** All of them. */
  all(): Iterable<W> {
    return this.#writers.keys();
  }

  /** Whether anybody but `self` is among them. */
  hasOthers(self: W): boolean {
    const { size } = this.#writers;
    return size > 1 || (size === 1 && !this.#writers.has(self));
  }

  /** `writer` is about to write for the first time. */
  add(writer: W): void {
    if (this.#writers.has(writer)) return;
    if (this.#writers.size === 0) {
      this.#writers.set(writer, undefined);
      this.#unindexed.add(writer);
    } else {
      this.#writers.set(writer, []);
    }
  }

  /** `writer`, which was added, is about to write `key`. */
  note(writer: W, key: Uint8Array): void {
    const hashes = this.#writers.get(writer);
    if (hashes === undefined) return;
    if (hashes.length === INDEXED_MAX) {
      this.#unindex(writer, hashes);
      this.#writers.set(writer, undefined);
      this.#unindexed.add(writer);
      return;
    }
    const hash = hashOf(key);
    hashes.push(hash);
    const there = this.#byHash.get(hash);
    if (there === undefined) this.#byHash.set(hash, writer);
    else if (there instanceof Set) there.add(writer);
    else if (there !== writer) {
      this.#byHash.set(hash, new Set([there, writer]));
    }
  }

  /** `writer` has ended. */
  remove(writer: W): void {
    const hashes = this.#writers.get(writer);
    if (hashes !== undefined) this.#unindex(writer, hashes);
    this.#writers.delete(writer);
    this.#unindexed.delete(writer);
  }

  /** Another than `self` that has written `key`. */
  writerOf(key: Uint8Array, self: W): W | undefined {
    for (const writer of this.#unindexed) {
      if (writer !== self && writer.hasWritten(key)) return writer;
    }
    if (this.#byHash.size === 0) return undefined;
    const there = this.#byHash.get(hashOf(key));
    if (there === undefined) return undefined;
    for (const writer of there instanceof Set ? there : [there]) {
      if (writer !== self && writer.hasWritten(key)) return writer;
    }
    return undefined;
  }

  /** Another than `self` whose commit depends on `key`. */
  dependantOf(key: string, self: W): W | undefined {
    for (const writer of this.#writers.keys()) {
      if (writer !== self && writer.dependsOn(key)) return writer;
    }
    return undefined;
  }

  #unindex(writer: W, hashes: readonly number[]): void {
    for (const hash of hashes) {
      const there = this.#byHash.get(hash);
      if (there === writer) this.#byHash.delete(hash);
      else if (there instanceof Set) {
        there.delete(writer);
        if (there.size === 0) this.#byHash.delete(hash);
      }
    }
  }
}

/** FNV-1a. */
function hashOf(key: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) {
    hash = Math.imul(hash ^ key[i]!, 0x01000193);
  }
  return hash;
}
