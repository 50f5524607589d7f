import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import { isPromise } from "../../base/maybe_promise.ts";
import { LSM_DEFAULTS } from "../engine/options.ts";
import { BlockCache } from "./block_cache.ts";

interface Block {
  readonly name: number;
  readonly memoryBytes: number;
}

const block = (name: number, memoryBytes = 10): Block => ({
  name,
  memoryBytes,
});

/** Reads blocks of reader 1 that are there at once; which had to be fetched. */
function touch(cache: BlockCache<Block>, names: number[]): number[] {
  const fetched: number[] = [];
  for (const name of names) {
    cache.get(1, name, () => {
      fetched.push(name);
      return block(name);
    });
  }
  return fetched;
}

Deno.test("[K-090] the block that was used longest ago goes first", () => {
  const cache = new BlockCache<Block>(30);
  assertEquals(touch(cache, [1, 2, 3]), [1, 2, 3]);
  assertEquals(touch(cache, [1, 2, 3]), []);
  touch(cache, [1]); // Now 2 is the oldest, then 3, then 1.
  assertEquals(touch(cache, [4]), [4]);
  const held = (): (number | undefined)[] =>
    [1, 2, 3, 4, 5].filter((name) => cache.peek(1, name) !== undefined);
  assertEquals(held(), [1, 3, 4]);
  touch(cache, [5]);
  assertEquals(held(), [1, 4, 5]);
  cache.peek(1, 1); // Is no use.
  touch(cache, [6]);
  assertEquals(held(), [4, 5]);
  cache.check();
  assertEquals(cache.statistics.evictions, 3);
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
      kind: fc.constant("get" as const),
      name: fc.nat(15),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("resize" as const),
      bytesMax: fc.nat(300),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("drop" as const) }),
  },
);

Deno.test("[K-090, K-091] the cache agrees with a list, and its bytes are never over the budget", () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 200, size: "max" }),
      fc.nat(300),
      (steps, bytesMax) => {
        const cache = new BlockCache<Block>(bytesMax);
        const plain = new PlainCache(bytesMax);
        for (const step of steps) {
          if (step.kind === "get") {
            // Sizes from 7 to 112 bytes.
            const wanted = block(step.name, 7 * (step.name + 1));
            const got = cache.get(1, step.name, () => wanted) as Block;
            assertEquals(got.name, step.name);
            plain.get(wanted);
          } else if (step.kind === "resize") {
            cache.resize(step.bytesMax);
            plain.bytesMax = step.bytesMax;
            plain.trim();
          } else {
            cache.drop(1, 8);
            plain.held = plain.held.filter(({ name }) => name >= 8);
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
        for (const { name } of plain.held) assert(cache.peek(1, name));
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("[L-177] a block that is being fetched is fetched once for all who ask", async () => {
  const cache = new BlockCache<Block>(100);
  let arrive: (block: Block) => void = () => {};
  let fetches = 0;
  const fetch = (): Promise<Block> => {
    fetches++;
    return new Promise((resolve) => arrive = resolve);
  };
  const waiting = [1, 2, 3].map(() => cache.get(1, 7, fetch));
  assert(waiting.every(isPromise));
  assertEquals(fetches, 1);
  arrive(block(7));
  const found = await Promise.all(waiting);
  assert(found.every((other) => other === found[0]));
  assertEquals(cache.get(1, 7, fetch), found[0]);
  assertEquals([fetches, cache.statistics.hits, cache.statistics.misses], [
    1,
    1,
    3,
  ]);
});

Deno.test("a fetch that fails is told to all who wait, and tried again by the next", async () => {
  const cache = new BlockCache<Block>(100);
  const failing = (): Promise<Block> => Promise.reject(new Error("no answer"));
  const waiting = [1, 2].map(() => cache.get(1, 7, failing));
  for (const each of waiting) {
    await assertRejects(() => Promise.resolve(each), Error, "no answer");
  }
  assertThrows(
    () =>
      cache.get(1, 7, () => {
        throw new Error("at once");
      }),
    Error,
    "at once",
  );
  assertEquals(
    await cache.get(1, 7, () => Promise.resolve(block(7))),
    block(7),
  );
  assertEquals(cache.statistics.count, 1);
});

Deno.test("a block over the whole budget is handed on and not kept", () => {
  const cache = new BlockCache<Block>(30);
  touch(cache, [1, 2]);
  assertEquals((cache.get(1, 9, () => block(9, 31)) as Block).name, 9);
  assertEquals(cache.statistics.count, 2);
  const nothing = new BlockCache<Block>(0);
  assertEquals(touch(nothing, [1, 1]), [1, 1]);
  nothing.check();
});

Deno.test("readers do not see each other's blocks", () => {
  const cache = new BlockCache<Block>(1000);
  const [a, b] = [cache.newReader(), cache.newReader()];
  cache.get(a, 0, () => block(1));
  cache.get(b, 0, () => block(2));
  assertEquals([cache.peek(a, 0)?.name, cache.peek(b, 0)?.name], [1, 2]);
  cache.drop(a, 1);
  assertEquals([cache.peek(a, 0)?.name, cache.peek(b, 0)?.name], [
    undefined,
    2,
  ]);
});

Deno.test("[K-091] the cache takes 256 MiB unless told otherwise", () => {
  assertEquals(LSM_DEFAULTS.cacheBytesMax, 256 * 1024 * 1024);
});
