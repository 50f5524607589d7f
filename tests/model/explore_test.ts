import { assert, assertEquals, assertThrows } from "@std/assert";
import { explore, formatViolation, type System } from "./explore.ts";

/** Two counters that go up to 3, one step at a time. */
function counters(wrongAt?: string): System<{ a: number; b: number }> {
  return {
    initial: { a: 0, b: 0 },
    parts: ({ a, b }) => [a, b],
    next({ a, b }, emit): void {
      if (a < 3) emit(`a ${a + 1}`, { a: a + 1, b });
      if (b < 3) emit(`b ${b + 1}`, { a, b: b + 1 });
    },
    wrong: (_, { a, b }) => `${a},${b}` === wrongAt ? "there" : undefined,
  };
}

Deno.test("explore visits every state once", () => {
  const found = explore(counters(), 100);
  assertEquals(found.states, 16);
  assertEquals(found.steps, 24);
  assertEquals(found.depth, 6);
  assertEquals([...found.labels], ["a", "b"]);
  assertEquals(found.violation, undefined);
});

Deno.test("explore gives a shortest trace to a violation", () => {
  const { violation } = explore(counters("2,1"), 100);
  assert(violation !== undefined);
  assertEquals(violation.trace, ["a 1", "a 2", "b 1"]);
  assertEquals(formatViolation(violation), "1. a 1\n2. a 2\n3. b 1\n=> there");
});

Deno.test("explore fails when a space is larger than it was told", () => {
  assertThrows(() => explore(counters(), 15), Error, "More than 15 states");
});
