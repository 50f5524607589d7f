import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { fc } from "fast-check";
import { isPromise } from "../../base/maybe_promise.ts";
import { LSM_DEFAULTS } from "../engine/options.ts";
import { BlockCache, PINNED_BYTES_MIN } from "./block_cache.ts";
import type { CachePolicyName } from "./cache_policy.ts";
import type { CacheShelf, ShelfLoader } from "./cache_shelf.ts";

interface Block {
  readonly name: number;
  readonly memoryBytes: number;
}

const block = (name: number, memoryBytes = 10): Block => ({
  name,
  memoryBytes,
});

/** A cache, and a shelf of blocks that are there at once. */
class Cache extends BlockCache {
  readonly fetched: number[] = [];
  size: (name: number) => number = () => 10;
  readonly shelf1 = this.shelf<Block>("data", 200, {
    load: (name) => {
      this.fetched.push(name);
      return block(name, this.size(name));
    },
  });

  constructor(bytesMax: number, policy: CachePolicyName = "lru") {
    super(bytesMax, policy);
  }

  /** Reads blocks; which had to be fetched. */
  touch(names: number[]): number[] {
    this.fetched.length = 0;
    for (const name of names) this.shelf1.get(name);
    return [...this.fetched];
  }

  held(names: number[]): number[] {
    return names.filter((name) => this.shelf1.peek(name) !== undefined);
  }
}

Deno.test("[K-090, K-018, L-101] the block that was used longest ago goes first", () => {
  const cache = new Cache(30);
  assertEquals(cache.touch([1, 2, 3]), [1, 2, 3]);
  assertEquals(cache.touch([1, 2, 3]), []);
  cache.touch([1]); // Now 2 is the oldest, then 3, then 1.
  assertEquals(cache.touch([4]), [4]);
  const all = [1, 2, 3, 4, 5];
  assertEquals(cache.held(all), [1, 3, 4]);
  cache.touch([5]);
  assertEquals(cache.held(all), [1, 4, 5]);
  cache.shelf1.peek(1); // Is no use.
  cache.touch([6]);
  assertEquals(cache.held(all), [4, 5]);
  cache.check();
  assertEquals(cache.statistics.evictions, 3);
});

Deno.test("[L-060] what is only touched counts as used when something has to go", () => {
  for (const policy of ["lru", "arc"] as const) {
    const cache = new Cache(30, policy);
    cache.touch([1, 2, 3]);
    assertEquals(cache.shelf1.touch(1)?.name, 1);
    assertEquals(cache.shelf1.touch(9), undefined);
    cache.touch([4]);
    assertEquals(cache.held([1, 2, 3, 4]), [1, 3, 4], policy);
    cache.touch([5]);
    assertEquals(cache.held([1, 2, 3, 4, 5]), [1, 4, 5], policy);
    cache.check();
  }
});

/** The plain twin: names in an array, the newest last. */
class PlainCache {
  held: Block[] = [];
  bytesMax: number;
  hits = 0;

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
  }

  get(wanted: Block): void {
    const index = this.held.findIndex(({ name }) => name === wanted.name);
    if (index >= 0) {
      this.hits++;
      this.held.push(...this.held.splice(index, 1));
    } else if (wanted.memoryBytes <= this.bytesMax) {
      this.held.push(wanted);
      this.trim();
    }
  }

  trim(): void {
    let bytes = this.held.reduce(
      (sum, { memoryBytes }) => sum + memoryBytes,
      0,
    );
    while (bytes > this.bytesMax) bytes -= this.held.shift()!.memoryBytes;
  }
}

const step = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.record({
      kind: fc.constantFrom("get" as const, "get" as const, "touch" as const),
      name: fc.nat(15),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom("resize" as const, "shrink" as const),
      bytesMax: fc.nat(300),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("close" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("stage" as const),
      name: fc.nat(15),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("pin" as const),
      pinned: fc.boolean(),
    }),
  },
);
const steps = fc.array(step, { maxLength: 200, size: "max" });

/** Sizes from 7 to 112 bytes. */
const sizeOf = (name: number): number => 7 * (name + 1);

