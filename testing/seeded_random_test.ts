import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { SeededRandom } from "./seeded_random.ts";

Deno.test("SeededRandom gives the numbers of its seed, now and always", () => {
  const random = new SeededRandom(1);
  const first = [random.uint32(), random.uint32(), random.uint32()];
  const again = new SeededRandom(1);
  assertEquals([again.uint32(), again.uint32(), again.uint32()], first);
  // Pinned: failures are reported by seed, and seeds must keep their meaning.
  assertEquals(first, [1066949560, 54051911, 2612565034]);
  assertNotEquals(new SeededRandom("1").uint32(), first[0]);
  assertNotEquals(new SeededRandom(2).uint32(), first[0]);
});

Deno.test("SeededRandom spreads evenly over its range", () => {
  const random = new SeededRandom(42);
  const counts = new Array<number>(10).fill(0);
  let sum = 0;
  for (let i = 0; i < 100_000; i++) {
    const value = random.next();
    assert(value >= 0 && value < 1);
    sum += value;
    counts[Math.floor(value * 10)]!++;
  }
  assert(Math.abs(sum / 100_000 - 0.5) < 0.005, `mean ${sum / 100_000}`);
  for (const count of counts) assert(Math.abs(count - 10_000) < 500);
  for (let i = 0; i < 1000; i++) {
    const value = random.between({ min: 5, max: 7 });
    assert(value >= 5 && value < 7);
    assert([0, 1, 2].includes(random.below(3)));
  }
  assertEquals(random.chance(0), false);
  assertEquals(random.chance(1), true);
});

Deno.test("SeededRandom fills bytes of every length", () => {
  const random = new SeededRandom(7);
  for (let length = 0; length < 20; length++) {
    const bytes = random.fill(new Uint8Array(length));
    assertEquals(bytes.length, length);
    if (length > 8) assert(new Set(bytes).size > 3);
  }
});

Deno.test("a fork goes its own way", () => {
  const one = new SeededRandom(3);
  const fork = one.fork();
  const next = one.uint32();
  const two = new SeededRandom(3);
  two.fork();
  for (let i = 0; i < 10; i++) fork.uint32();
  assertEquals(two.uint32(), next);
});
