/**
 * Adaptive replacement (Megiddo and Modha, "ARC: A Self-Tuning, Low Overhead
 * Replacement Cache", FAST 2003), by bytes.
 *
 * | list | nodes |
 * | --- | --- |
 * | T1 | used once since they came in |
 * | T2 | used twice or more |
 * | B1 | ghosts of those that went from T1 |
 * | B2 | ghosts of those that went from T2 |
 *
 * `target` is how many bytes T1 should have. A node that comes back from B1
 * says that T1 is too small, one from B2 that T2 is: the target moves by the
 * node's size, and by more where the other list of ghosts is the longer one.
 *
 * Invariants, c being the budget; the paper's, with bytes for pages:
 * 1. T1 + T2 ≤ c
 * 2. T1 + B1 ≤ c
 * 3. T1 + T2 + B1 + B2 ≤ 2c
 * 4. 0 ≤ target ≤ c
 *
 * Where the paper speaks of a full cache, this speaks of one that the node does
 * not fit into: nodes differ in size, so the lists need not be full to a byte.
 *
 * @module
 */
import { invariant } from "../../base/invariant.ts";
import {
  type CacheNode,
  type CachePolicy,
  type CacheSink,
  NodeList,
  PLACE_NONE,
} from "./cache_policy.ts";

const T1 = 1;
const T2 = 2;
const B1 = 3;
const B2 = 4;

/** The policy. */
export class ArcPolicy implements CachePolicy {
  readonly name = "arc";
  readonly #lists = [
    new NodeList(PLACE_NONE),
    new NodeList(T1),
    new NodeList(T2),
    new NodeList(B1),
    new NodeList(B2),
  ] as const;
  readonly #sink: CacheSink;
  #bytesMax: number;
  #target = 0;
  #ghostHits = 0;

  /** An empty policy of at most `bytesMax` bytes. */
  constructor(bytesMax: number, sink: CacheSink) {
    this.#bytesMax = bytesMax;
    this.#sink = sink;
  }

  get bytes(): number {
    return this.#lists[T1].bytes + this.#lists[T2].bytes;
  }

  get ghostBytes(): number {
    return this.#lists[B1].bytes + this.#lists[B2].bytes;
  }

  get ghostHits(): number {
    return this.#ghostHits;
  }

  get target(): number {
    return this.#target;
  }

  /** Bytes of the nodes that were used once, and of those used more. */
  get parts(): { readonly once: number; readonly more: number } {
    return { once: this.#lists[T1].bytes, more: this.#lists[T2].bytes };
  }

  admit(node: CacheNode, bytes: number): boolean {
    const { place } = node;
    if (bytes > this.#bytesMax) {
      if (place !== PLACE_NONE) this.#forget(node);
      return false;
    }
    if (place === PLACE_NONE) {
      this.#makeRoom(bytes, false);
      node.bytes = bytes;
      this.#lists[T1].push(node);
    } else {
      this.#ghostHits++;
      this.#adapt(node);
      this.remove(node);
      this.#makeRoom(bytes, place === B2);
      node.bytes = bytes;
      this.#lists[T2].push(node);
    }
    this.#trimGhosts();
    return true;
  }

  hit(node: CacheNode): void {
    const more = this.#lists[T2];
    if (node.place === T2) {
      more.touch(node);
    } else {
      this.#lists[T1].remove(node);
      more.push(node);
    }
  }

  remove(node: CacheNode): void {
    this.#lists[node.place as 1 | 2 | 3 | 4].remove(node);
  }

  resize(bytesMax: number): void {
    this.#bytesMax = bytesMax;
    this.#target = Math.min(this.#target, bytesMax);
    this.#makeRoom(0, false);
    this.#trimGhosts();
  }

  check(): void {
    for (const list of this.#lists) list.check();
    const [, once, more, onceGhosts, moreGhosts] = this.#lists;
    const c = this.#bytesMax;
    invariant(once.bytes + more.bytes <= c, "cache over its budget");
    invariant(once.bytes + onceGhosts.bytes <= c, "too many ghosts in B1");
    invariant(
      once.bytes + more.bytes + onceGhosts.bytes + moreGhosts.bytes <= 2 * c,
      "too many ghosts",
    );
    invariant(this.#target >= 0 && this.#target <= c, "target out of range");
  }

  /** Moves the target for a ghost that came back. */
  #adapt(node: CacheNode): void {
    const once = this.#lists[B1].bytes;
    const more = this.#lists[B2].bytes;
    if (node.place === B1) {
      const step = node.bytes * Math.max(1, more / once);
      this.#target = Math.min(this.#bytesMax, this.#target + step);
    } else {
      const step = node.bytes * Math.max(1, once / more);
      this.#target = Math.max(0, this.#target - step);
    }
  }

  /** The paper's REPLACE, until `bytes` more fit. */
  #makeRoom(bytes: number, fromMoreGhosts: boolean): void {
    const [, once, more] = this.#lists;
    while (once.bytes + more.bytes + bytes > this.#bytesMax) {
      const takeOnce = once.oldest !== undefined &&
        (more.oldest === undefined || once.bytes > this.#target ||
          (fromMoreGhosts && once.bytes >= this.#target));
      const list = takeOnce ? once : more;
      const node = list.oldest!;
      if (node.used) {
        node.used = false;
        this.hit(node);
        continue;
      }
      list.remove(node);
      this.#lists[takeOnce ? B1 : B2].push(node);
      this.#sink.evicted(node, true);
    }
  }

  /** Forgets ghosts, the oldest first, until the invariants hold. */
  #trimGhosts(): void {
    const [, once, more, onceGhosts, moreGhosts] = this.#lists;
    const c = this.#bytesMax;
    while (once.bytes + onceGhosts.bytes > c) this.#forget(onceGhosts.oldest!);
    for (;;) {
      const all = once.bytes + more.bytes + onceGhosts.bytes +
        moreGhosts.bytes;
      if (all <= 2 * c) return;
      this.#forget((moreGhosts.oldest ?? onceGhosts.oldest)!);
    }
  }

  #forget(ghost: CacheNode): void {
    this.remove(ghost);
    this.#sink.forgotten(ghost);
  }
}