Deno.test("[K-090, K-091] with LRU the cache agrees with a list", () => {
  fc.assert(
    fc.property(steps, fc.nat(300), (steps, bytesMax) => {
      const cache = new Cache(bytesMax);
      cache.size = sizeOf;
      const plain = new PlainCache(bytesMax);
      for (const step of steps) {
        if (step.kind === "get") {
          const got = cache.shelf1.get(step.name) as Block;
          assertEquals(got.name, step.name);
          plain.get(block(step.name, sizeOf(step.name)));
        } else if (step.kind === "resize") {
          cache.resize(step.bytesMax);
          plain.bytesMax = step.bytesMax;
          plain.trim();
        } else if (step.kind === "shrink") {
          cache.shrinkTo(step.bytesMax);
          const before = plain.bytesMax;
          plain.bytesMax = Math.min(before, step.bytesMax);
          plain.trim();
          plain.bytesMax = before;
        }
        cache.check();
        assert(cache.statistics.bytes <= cache.statistics.bytesMax);
      }
      const { count, hits, bytes } = cache.statistics;
      assertEquals(hits, plain.hits);
      assertEquals(count, plain.held.length);
      assertEquals(
        bytes,
        plain.held.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0),
      );
      for (const { name } of plain.held) assert(cache.shelf1.peek(name));
    }),
    { numRuns: 300 },
  );
});

Deno.test("[K-091, L-071, L-073, L-074] whatever is done, every policy keeps its invariants and the cache its sums", () => {
  fc.assert(
    fc.property(
      steps,
      fc.nat(300),
      fc.constantFrom("lru" as const, "arc" as const),
      (steps, bytesMax, policy) => {
        const cache = new BlockCache(bytesMax, policy);
        const loader: ShelfLoader<Block> = {
          load: (name) => block(name, sizeOf(name)),
          decode: (name, bytes) => block(name, sizeOf(name) + bytes.length),
        };
        let shelf = cache.shelf("data", 20, loader);
        const other = cache.shelf("index", 20, loader);
        for (const step of steps) {
          if (step.kind === "get") {
            const from = step.name % 3 === 0 ? other : shelf;
            assertEquals((from.get(step.name) as Block).name, step.name);
          } else if (step.kind === "touch") {
            shelf.touch(step.name);
          } else if (step.kind === "stage") {
            shelf.stage(step.name, new Uint8Array(30));
          } else if (step.kind === "resize") {
            cache.resize(step.bytesMax);
          } else if (step.kind === "shrink") {
            cache.shrinkTo(step.bytesMax);
            const { bytes, pinnedBytes } = cache.statistics;
            assert(bytes <= Math.max(step.bytesMax, pinnedBytes));
          } else if (step.kind === "pin") {
            other.pinned = step.pinned;
          } else {
            shelf.close();
            shelf = cache.shelf("data", 20, loader);
          }
          cache.check();
        }
        shelf.close();
        other.close();
        const { bytes, count, ghostBytes, pinnedBytes } = cache.statistics;
        assertEquals([bytes, count, ghostBytes, pinnedBytes], [0, 0, 0, 0]);
      },
    ),
    { numRuns: 400 },
  );
});

/** A cache with a shelf whose loads wait for the test. */
function slow(
  bytesMax: number,
  load: (slot: number) => Promise<Block> | Block,
): { cache: BlockCache; shelf: CacheShelf<Block> } {
  const cache = new BlockCache(bytesMax);
  const decode = (slot: number, bytes: Uint8Array): Block =>
    block(slot, bytes.length);
  return { cache, shelf: cache.shelf("data", 20, { load, decode }) };
}

Deno.test("[L-177] a block that is being fetched is fetched once for all who ask", async () => {
  let arrive: (block: Block) => void = () => {};
  let fetches = 0;
  const { cache, shelf } = slow(100, () => {
    fetches++;
    return new Promise((resolve) => arrive = resolve);
  });
  const waiting = [1, 2, 3].map(() => shelf.get(7));
  assert(waiting.every(isPromise));
  assertEquals(fetches, 1);
  arrive(block(7));
  const found = await Promise.all(waiting);
  assert(found.every((other) => other === found[0]));
  assertEquals(shelf.get(7), found[0]);
  const { hits, misses } = cache.statistics;
  assertEquals([fetches, hits, misses], [1, 1, 3]);
});

Deno.test("a fetch that fails is told to all who wait, and tried again by the next", async () => {
  let load = (): Promise<Block> | Block =>
    Promise.reject(new Error("no answer"));
  const { cache, shelf } = slow(100, () => load());
  for (const each of [1, 2].map(() => shelf.get(7))) {
    await assertRejects(() => Promise.resolve(each), Error, "no answer");
  }
  load = () => {
    throw new Error("at once");
  };
  assertThrows(() => shelf.get(7), Error, "at once");
  load = () => Promise.resolve(block(7));
  assertEquals(await shelf.get(7), block(7));
  assertEquals(cache.statistics.count, 1);
});

Deno.test("a block over the whole budget is handed on and not kept", () => {
  const cache = new Cache(30);
  cache.touch([1, 2]);
  cache.size = () => 31;
  assertEquals((cache.shelf1.get(9) as Block).name, 9);
  assertEquals(cache.statistics.count, 2);
  for (const policy of ["lru", "arc"] as const) {
    const nothing = new Cache(0, policy);
    assertEquals(nothing.touch([1, 1]), [1, 1]);
    nothing.check();
  }
});

