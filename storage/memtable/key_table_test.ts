import { assertEquals } from "@std/assert";
import { fc } from "fast-check";
import { hashBytes, KeyTable } from "./key_table.ts";

Deno.test("KeyTable agrees with a map through sets and removals", () => {
  const key = fc.uint8Array({ minLength: 1, maxLength: 3, max: 5 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(key, fc.boolean()), { maxLength: 400, size: "max" }),
      (steps) => {
        const keys: Uint8Array[] = [new Uint8Array(0)];
        const table = new KeyTable({
          isKey: (node, bytes, start, end) =>
            keys[node]!.join() === bytes.subarray(start, end).join(),
        });
        const model = new Map<string, number>();
        for (const [bytes, remove] of steps) {
          const name = bytes.join();
          const known = model.get(name) ?? 0;
          assertEquals(table.find(bytes, 0, bytes.length), known);
          if (remove && known !== 0) {
            table.remove(bytes, 0, bytes.length);
            model.delete(name);
          } else if (!remove) {
            const node = keys.push(bytes) - 1;
            assertEquals(table.set(bytes, 0, bytes.length, node), known);
            model.set(name, node);
          }
        }
        for (const bytes of keys.slice(1)) {
          assertEquals(
            table.find(bytes, 0, bytes.length),
            model.get(bytes.join()) ?? 0,
          );
        }
      },
    ),
    { numRuns: 200 },
  );
});

Deno.test("hashBytes spreads consecutive keys over the slots", () => {
  const slots = new Set<number>();
  const bytes = new Uint8Array(10);
  for (let i = 0; i < 4096; i++) {
    new DataView(bytes.buffer).setUint32(6, i);
    slots.add(hashBytes(bytes, 0, 10) & 8191);
  }
  // Of 4096 balls in 8192 urns, chance fills 3223.
  assertEquals(slots.size > 2900, true, `${slots.size} slots`);
});
