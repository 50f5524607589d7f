import { assertEquals } from "@std/assert";
import { SnapshotRegistry } from "./snapshot.ts";

Deno.test("the oldest snapshot is the lowest that is still held", () => {
  const registry = new SnapshotRegistry();
  assertEquals(registry.oldest(9), 9);
  const five = registry.hold(5);
  const again = registry.hold(5);
  const seven = registry.hold(7);
  assertEquals([registry.count, registry.oldest(9)], [2, 5]);
  five.release();
  assertEquals([registry.count, registry.oldest(9)], [2, 5]);
  five.release(); // Twice is once.
  assertEquals([registry.count, registry.oldest(9)], [2, 5]);
  again.release();
  assertEquals([registry.count, registry.oldest(9)], [1, 7]);
  assertEquals(registry.oldest(6), 6);
  seven.release();
  assertEquals([registry.count, registry.oldest(9)], [0, 9]);
});
