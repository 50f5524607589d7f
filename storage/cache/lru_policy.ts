/**
 * Least recently used: what was used longest ago goes first.
 *
 * Invariant: bytes ≤ budget. It keeps no ghosts.
 *
 * @module
 */
import { invariant } from "../../base/invariant.ts";
import {
  type CacheNode,
  type CachePolicy,
  type CacheSink,
  NodeList,
} from "./cache_policy.ts";

/** The policy. */
export class LruPolicy implements CachePolicy {
  readonly name = "lru";
  readonly ghostBytes: number = 0;
  readonly ghostHits: number = 0;
  readonly #list = new NodeList(1);
  readonly #sink: CacheSink;
  #bytesMax: number;

  /** An empty policy of at most `bytesMax` bytes. */
  constructor(bytesMax: number, sink: CacheSink) {
    this.#bytesMax = bytesMax;
    this.#sink = sink;
  }

  get bytes(): number {
    return this.#list.bytes;
  }

  get target(): number {
    return this.#bytesMax;
  }

  admit(node: CacheNode, bytes: number): boolean {
    if (bytes > this.#bytesMax) return false;
    this.#shrinkTo(this.#bytesMax - bytes);
    node.bytes = bytes;
    this.#list.push(node);
    return true;
  }

  hit(node: CacheNode): void {
    this.#list.touch(node);
  }

  remove(node: CacheNode): void {
    this.#list.remove(node);
  }

  resize(bytesMax: number): void {
    this.#bytesMax = bytesMax;
    this.#shrinkTo(bytesMax);
  }

  check(): void {
    this.#list.check();
    invariant(this.#list.bytes <= this.#bytesMax, "cache over its budget");
  }

  #shrinkTo(bytes: number): void {
    const list = this.#list;
    while (list.bytes > bytes) {
      const node = list.oldest!;
      if (node.used) {
        node.used = false;
        list.touch(node);
      } else {
        list.remove(node);
        this.#sink.evicted(node, false);
      }
    }
  }
}
