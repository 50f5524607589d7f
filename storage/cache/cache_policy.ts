/**
 * What decides which cached things stay: one interface for every policy.
 *
 * The cache owns values and finds them; a policy orders nodes. It sees a node
 * come in (`admit`), being used (`hit`) and being taken out (`remove`), and
 * tells the cache through a {@linkcode CacheSink} which ones go. A policy may
 * remember a node that went as a _ghost_: its size, not its value.
 *
 * Nodes carry the links of the policy's lists themselves, so that a hit writes
 * a few fields and allocates nothing.
 *
 * @module
 */
import { invariant } from "../../base/invariant.ts";

/** The policies there are. */
export type CachePolicyName = "lru" | "arc";

/** The node is in none of a policy's lists. */
export const PLACE_NONE = 0;

/** What a policy orders. */
export class CacheNode {
  /** Bytes of memory the value takes, also after it went. */
  bytes = 0;
  /** In which of the policy's lists it is. */
  place: number = PLACE_NONE;
  /**
   * Set by who used the value without a call of `hit`; the policy asks for it
   * before it lets the node go, and counts it as a hit then.
   */
  used = false;
  /** The next node that was used later. */
  newer: CacheNode | undefined = undefined;
  /** The next node that was used earlier. */
  older: CacheNode | undefined = undefined;
}

/** Where a policy says what goes. */
export interface CacheSink {
  /** The node's value goes; as a ghost the policy still knows the node. */
  evicted(node: CacheNode, ghost: boolean): void;
  /** A ghost is not known any more. */
  forgotten(node: CacheNode): void;
}

/** Which nodes stay within a budget of bytes. */
export interface CachePolicy {
  /** Its name. */
  readonly name: CachePolicyName;
  /** Bytes of the nodes whose values stay. */
  readonly bytes: number;
  /** Bytes that the ghosts had. */
  readonly ghostBytes: number;
  /** Nodes that came back while they were ghosts. */
  readonly ghostHits: number;
  /** Bytes that the policy means to leave to nodes used once (LRU: all). */
  readonly target: number;
  /**
   * Takes a node of `bytes` bytes in, new or a ghost, and lets others go until
   * it fits. False, and the node is in no list, when it is over the whole
   * budget.
   *
   * REQUIRES: bytes > 0, and the value does not stay yet.
   */
  admit(node: CacheNode, bytes: number): boolean;
  /** The value was used. REQUIRES: it stays. */
  hit(node: CacheNode): void;
  /** Takes a node out, whatever it is; the sink is not told. */
  remove(node: CacheNode): void;
  /** Changes the budget, in bytes; what is over it goes. */
  resize(bytesMax: number): void;
  /** Checks its invariants; for tests. */
  check(): void;
}

/** Nodes in the order of their use, with their bytes. */
export class NodeList {
  /** What a node of this list has as its `place`. */
  readonly place: number;
  /** The node used last. */
  newest: CacheNode | undefined = undefined;
  /** The node used longest ago. */
  oldest: CacheNode | undefined = undefined;
  /** Bytes of all nodes. */
  bytes = 0;

  /** An empty list. */
  constructor(place: number) {
    this.place = place;
  }

  /** Puts a node in front. REQUIRES: it is in no list. */
  push(node: CacheNode): void {
    node.place = this.place;
    node.newer = undefined;
    node.older = this.newest;
    if (this.newest === undefined) this.oldest = node;
    else this.newest.newer = node;
    this.newest = node;
    this.bytes += node.bytes;
  }

  /** Takes a node out. REQUIRES: it is in this list. */
  remove(node: CacheNode): void {
    if (node.newer === undefined) this.newest = node.older;
    else node.newer.older = node.older;
    if (node.older === undefined) this.oldest = node.newer;
    else node.older.newer = node.newer;
    node.newer = node.older = undefined;
    node.place = PLACE_NONE;
    this.bytes -= node.bytes;
  }

  /** Moves a node of this list to the front. */
  touch(node: CacheNode): void {
    if (node === this.newest) return;
    this.remove(node);
    this.push(node);
  }

  /** Checks links and sums; for tests. */
  check(): void {
    let bytes = 0;
    let newer: CacheNode | undefined;
    for (let node = this.newest; node !== undefined; node = node.older) {
      invariant(node.place === this.place, "node of another list");
      invariant(node.newer === newer, "list links differ");
      bytes += node.bytes;
      newer = node;
    }
    invariant(this.oldest === newer, "list ends elsewhere");
    invariant(bytes === this.bytes, "list bytes are off");
  }
}
