/**
 * An ordered list of entries in typed arrays (Pugh, "Skip Lists: A
 * Probabilistic Alternative to Balanced Trees", 1990).
 *
 * Keys and values lie in one growing arena; a node is a row of numbers. So a
 * million entries are a dozen arrays to the garbage collector, and an insert
 * allocates nothing.
 *
 * Invariants:
 * 1. Nodes are in the order of `internal_key.ts` on every level.
 * 2. A node on level n is on every level below it.
 * 3. Bytes of the arena are never changed once written; a grown arena is a
 *    copy, and readers that hold the old one keep reading the same bytes.
 * 4. Nodes are numbered in the order of insertion, so that `removeLast` undoes
 *    inserts in reverse order.
 *
 * Rejected: a balanced tree of objects (a node each for the collector), and a
 * sorted array (inserts in the middle move megabytes).
 *
 * @module
 */
import { copyBytes } from "../../base/bytes.ts";
import { invariant } from "../../base/invariant.ts";
import { KeyTable } from "./key_table.ts";
import type { EntryKind } from "../mvcc/internal_key.ts";

const LEVELS_MAX = 16;
/** Node 0 is the head: on every level, before every key. */
const HEAD = 0;
/** A link that ends a level. */
const NIL = 0;

/**
 * A node is half a cache line: where key and value start and end, where its
 * links begin, its kind, its sequence as a double.
 */
const NODE_WORDS = 8;
const KEY_START = 0;
const KEY_END = 1;
const VALUE_START = 2;
const VALUE_END = 3;
const TOWER = 4;
const KIND = 5;
const NODE_DOUBLES = 4;
const SEQUENCE = 3;

/** The list. */
export class SkipList {
  #arena = new Uint8Array(4096);
  #view = new DataView(this.#arena.buffer);
  #arenaLength = 0;
  /** Where a key that is looked for lies while it is. */
  #sought = new Uint8Array(64);
  #soughtView = new DataView(this.#sought.buffer);

  #capacity = 64;
  #count = 1;
  /** The nodes, `NODE_WORDS` numbers each, and the same as doubles. */
  #nodes = new Uint32Array(this.#capacity * NODE_WORDS);
  #doubles = new Float64Array(this.#nodes.buffer);

  #links = new Uint32Array(256);
  #linksLength = LEVELS_MAX;
  #height = 1;
  #randomState = 0x2545_f491;

  /** The predecessors of the last insert: where the next one begins. */
  readonly #splice = new Uint32Array(LEVELS_MAX);
  /** The newest node of every key. */
  readonly #newestOf = new KeyTable(this);

  /** How many entries there are. */
  get count(): number {
    return this.#count - 1;
  }

  /** Bytes of keys and values. */
  get contentBytes(): number {
    return this.#arenaLength;
  }

  /** Bytes of memory the list holds. */
  get memoryBytes(): number {
    return this.#arena.length + this.#capacity * 32 + this.#links.length * 4 +
      this.#newestOf.memoryBytes;
  }

  /** The bytes that nodes point into; replaced when it grows. */
  get arena(): Uint8Array {
    return this.#arena;
  }

