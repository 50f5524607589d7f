/**
 * From a key to its newest node: a hash table beside the tree.
 *
 * Most look-ups want one key, and most of them its newest version or the
 * knowledge that there is none; the table answers both in one or two probes,
 * where the tree takes a search per level.
 *
 * Open addressing with linear probing (Knuth, volume 3, §6.4, Algorithm L), a
 * power of two of slots, at most half of them used.
 *
 * A slot is two numbers side by side, as a look-up wants both: the node, 0 if
 * the slot is free, and its key's hash.
 *
 * @module
 */
import { cutIntegers } from "../../base/slab.ts";

/** What the table asks of the list. */
export interface KeyedNodes {
  /** Whether the user key of `node` is `bytes[start, end)`. */
  isKey(
    node: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): boolean;
}

/** A hash of `bytes[start, end)`: FNV-1a over words, mixed at the end. */
export function hashBytes(
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  let hash = 0x811c9dc5;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    hash ^= bytes[at]! | bytes[at + 1]! << 8 | bytes[at + 2]! << 16 |
      bytes[at + 3]! << 24;
    hash = Math.imul(hash, 0x01000193);
    hash ^= hash >>> 15;
  }
  for (; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  return hash;
}

/** The table. */
export class KeyTable {
  readonly #list: KeyedNodes;
  #slots = cutIntegers(32);
  #used = 0;

  /** An empty table over the nodes of `list`. */
  constructor(list: KeyedNodes) {
    this.#list = list;
  }

  /** Bytes of memory it takes. */
  get memoryBytes(): number {
    return this.#slots.byteLength;
  }

  /** The node of a key, 0 if it has none. */
  find(bytes: Uint8Array, start: number, end: number): number {
    const hash = hashBytes(bytes, start, end);
    return this.#slots[this.#slot(bytes, start, end, hash)]!;
  }

  /** Sets the node of a key; returns the one it had, 0 if none. */
  set(bytes: Uint8Array, start: number, end: number, node: number): number {
    const hash = hashBytes(bytes, start, end);
    const slot = this.#slot(bytes, start, end, hash);
    const slots = this.#slots;
    const before = slots[slot]!;
    slots[slot] = node;
    slots[slot + 1] = hash;
    if (before === 0 && ++this.#used * 4 > slots.length) this.#grow();
    return before;
  }

  /** Takes a key out. REQUIRES: it has a node. */
  remove(bytes: Uint8Array, start: number, end: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let free = this.#slot(bytes, start, end, hashBytes(bytes, start, end));
    slots[free] = 0;
    this.#used--;
    // What was pushed past the free slot moves back into it.
    for (let slot = (free + 2) & mask; slots[slot] !== 0;) {
      const home = slots[slot + 1]! << 1 & mask;
      if (((slot - home) & mask) >= ((slot - free) & mask)) {
        slots[free] = slots[slot]!;
        slots[free + 1] = slots[slot + 1]!;
        slots[slot] = 0;
        free = slot;
      }
      slot = (slot + 2) & mask;
    }
  }

  /** Where the slot of a key is, or the free one where it belongs. */
  #slot(bytes: Uint8Array, start: number, end: number, hash: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = hash << 1 & mask;
    for (;;) {
      const node = slots[slot]!;
      if (node === 0) return slot;
      if (
        slots[slot + 1] === hash && this.#list.isKey(node, bytes, start, end)
      ) return slot;
      slot = (slot + 2) & mask;
    }
  }

  #grow(): void {
    const before = this.#slots;
    const length = before.length * (before.length < 128 ? 4 : 2);
    const slots = this.#slots = new Int32Array(length);
    const mask = length - 1;
    for (let from = 0; from < before.length; from += 2) {
      if (before[from] === 0) continue;
      const hash = before[from + 1]!;
      let slot = hash << 1 & mask;
      while (slots[slot] !== 0) slot = (slot + 2) & mask;
      slots[slot] = before[from]!;
      slots[slot + 1] = hash;
    }
  }
}