Deno.test("a closed shelf gives back what it had, and keeps nothing that comes late", async () => {
  let arrive: (block: Block) => void = () => {};
  const { cache, shelf } = slow(
    100,
    (slot) =>
      slot === 1 ? block(1) : new Promise((resolve) => arrive = resolve),
  );
  shelf.get(1);
  const late = shelf.get(2);
  shelf.close();
  assertEquals(cache.statistics.bytes, 0);
  arrive(block(2));
  assertEquals((await late).name, 2);
  assertEquals(cache.statistics.bytes, 0);
});

Deno.test("[L-077] staged bytes are decoded by who asks first, and once", async () => {
  const loads: number[] = [];
  const { cache, shelf } = slow(100, (slot) => {
    loads.push(slot);
    return block(slot);
  });
  let arrive: () => void = () => {};
  const read = new Promise<void>((resolve) => arrive = resolve)
    .then(() => {
      for (const slot of [3, 4]) shelf.stage(slot, new Uint8Array(20));
    });
  shelf.expect(3, 6, read);
  const waiting = [shelf.get(3), shelf.get(3), shelf.get(5)];
  assert(waiting.every(isPromise));
  arrive();
  const [first, second, third] = await Promise.all(waiting);
  assertEquals(first, block(3, 20));
  assert(first === second);
  // The read ended before slot 5: it is loaded.
  assertEquals([third!.name, loads], [5, [5]]);
  assertEquals(shelf.peek(4), undefined);
  assertEquals(shelf.get(4), block(4, 20));
  assertEquals(cache.statistics.count, 3);
  cache.check();
  // A read that fails is no failure of who asks.
  shelf.expect(8, 9, Promise.reject(new Error("no answer")));
  assertEquals((await shelf.get(8)).name, 8);
});

Deno.test("[L-060] pinned things stay when everything else goes, up to their share", () => {
  const cache = new BlockCache(16 * PINNED_BYTES_MIN);
  const sized = (memoryBytes: number): ShelfLoader<Block> => ({
    load: (slot) => block(slot, memoryBytes),
  });
  const filters = cache.shelf("filter", 100, sized(PINNED_BYTES_MIN));
  const data = cache.shelf("data", 1000, sized(PINNED_BYTES_MIN / 4));
  filters.get(0);
  filters.pinned = true;
  for (let slot = 1; slot < 6; slot++) filters.get(slot);
  for (let slot = 0; slot < 1000; slot++) data.get(slot);
  for (let slot = 0; slot < 6; slot++) assert(filters.peek(slot), `${slot}`);
  // Half of the budget and no more.
  for (let slot = 6; slot < 20; slot++) filters.get(slot);
  assertEquals(cache.statistics.pinnedBytes, 8 * PINNED_BYTES_MIN);
  cache.shrinkTo(0);
  assertEquals(cache.statistics.bytes, 8 * PINNED_BYTES_MIN);
  filters.pinned = false;
  cache.shrinkTo(0);
  assertEquals(cache.statistics.bytes, 0);
  cache.check();
});

Deno.test("[L-183] the cache shrinks when memory is short, keeps its budget, and counts by kind", () => {
  const cache = new Cache(1000, "arc");
  cache.touch(Array.from({ length: 100 }, (_, i) => i));
  cache.shelf("index", 1, { load: () => block(0, 5) }).get(0);
  assertEquals(cache.statistics.kinds.index.bytes, 5);
  cache.shrinkTo(300);
  const { bytes, bytesMax, evictions, kinds } = cache.statistics;
  assert(bytes <= 300 && bytes > 250, `${bytes}`);
  assertEquals([bytesMax, evictions], [1000, 71]);
  assertEquals(kinds.data.misses, 100);
  assertEquals(kinds.index, {
    bytes: 5,
    count: 1,
    evictions: 0,
    hits: 0,
    misses: 1,
  });
  cache.touch(Array.from({ length: 100 }, (_, i) => i));
  assert(cache.statistics.bytes > 900);
  cache.check();
});

Deno.test("shelves do not see each other's blocks", () => {
  const cache = new BlockCache(1000);
  const [a, b] = [1, 2].map((name) =>
    cache.shelf<Block>("data", 1, { load: () => block(name) })
  );
  a!.get(0);
  b!.get(0);
  assertEquals([a!.peek(0)?.name, b!.peek(0)?.name], [1, 2]);
  a!.close();
  assertEquals([a!.peek(0)?.name, b!.peek(0)?.name], [undefined, 2]);
});

Deno.test("[K-091, L-171, L-231] the cache takes 256 MiB unless told otherwise", () => {
  assertEquals(LSM_DEFAULTS.cacheBytesMax, 256 * 1024 * 1024);
});
