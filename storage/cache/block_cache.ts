/**
 * What tables keep in memory, within one byte budget: decoded blocks, indexes,
 * filters.
 *
 * Every table has a shelf for each kind (`cache_shelf.ts`); a policy
 * (`cache_policy.ts`) says over all of them what goes when the budget is full.
 *
 * Invariants:
 * 1. Bytes ≤ budget, but for pins: those take at most half of the budget, or
 *    {@linkcode PINNED_BYTES_MIN} where that is less.
 * 2. What a policy knows is on a shelf, and what is on a shelf is pinned or
 *    known to the policy.
 *
 * @module
 */
import { invariant } from "../../base/invariant.ts";
import { ArcPolicy } from "./arc_policy.ts";
import type {
  CacheNode,
  CachePolicy,
  CachePolicyName,
  CacheSink,
} from "./cache_policy.ts";
import {
  type Cacheable,
  type CacheKind,
  CacheShelf,
  type ShelfCounts,
  type ShelfEntry,
  type ShelfHost,
  type ShelfLoader,
} from "./cache_shelf.ts";
import { LruPolicy } from "./lru_policy.ts";

/** So many bytes may be pinned whatever the budget is. */
export const PINNED_BYTES_MIN: number = 4 * 1024 * 1024;

/** What the cache did for one kind. */
export interface KindStatistics {
  /** Bytes held. */
  readonly bytes: number;
  /** Things held. */
  readonly count: number;
  /** Look-ups that found it. Filters and indexes count only what they miss. */
  readonly hits: number;
  /** Look-ups that did not, read-ahead ones included. */
  readonly misses: number;
  /** Things that had to go. */
  readonly evictions: number;
}

/** What the cache did so far. */
export interface CacheStatistics extends KindStatistics {
  /** Which policy it has. */
  readonly policy: CachePolicyName;
  /** The budget, in bytes. */
  readonly bytesMax: number;
  /** Bytes held that are pinned. */
  readonly pinnedBytes: number;
  /** Bytes that the policy means to leave to what was used once. */
  readonly target: number;
  /** Bytes that the things had which the policy remembers. */
  readonly ghostBytes: number;
  /** Things that came back while they were remembered. */
  readonly ghostHits: number;
  /** The same by kind. */
  readonly kinds: Readonly<Record<CacheKind, KindStatistics>>;
}

function zero(): ShelfCounts {
  return { hits: 0, misses: 0, evictions: 0, bytes: 0, count: 0 };
}

/**
 * The cache.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { BlockCache } from "./block_cache.ts";
 *
 * const cache = new BlockCache(1000, "arc");
 * const squares = cache.shelf("data", 10, {
 *   load: (slot) => ({ square: slot * slot, memoryBytes: 8 }),
 * });
 * assertEquals(await squares.get(7), { square: 49, memoryBytes: 8 });
 * assertEquals(await squares.get(7), { square: 49, memoryBytes: 8 });
 * assertEquals(cache.statistics.hits, 1);
 * ```
 */
export class BlockCache {
  readonly #policy: CachePolicy;
  readonly #kinds: Record<CacheKind, ShelfCounts> = {
    data: zero(),
    index: zero(),
    filter: zero(),
  };
  readonly #host: ShelfHost;
  #bytesMax: number;
  #pinnedBytes = 0;

  /** An empty cache of at most `bytesMax` bytes. */
  constructor(bytesMax: number, policy: CachePolicyName = "arc") {
    const sink: CacheSink = {
      evicted: (node, ghost) =>
        entryOf(node).shelf.evicted(entryOf(node), ghost),
      forgotten: (node) => entryOf(node).shelf.dropped(entryOf(node)),
    };
    this.#bytesMax = bytesMax;
    this.#policy = policy === "arc"
      ? new ArcPolicy(bytesMax, sink)
      : new LruPolicy(bytesMax, sink);
    const budget = (): number => this.#bytesMax;
    this.#host = {
      get bytesMax(): number {
        return budget();
      },
      policy: this.#policy,
      pin: (bytes) => this.#pin(bytes),
      unpin: (bytes) => this.#unpin(bytes),
    };
  }

  /** A shelf of `slotCount` slots; whoever asked for it closes it. */
  shelf<T extends Cacheable>(
    kind: CacheKind,
    slotCount: number,
    loader: ShelfLoader<T>,
  ): CacheShelf<T> {
    return new CacheShelf(this.#host, this.#kinds[kind], slotCount, loader);
  }

  /** The budget, in bytes. */
  get bytesMax(): number {
    return this.#bytesMax;
  }

  /** Bytes held. */
  get bytes(): number {
    return this.#policy.bytes + this.#pinnedBytes;
  }

  /** Changes the budget; what is over it goes, but for pins. */
  resize(bytesMax: number): void {
    this.#bytesMax = bytesMax;
    this.#share();
  }

  /**
   * Lets things go until at most `bytes` are held, pins aside: memory is short
   * now. The budget stays, so what is used comes back.
   */
  shrinkTo(bytes: number): void {
    if (this.bytes <= bytes) return;
    this.#policy.resize(Math.max(0, bytes - this.#pinnedBytes));
    this.#share();
  }

  /** How many look-ups found something so far, and how many had to read it. */
  counts(): { readonly hits: number; readonly reads: number } {
    let hits = 0;
    let reads = 0;
    for (const counts of Object.values(this.#kinds)) {
      hits += counts.hits;
      reads += counts.misses;
    }
    return { hits, reads };
  }

  /** What the cache did so far. */
  get statistics(): CacheStatistics {
    const sum = zero();
    for (const counts of Object.values(this.#kinds)) {
      sum.hits += counts.hits;
      sum.misses += counts.misses;
      sum.evictions += counts.evictions;
      sum.bytes += counts.bytes;
      sum.count += counts.count;
    }
    const { name, target, ghostBytes, ghostHits } = this.#policy;
    return {
      ...sum,
      policy: name,
      bytesMax: this.#bytesMax,
      pinnedBytes: this.#pinnedBytes,
      target,
      ghostBytes,
      ghostHits,
      kinds: {
        data: { ...this.#kinds.data },
        index: { ...this.#kinds.index },
        filter: { ...this.#kinds.filter },
      },
    };
  }

  /** Checks that policy, shelves and sums agree; for tests. */
  check(): void {
    this.#policy.check();
    const { bytes, pinnedBytes } = this.statistics;
    invariant(bytes === this.bytes, "cache bytes are off");
    invariant(
      bytes <= Math.max(this.#bytesMax, pinnedBytes),
      "cache over its budget",
    );
  }

  #pin(bytes: number): boolean {
    const pinned = this.#pinnedBytes + bytes;
    if (pinned > Math.max(PINNED_BYTES_MIN, this.#bytesMax / 2)) return false;
    this.#pinnedBytes = pinned;
    this.#share();
    return true;
  }

  #unpin(bytes: number): void {
    this.#pinnedBytes -= bytes;
    this.#share();
  }

  /** Leaves to the policy what the pins do not take. */
  #share(): void {
    this.#policy.resize(Math.max(0, this.#bytesMax - this.#pinnedBytes));
  }
}

/** Every node of a policy here is an entry of a shelf. */
function entryOf(node: CacheNode): ShelfEntry {
  return node as ShelfEntry;
}