  /** Copies `bytes` into the arena; returns where they begin. */
  append(bytes: Uint8Array): number {
    const start = this.#arenaLength;
    const end = start + bytes.length;
    if (end > this.#arena.length) {
      invariant(end <= 0x7fff_ffff, "arena over 2 GiB");
      const arena = new Uint8Array(Math.max(end, this.#arena.length * 2));
      arena.set(this.#arena.subarray(0, start));
      this.#arena = arena;
      this.#view = new DataView(arena.buffer);
    }
    copyBytes(bytes, 0, bytes.length, this.#arena, start);
    this.#arenaLength = end;
    return start;
  }

  /**
   * Adds an entry whose key and value are in the arena already.
   *
   * REQUIRES: no entry with this key and sequence.
   */
  insert(
    keyStart: number,
    keyEnd: number,
    valueStart: number,
    valueEnd: number,
    sequence: number,
    kind: EntryKind,
  ): void {
    const node = this.#allocate();
    const nodes = this.#nodes;
    const at = node * NODE_WORDS;
    nodes[at + KEY_START] = keyStart;
    nodes[at + KEY_END] = keyEnd;
    nodes[at + VALUE_START] = valueStart;
    nodes[at + VALUE_END] = valueEnd;
    nodes[at + KIND] = kind;
    this.#doubles[node * NODE_DOUBLES + SEQUENCE] = sequence;

    const height = this.#randomHeight();
    if (height > this.#height) this.#height = height;
    this.#note(keyStart, keyEnd, node, sequence);
    this.#findSplice(keyStart, keyEnd, sequence);
    const tower = nodes[at + TOWER] = this.#allocateLinks(height);
    const links = this.#links;
    const splice = this.#splice;
    for (let level = 0; level < height; level++) {
      const before = nodes[splice[level]! * NODE_WORDS + TOWER]! + level;
      links[tower + level] = links[before]!;
      links[before] = node;
      splice[level] = node;
    }
  }

  /**
   * The first node at or after (key, sequence), or 0. `key` may be any bytes.
   */
  seek(key: Uint8Array, sequence: number): number {
    return this.next(this.#before(key, sequence));
  }

  /** The last node whose user key is before `key`, or 0. */
  seekBefore(key: Uint8Array): number {
    return this.#before(key, Infinity);
  }

  /** The last node, or 0. */
  last(): number {
    let node = HEAD;
    for (let level = this.#height - 1; level >= 0; level--) {
      for (
        let next = this.#nextOn(level, node);
        next !== NIL;
        next = this.#nextOn(level, node)
      ) node = next;
    }
    return node;
  }

  /** The first node, or 0. */
  first(): number {
    return this.#links[HEAD]!;
  }

  /** The node after `node`, or 0. */
  next(node: number): number {
    return this.#nextOn(0, node);
  }

  /** Where the key of `node` starts in the arena. */
  keyStart(node: number): number {
    return this.#nodes[node * NODE_WORDS + KEY_START]!;
  }

  /** Where the key of `node` ends. */
  keyEnd(node: number): number {
    return this.#nodes[node * NODE_WORDS + KEY_END]!;
  }

  /** Where the value of `node` starts. */
  valueStart(node: number): number {
    return this.#nodes[node * NODE_WORDS + VALUE_START]!;
  }

  /** Where the value of `node` ends. */
  valueEnd(node: number): number {
    return this.#nodes[node * NODE_WORDS + VALUE_END]!;
  }

  /** The sequence number of `node`. */
  sequence(node: number): number {
    return this.#doubles[node * NODE_DOUBLES + SEQUENCE]!;
  }

  /** The kind of `node`. */
  kind(node: number): EntryKind {
    return this.#nodes[node * NODE_WORDS + KIND] as EntryKind;
  }

  /** The node that was inserted last, or 0. */
  get newest(): number {
    return this.#count - 1;
  }

  /** Whether the user key of `node` is `key`. */
  hasKey(node: number, key: Uint8Array): boolean {
    return this.isKey(node, key, 0, key.length);
  }

  /** Whether the user key of `node` is `bytes[start, end)`. */
  isKey(
    node: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): boolean {
    const at = this.keyStart(node) - start;
    if (this.keyEnd(node) - at !== end) return false;
    const arena = this.#arena;
    // Neighbouring keys differ at their ends.
    for (let i = end - 1; i >= start; i--) {
      if (arena[at + i] !== bytes[i]) return false;
    }
    return true;
  }

  /**
   * The newest node at or below `sequence` of `key`, or 0.
   */
  find(key: Uint8Array, sequence: number): number {
    const newest = this.#newestOf.find(key, 0, key.length);
    if (newest === NIL || this.sequence(newest) <= sequence) return newest;
    const node = this.seek(key, sequence);
    return node !== NIL && this.hasKey(node, key) ? node : NIL;
  }

  /** Takes back the last insert; its bytes stay in the arena. */
  removeLast(): void {
    invariant(this.#count > 1, "nothing to remove");
    const node = this.#count - 1;
    const links = this.#links;
    this.#splice.fill(HEAD);
    this.#findSplice(
      this.keyStart(node),
      this.keyEnd(node),
      this.sequence(node),
    );
    const tower = this.#tower(node);
    for (let level = 0; level < this.#height; level++) {
      const before = this.#tower(this.#splice[level]!) + level;
      if (links[before] !== node) break;
      links[before] = links[tower + level]!;
    }
    this.#linksLength = tower;
    this.#count = node;
    this.#forget(node, links[tower]!);
    this.#splice.fill(HEAD);
  }

  /** Checks invariants 1 and 2; for tests. */
  checkOrder(): void {
    for (let level = 0; level < this.#height; level++) {
      let before = HEAD;
      let node = this.#links[level]!;
      for (; node !== NIL; node = this.#nextOn(level, node)) {
        if (before !== HEAD) {
          invariant(
            this.#compare(
              before,
              this.#view,
              this.keyStart(node),
              this.keyEnd(node),
              this.sequence(node),
            ) < 0,
            `nodes out of order on level ${level}`,
          );
        }
        before = node;
      }
    }
  }

  /** Orders `node` against (bytes[start, end) of `view`, sequence). */
  #compare(
    node: number,
    view: DataView,
    start: number,
    end: number,
    sequence: number,
  ): number {
    const arena = this.#view;
    const nodes = this.#nodes;
    let nodeAt = nodes[node * NODE_WORDS + KEY_START]!;
    const nodeLength = nodes[node * NODE_WORDS + KEY_END]! - nodeAt;
    const length = end - start;
    const shared = nodeLength < length ? nodeLength : length;
    // Four bytes at a time: most keys begin alike.
    const words = start + (shared & ~3);
    let at = start;
    for (; at < words; at += 4, nodeAt += 4) {
      const difference = arena.getUint32(nodeAt) - view.getUint32(at);
      if (difference !== 0) return difference;
    }
    for (const last = start + shared; at < last; at++, nodeAt++) {
      const difference = arena.getUint8(nodeAt) - view.getUint8(at);
      if (difference !== 0) return difference;
    }
    if (nodeLength !== length) return nodeLength - length;
    return sequence - this.sequence(node);
  }

  /**
   * Finds the predecessors of a position on every level, beginning at those of
   * the last insert: sorted inserts find theirs at once.
   */
  #findSplice(start: number, end: number, sequence: number): void {
    const view = this.#view;
    const splice = this.#splice;
    const links = this.#links;
    const nodes = this.#nodes;
    const top = this.#height;
    // The lowest level whose predecessor is before the position and whose
    // successor is not: everything above it is right as it is.
    let level = 0;
    for (; level < top; level++) {
      const before = splice[level]!;
      if (
        before !== HEAD &&
        this.#compare(before, view, start, end, sequence) >= 0
      ) continue;
      const after = links[nodes[before * NODE_WORDS + TOWER]! + level]!;
      if (
        after === NIL || this.#compare(after, view, start, end, sequence) >= 0
      ) break;
    }
    let node: number = level < top ? splice[level]! : HEAD;
    for (level = Math.min(level, top - 1); level >= 0; level--) {
      for (;;) {
        const next = links[nodes[node * NODE_WORDS + TOWER]! + level]!;
        if (
          next === NIL || this.#compare(next, view, start, end, sequence) >= 0
        ) break;
        node = next;
      }
      splice[level] = node;
    }
  }

  #tower(node: number): number {
    return this.#nodes[node * NODE_WORDS + TOWER]!;
  }

  #nextOn(level: number, node: number): number {
    return this.#links[this.#tower(node) + level]!;
  }

  /** Notes a new node, unless its key has a newer one. */
  #note(start: number, end: number, node: number, sequence: number): void {
    const before = this.#newestOf.set(this.#arena, start, end, node);
    if (before !== NIL && this.sequence(before) > sequence) {
      this.#newestOf.set(this.#arena, start, end, before);
    }
  }

