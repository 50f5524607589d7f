import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { forEachOf, isPromise } from "./maybe_promise.ts";

Deno.test("forEachOf is done at once when nothing waits, and throws at once", () => {
  const seen: number[] = [];
  const done = forEachOf([1, 2, 3], 2, (item) => {
    seen.push(item);
  });
  assertEquals([done, seen], [undefined, [1, 2, 3]]);
  const error = new Error("no");
  assertThrows(
    () =>
      forEachOf([1], 2, () => {
        throw error;
      }),
    Error,
    "no",
  );
});

Deno.test("forEachOf has so many waiting at a time, and all of them in the end", async () => {
  let waiting = 0;
  let waitingMax = 0;
  const seen: number[] = [];
  const items = Array.from({ length: 20 }, (_, i) => i);
  await forEachOf(items, 4, (item) => {
    if (item % 3 === 0) {
      seen.push(item);
      return;
    }
    waitingMax = Math.max(waitingMax, ++waiting);
    return Promise.resolve().then(() => {
      waiting--;
      seen.push(item);
    });
  });
  assertEquals(waitingMax, 4);
  assertEquals(seen.toSorted((a, b) => a - b), items);
});

Deno.test("a failure of forEachOf is told once, whoever else fails, now or later", async () => {
  for (const atOnce of [1, 3, 9]) {
    const done = forEachOf([1, 2, 3, 4], atOnce, (item) => {
      if (item === 3) throw new Error("now");
      return Promise.reject(new Error(`later ${item}`));
    });
    assertEquals(isPromise(done), true);
    await assertRejects(() => Promise.resolve(done), Error, "later 1");
  }
});
