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
 * | array | per slot |
 * | --- | --- |
 * | `#nodes` | the node, 0 if the slot is free |
 * | `#hashes` | its key's hash |
 *
 * @module
 */
import { cutIntegers, cutWords } from "../../base/slab.ts";

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
  #nodes = cutWords(16);
  #hashes = cutIntegers(16);
  #used = 0;

  /** An empty table over the nodes of `list`. */
  constructor(list: KeyedNodes) {
    this.#list = list;
  }

  /** Bytes of memory it takes. */
  get memoryBytes(): number {
    return this.#nodes.length * 8;
  }

  /** The node of a key, 0 if it has none. */
  find(bytes: Uint8Array, start: number, end: number): number {
    return this
      .#nodes[this.#slot(bytes, start, end, hashBytes(bytes, start, end))]!;
  }

  /** Sets the node of a key; returns the one it had, 0 if none. */
  set(bytes: Uint8Array, start: number, end: number, node: number): number {
    const hash = hashBytes(bytes, start, end);
    const slot = this.#slot(bytes, start, end, hash);
    const before = this.#nodes[slot]!;
    this.#nodes[slot] = node;
    this.#hashes[slot] = hash;
    if (before === 0 && ++this.#used * 2 > this.#nodes.length) this.#grow();
    return before;
  }

  /** Takes a key out. REQUIRES: it has a node. */
  remove(bytes: Uint8Array, start: number, end: number): void {
    const mask = this.#nodes.length - 1;
    let free = this.#slot(bytes, start, end, hashBytes(bytes, start, end));
    this.#nodes[free] = 0;
    this.#used--;
    // What was pushed past the free slot moves back into it.
    for (let slot = (free + 1) & mask; this.#nodes[slot] !== 0;) {
      const home = this.#hashes[slot]! & mask;
      if (((slot - home) & mask) >= ((slot - free) & mask)) {
        this.#nodes[free] = this.#nodes[slot]!;
        this.#hashes[free] = this.#hashes[slot]!;
        this.#nodes[slot] = 0;
        free = slot;
      }
      slot = (slot + 1) & mask;
    }
  }

  /** The slot of a key, or the free one where it belongs. */
  #slot(bytes: Uint8Array, start: number, end: number, hash: number): number {
    const nodes = this.#nodes;
    const hashes = this.#hashes;
    const mask = nodes.length - 1;
    let slot = hash & mask;
    for (;;) {
      const node = nodes[slot]!;
      if (node === 0) return slot;
      if (
        hashes[slot] === hash && this.#list.isKey(node, bytes, start, end)
      ) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #grow(): void {
    const nodes = this.#nodes;
    const hashes = this.#hashes;
    const capacity = nodes.length * (nodes.length < 64 ? 4 : 2);
    const mask = capacity - 1;
    this.#nodes = new Uint32Array(capacity);
    this.#hashes = new Int32Array(capacity);
    for (let from = 0; from < nodes.length; from++) {
      if (nodes[from] === 0) continue;
      let slot = hashes[from]! & mask;
      while (this.#nodes[slot] !== 0) slot = (slot + 1) & mask;
      this.#nodes[slot] = nodes[from]!;
      this.#hashes[slot] = hashes[from]!;
    }
  }
}