  /** Forgets a node that was taken out; `after` came after it in the list. */
  #forget(node: number, after: number): void {
    const start = this.keyStart(node);
    const end = this.keyEnd(node);
    if (this.#newestOf.find(this.#arena, start, end) !== node) return;
    if (after !== NIL && this.isKey(after, this.#arena, start, end)) {
      this.#newestOf.set(this.#arena, start, end, after);
    } else {
      this.#newestOf.remove(this.#arena, start, end);
    }
  }

  /** The last node before (key, sequence), or 0. */
  #before(key: Uint8Array, sequence: number): number {
    const { length } = key;
    if (length > this.#sought.length) {
      this.#sought = new Uint8Array(length * 2);
      this.#soughtView = new DataView(this.#sought.buffer);
    }
    const sought = this.#sought;
    for (let i = 0; i < length; i++) sought[i] = key[i]!;
    const view = this.#soughtView;
    const links = this.#links;
    const nodes = this.#nodes;
    let node = HEAD;
    for (let level = this.#height - 1; level >= 0; level--) {
      for (;;) {
        const next = links[nodes[node * NODE_WORDS + TOWER]! + level]!;
        if (
          next === NIL || this.#compare(next, view, 0, length, sequence) >= 0
        ) break;
        node = next;
      }
    }
    return node;
  }

  #allocate(): number {
    const node = this.#count++;
    if (node === this.#capacity) {
      this.#capacity *= 2;
      this.#nodes = grown(this.#nodes);
      this.#doubles = new Float64Array(this.#nodes.buffer);
    }
    return node;
  }

  #allocateLinks(height: number): number {
    const start = this.#linksLength;
    const end = start + height;
    if (end > this.#links.length) {
      this.#links = grown(this.#links);
    }
    this.#linksLength = end;
    return start;
  }

  /** Height n with probability 4^-n: the paper's p = 1/4. Deterministic. */
  #randomHeight(): number {
    let x = this.#randomState;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#randomState = x;
    let height = 1;
    while (height < LEVELS_MAX && (x & 3) === 0) {
      height++;
      x >>>= 2;
    }
    return height;
  }
}

function grown(from: Uint32Array): Uint32Array<ArrayBuffer> {
  const to = new Uint32Array(from.length * 2);
  to.set(from);
  return to;
}
