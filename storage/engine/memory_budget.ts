/**
 * One account of memory for everything that a store holds.
 *
 * Parts say how many bytes they take. When all of them are over the limit
 * (`memoryBytesMax`), the block cache gives way first, then memtables are
 * flushed before they are full, then commits wait. What a statement holds while
 * it runs has a limit of its own (`work_mem`).
 *
 * | group | parts |
 * | --- | --- |
 * | user | memtables, blocks of data, vector indexes |
 * | system | the log's buffer, tables that are being built |
 * | metadata | filters and indexes of tables |
 *
 * Invariant: after `enforce` the cache may hold what the other parts leave, and
 * no more.
 *
 * @module
 */
import type { BlockCache } from "../cache/block_cache.ts";

/** What memory is for. */
export type MemoryGroup = "user" | "system" | "metadata";

/** Something that takes memory. */
export interface MemoryPart {
  /** What it is. */
  readonly name: string;
  /** What it is for. */
  readonly group: MemoryGroup;
  /** The bytes that it takes now: cheap to ask. */
  bytes(): number;
}

/** Who takes how much memory, in bytes. */
export interface MemoryStatus {
  /** All of it. */
  readonly bytes: number;
  /** The limit. */
  readonly bytesMax: number;
  /** Data. */
  readonly user: number;
  /** Buffers. */
  readonly system: number;
  /** What finds data. */
  readonly metadata: number;
  /** Each part, the cache's kinds among them. */
  readonly parts: Readonly<Record<string, number>>;
}

/** The limits. */
export interface MemoryLimits {
  /** Bytes for everything. */
  readonly memoryBytesMax: number;
  /** Bytes for the cache. */
  readonly cacheBytesMax: number;
}

/** Of the limit, what parts may take until memtables are flushed early. */
const TIGHT = 3 / 4;

/** The account. */
export class MemoryBudget {
  readonly #limits: () => MemoryLimits;
  readonly #cache: BlockCache;
  readonly #parts = new Set<MemoryPart>();
  #used = 0;

  /** An account of `cache` alone. */
  constructor(limits: () => MemoryLimits, cache: BlockCache) {
    this.#limits = limits;
    this.#cache = cache;
  }

  /** Counts a part from now on; returns what ends it. */
  add(part: MemoryPart): () => void {
    this.#parts.add(part);
    return () => {
      this.#parts.delete(part);
    };
  }

  /** Counts everything anew, and makes the cache give way. */
  enforce(): void {
    let used = 0;
    for (const part of this.#parts) used += part.bytes();
    this.#used = used;
    const { memoryBytesMax, cacheBytesMax } = this.#limits();
    const left = Math.max(0, memoryBytesMax - used);
    const bytesMax = Math.min(cacheBytesMax, left);
    if (bytesMax !== this.#cache.bytesMax) this.#cache.resize(bytesMax);
  }

  /** Whether memtables should be flushed before they are full. */
  get isTight(): boolean {
    return this.#used > this.#limits().memoryBytesMax * TIGHT;
  }

  /** Whether nothing more may be taken, as of the last `enforce`. */
  get isFull(): boolean {
    return this.#used >= this.#limits().memoryBytesMax;
  }

  /** Who takes how much now. */
  status(): MemoryStatus {
    const { kinds } = this.#cache.statistics;
    const groups = { user: 0, system: 0, metadata: 0 };
    const parts: Record<string, number> = {};
    const count = (name: string, group: MemoryGroup, bytes: number): void => {
      groups[group] += bytes;
      parts[name] = (parts[name] ?? 0) + bytes;
    };
    for (const part of this.#parts) count(part.name, part.group, part.bytes());
    count("cached data", "user", kinds.data.bytes);
    count("cached indexes", "metadata", kinds.index.bytes);
    count("cached filters", "metadata", kinds.filter.bytes);
    return {
      bytes: groups.user + groups.system + groups.metadata,
      bytesMax: this.#limits().memoryBytesMax,
      ...groups,
      parts,
    };
  }
}
