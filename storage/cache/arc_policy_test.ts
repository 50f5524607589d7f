import { assert, assertEquals } from "@std/assert";
import { SeededRandom } from "../../testing/seeded_random.ts";
import { BlockCache, type CacheStatistics } from "./block_cache.ts";
import type { CachePolicyName } from "./cache_policy.ts";

const BLOCK = { memoryBytes: 1 };

/** Runs a trace of slots through a cache of `capacity` blocks. */
class Trace {
  readonly cache: BlockCache;
  readonly #shelf;

  constructor(policy: CachePolicyName, capacity: number) {
    this.cache = new BlockCache(capacity, policy);
    this.#shelf = this.cache.shelf("data", 100_000, { load: () => BLOCK });
  }

  /** Hits among these. */
  run(slots: Iterable<number>): number {
    const before = this.cache.statistics.hits;
    for (const slot of slots) this.#shelf.get(slot);
    this.cache.check();
    return this.cache.statistics.hits - before;
  }

  has(slot: number): boolean {
    return this.#shelf.peek(slot) !== undefined;
  }

  get statistics(): CacheStatistics {
    return this.cache.statistics;
  }
}

function* range(from: number, end: number): Generator<number> {
  for (let i = from; i < end; i++) yield i;
}

/** Slots 0 to `count`, the low ones far more often. */
function* zipf(
  random: SeededRandom,
  count: number,
  draws: number,
  skew = 0.99,
): Generator<number> {
  const sums = new Float64Array(count);
  let sum = 0;
  for (let i = 0; i < count; i++) sums[i] = sum += (i + 1) ** -skew;
  for (let draw = 0; draw < draws; draw++) {
    const at = random.next() * sum;
    let low = 0;
    let high = count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (sums[middle]! < at) low = middle + 1;
      else high = middle;
    }
    yield Math.min(low, count - 1);
  }
}

Deno.test("[L-074] a first use goes to T1, a second to T2, and T1 gives way first", () => {
  const trace = new Trace("arc", 4);
  trace.run([1, 2, 1, 2, 3, 4]);
  // 1 and 2 were used twice. With nothing learned T1 has no share: 3 goes.
  trace.run([5]);
  assertEquals([1, 2, 3, 4, 5].map((slot) => trace.has(slot)), [
    true,
    true,
    false,
    true,
    true,
  ]);
  // 3 comes back while it is remembered: T1 should have been larger.
  assertEquals(trace.statistics.target, 0);
  trace.run([3]);
  assertEquals([trace.statistics.target, trace.statistics.ghostHits], [1, 1]);
});

Deno.test("[L-070] a scan does not wash out what is used again and again", () => {
  const hot = [...range(0, 50)];
  const hits = (policy: CachePolicyName): number => {
    const trace = new Trace(policy, 100);
    for (let i = 0; i < 3; i++) trace.run(hot);
    trace.run(range(1000, 5000));
    return trace.run(hot);
  };
  assertEquals([hits("lru"), hits("arc")], [0, 50]);
});

Deno.test("[L-075] the target follows the load: up when recency pays, down when frequency does", () => {
  const trace = new Trace("arc", 100);
  // Two sets used twice fill T2; then a loop over a set that fits beside them
  // is only kept when T1 has a share.
  for (let i = 0; i < 2; i++) trace.run(range(0, 100));
  assertEquals(trace.statistics.target, 0);
  for (let i = 0; i < 20; i++) trace.run(range(1000, 1080));
  const recency = trace.statistics.target;
  assert(recency > 20, `${recency}`);
  const hits = trace.run(range(1000, 1080));
  assertEquals(hits, 80);
  // Back to the old set, again and again, between pages of a long scan.
  let next = 5000;
  for (let i = 0; i < 60; i++) {
    trace.run(range(0, 60));
    trace.run(range(next, next += 60));
  }
  const frequency = trace.statistics.target;
  assert(frequency < recency, `${frequency}, it was ${recency}`);
  assertEquals(trace.run(range(0, 60)), 60);
});

Deno.test("[L-073] ghosts have no value, are counted, and never take more than the budget", () => {
  const trace = new Trace("arc", 100);
  for (let i = 0; i < 2; i++) trace.run(range(0, 60));
  trace.run(range(1000, 3000));
  const { bytes, ghostBytes, kinds } = trace.statistics;
  assertEquals([bytes, kinds.data.count], [100, 100]);
  assert(ghostBytes > 0 && ghostBytes <= 100, `${ghostBytes}`);
  assert(!trace.has(1500));
});

Deno.test("[L-072] zipf and scans: ARC has more hits than LRU; zipf alone: no fewer; 95 % when half fits", () => {
  const mixed = (policy: CachePolicyName): number => {
    const random = new SeededRandom(7);
    const trace = new Trace(policy, 400);
    let hits = 0;
    for (let round = 0; round < 20; round++) {
      hits += trace.run(zipf(random, 4000, 2000));
      trace.run(range(10_000 + round * 800, 10_000 + (round + 1) * 800));
    }
    return hits;
  };
  const alone = (policy: CachePolicyName, capacity: number): number =>
    new Trace(policy, capacity).run(zipf(new SeededRandom(7), 4000, 40_000));
  const [lru, arc] = [mixed("lru"), mixed("arc")];
  assert(arc > lru * 1.1, `ARC ${arc}, LRU ${lru} of 40,000`);
  const [lruAlone, arcAlone] = [alone("lru", 400), alone("arc", 400)];
  assert(arcAlone >= lruAlone, `ARC ${arcAlone}, LRU ${lruAlone}`);
  const warm = new Trace("arc", 2000);
  warm.run(zipf(new SeededRandom(7), 4000, 20_000, 1.2));
  const share = warm.run(zipf(new SeededRandom(8), 4000, 20_000, 1.2)) / 20_000;
  assert(share > 0.95, `${share}`);
});
