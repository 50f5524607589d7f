/**
 * Byte strings by key in memory that several threads share.
 *
 * A key has one set of {@linkcode WAYS} slots where it can be. Each set has a
 * lock, held while bytes are copied in or out, and a hand: of a set that is full
 * the first slot goes that was not read since the hand passed it (the clock of
 * Corbató, "A Paging Experiment with the Multics System", 1968). Sets as in the
 * caches of processors, so that no thread ever waits for all of the table.
 *
 * Nobody waits long: who does not get a lock after so many tries goes on as if
 * the key were not there. So a thread that is ended while it holds one takes a
 * set out of use, and what it was writing is never read.
 *
 * | words | what |
 * | --- | --- |
 * | 2 a set | lock, hand |
 * | {@linkcode SLOT_WORDS} a slot | key, length + 1 (0: free), whether it was read |
 *
 * The bytes of the slots follow.
 *
 * @module
 */

/** Words of a key. */
export const KEY_WORDS = 9;
/** Slots of a set. */
export const WAYS = 8;

const SET_WORDS = 2;
const LOCK = 0;
const HAND = 1;
const SLOT_WORDS = KEY_WORDS + 2;
const LENGTH = KEY_WORDS;
const READ = KEY_WORDS + 1;
/** Tries to get a lock: several times as long as a copy of 64 KiB takes. */
const TRIES = 4000;

/** How large a table is. */
export interface TableShape {
  /** Sets: a power of two. */
  readonly sets: number;
  /** Bytes that a slot has room for. */
  readonly slotBytes: number;
}

/** What became of a write. */
export type WriteOutcome = "written" | "replaced" | "refused";

/** A table in shared memory: see the module. */
export class SharedTable {
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #sets: number;
  readonly #slotBytes: number;
  readonly #slotsAt: number;

  /** The table at `offset`, a multiple of 8, of memory that is zero at first. */
  constructor(
    memory: SharedArrayBuffer,
    offset: number,
    { sets, slotBytes }: TableShape,
  ) {
    const words = sets * (SET_WORDS + WAYS * SLOT_WORDS);
    this.#words = new Int32Array(memory, offset, words);
    this.#bytes = new Uint8Array(
      memory,
      offset + words * 4,
      sets * WAYS * slotBytes,
    );
    this.#sets = sets;
    this.#slotBytes = slotBytes;
    this.#slotsAt = sets * SET_WORDS;
  }

  /** Bytes of memory that a table takes. */
  static bytesOf({ sets, slotBytes }: TableShape): number {
    const words = sets * (SET_WORDS + WAYS * SLOT_WORDS);
    return words * 4 + sets * WAYS * slotBytes;
  }

  /** Bytes [start, end) of what is under `key`: a copy, as far as it goes. */
  read(
    key: Int32Array,
    start = 0,
    end: number = this.#slotBytes,
  ): Uint8Array | undefined {
    const set = this.#setOf(key);
    if (!this.#lock(set)) return undefined;
    try {
      const slot = this.#find(set, key);
      if (slot < 0) return undefined;
      const words = this.#words;
      const at = this.#at(slot);
      words[at + READ] = 1;
      const length = words[at + LENGTH]! - 1;
      const from = slot * this.#slotBytes;
      return this.#bytes.slice(
        from + Math.min(start, length),
        from + Math.min(end, length),
      );
    } finally {
      this.#unlock(set);
    }
  }

  /** Puts a copy of `bytes` under `key`, whatever is there. */
  write(key: Int32Array, bytes: Uint8Array): WriteOutcome {
    if (bytes.length > this.#slotBytes) return "refused";
    const set = this.#setOf(key);
    if (!this.#lock(set)) return "refused";
    try {
      const there = this.#find(set, key);
      const slot = there < 0 ? this.#slotFor(set) : there;
      const words = this.#words;
      const at = this.#at(slot);
      const wasFree = words[at + LENGTH] === 0 || there >= 0;
      words[at + LENGTH] = 0;
      this.#bytes.set(bytes, slot * this.#slotBytes);
      words.set(key, at);
      words[at + READ] = 0;
      words[at + LENGTH] = bytes.length + 1;
      return wasFree ? "written" : "replaced";
    } finally {
      this.#unlock(set);
    }
  }

  /** Takes out what is under `key`. */
  remove(key: Int32Array): void {
    const set = this.#setOf(key);
    if (!this.#lock(set)) return;
    const slot = this.#find(set, key);
    if (slot >= 0) this.#words[this.#at(slot) + LENGTH] = 0;
    this.#unlock(set);
  }

  /** How many keys there are, and the bytes under them, about. */
  count(): { readonly keys: number; readonly bytes: number } {
    let keys = 0;
    let bytes = 0;
    for (let slot = 0; slot < this.#sets * WAYS; slot++) {
      const length = Atomics.load(this.#words, this.#at(slot) + LENGTH);
      if (length === 0) continue;
      keys++;
      bytes += length - 1;
    }
    return { keys, bytes };
  }

  /** Takes a set out of use, as a thread does that ends in it; for tests. */
  breakSetOf(key: Int32Array): void {
    this.#lock(this.#setOf(key));
  }

  /** Keys are digests: any word says where. */
  #setOf(key: Int32Array): number {
    return (key[0]! ^ key[KEY_WORDS - 1]!) & (this.#sets - 1);
  }

  #at(slot: number): number {
    return this.#slotsAt + slot * SLOT_WORDS;
  }

  #find(set: number, key: Int32Array): number {
    const words = this.#words;
    for (let way = 0; way < WAYS; way++) {
      const slot = set * WAYS + way;
      const at = this.#at(slot);
      if (words[at + LENGTH] === 0) continue;
      let i = 0;
      while (i < KEY_WORDS && words[at + i] === key[i]) i++;
      if (i === KEY_WORDS) return slot;
    }
    return -1;
  }

  /** A slot that is free, or the first that was not read lately. */
  #slotFor(set: number): number {
    const words = this.#words;
    for (let way = 0; way < WAYS; way++) {
      const slot = set * WAYS + way;
      if (words[this.#at(slot) + LENGTH] === 0) return slot;
    }
    const handAt = set * SET_WORDS + HAND;
    for (;;) {
      const slot = set * WAYS + words[handAt]!;
      words[handAt] = (words[handAt]! + 1) % WAYS;
      const at = this.#at(slot);
      if (words[at + READ] === 0) return slot;
      words[at + READ] = 0;
    }
  }

  #lock(set: number): boolean {
    const at = set * SET_WORDS + LOCK;
    for (let i = 0; i < TRIES; i++) {
      if (Atomics.compareExchange(this.#words, at, 0, 1) === 0) return true;
    }
    return false;
  }

  #unlock(set: number): void {
    Atomics.store(this.#words, set * SET_WORDS + LOCK, 0);
  }
}
