import { assertEquals, assertThrows } from "@std/assert";
import { findCycle, type History } from "./history.ts";

/** A history; `writes` says who appended what, as value: transaction. */
function historyOf(
  writes: Record<number, number>,
  lists: Record<number, number[]>,
  reads: Record<number, Record<number, number[]>>,
): History {
  const ids = new Set([
    ...Object.values(writes),
    ...Object.keys(reads).map(Number),
  ]);
  return {
    writerOf: new Map(Object.entries(writes).map(([v, id]) => [Number(v), id])),
    lists: new Map(Object.entries(lists).map(([k, list]) => [Number(k), list])),
    transactions: [...ids].map((id) => ({
      id,
      reads: Object.entries(reads[id] ?? {}).map(([key, list]) => ({
        key: Number(key),
        list,
      })),
    })),
  };
}

Deno.test("findCycle finds write skew, lost updates, and nothing in what is serial", () => {
  const serial = historyOf({ 10: 1, 20: 2 }, { 1: [10, 20] }, {
    1: { 1: [] },
    2: { 1: [10] },
    3: { 1: [10] },
  });
  assertEquals(findCycle(serial), undefined);
  // Each read what the other then wrote.
  const skew = historyOf({ 10: 1, 20: 2 }, { 1: [10], 2: [20] }, {
    1: { 2: [] },
    2: { 1: [] },
  });
  assertEquals(findCycle(skew)?.toSorted(), [1, 2]);
  // Both read the empty list and appended to it.
  const lost = historyOf({ 10: 1, 20: 2 }, { 1: [10, 20] }, {
    1: { 1: [] },
    2: { 1: [] },
  });
  assertEquals(findCycle(lost)?.toSorted(), [1, 2]);
  // Through a third that only read (Fekete, O'Neil, O'Neil, 2004).
  const readOnly = historyOf({ 10: 1, 20: 2 }, { 1: [10], 2: [20] }, {
    1: { 2: [] },
    3: { 1: [], 2: [20] },
  });
  assertEquals(findCycle(readOnly)?.toSorted(), [1, 2, 3]);
});

Deno.test("findCycle refuses values that nobody committed, and lists that are no prefix", () => {
  const dirty = historyOf({}, { 1: [10] }, {});
  assertThrows(() => findCycle(dirty), Error, "nobody committed");
  const torn = historyOf({ 10: 1, 20: 2 }, { 1: [10, 20] }, { 3: { 1: [20] } });
  assertThrows(() => findCycle(torn), Error, "which is [10,20]");
});
