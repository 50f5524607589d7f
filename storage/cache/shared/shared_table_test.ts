import { assert, assertEquals } from "@std/assert";
import { fc } from "fast-check";
import { hammer } from "../../../tests/support/hammer_worker.ts";
import { KEY_WORDS, SharedTable, WAYS } from "./shared_table.ts";

const SHAPE = { sets: 4, slotBytes: 64 };

function newTable(shape = SHAPE): SharedTable {
  const memory = new SharedArrayBuffer(SharedTable.bytesOf(shape));
  return new SharedTable(memory, 0, shape);
}

/** Key `n`, of set `n % 4`. */
function keyOf(n: number): Int32Array {
  return Int32Array.from(
    { length: KEY_WORDS },
    (_, i) => i === 0 ? n : i * 7919 ^ (i === KEY_WORDS - 1 ? 0 : n),
  );
}

const step = fc.record({
  key: fc.integer({ min: 0, max: 60 }),
  bytes: fc.option(fc.uint8Array({ maxLength: 64 }), { nil: undefined }),
});

Deno.test("a shared table has what was put last under a key, or nothing", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200, size: "max" }), (steps) => {
      const table = newTable();
      const model = new Map<number, Uint8Array>();
      for (const { key, bytes } of steps) {
        if (bytes === undefined) {
          table.remove(keyOf(key));
          model.delete(key);
          continue;
        }
        assert(table.write(keyOf(key), bytes) !== "refused");
        model.set(key, bytes);
        assertEquals(table.read(keyOf(key)), bytes);
      }
      let found = 0;
      for (let key = 0; key <= 60; key++) {
        const bytes = table.read(keyOf(key));
        if (bytes === undefined) continue;
        assertEquals(bytes, model.get(key));
        found++;
      }
      assertEquals(found, table.count().keys);
      assert(found >= Math.min(model.size, WAYS), `${found} of ${model.size}`);
    }),
    { numRuns: 100 },
  );
});

Deno.test("what is read stays while what is written once goes", () => {
  const table = newTable({ sets: 1, slotBytes: 8 });
  const outcomes = new Set<string>();
  table.write(keyOf(0), new Uint8Array([42]));
  for (let n = 1; n <= 200; n++) {
    assertEquals(table.read(keyOf(0)), new Uint8Array([42]), `after ${n}`);
    outcomes.add(table.write(keyOf(n), new Uint8Array([n])));
  }
  assertEquals([...outcomes], ["written", "replaced"]);
  assertEquals(table.count(), { keys: WAYS, bytes: WAYS });
});

Deno.test("stretches end where the bytes end; what is too long is refused", () => {
  const table = newTable();
  table.write(keyOf(1), new Uint8Array([1, 2, 3, 4, 5]));
  assertEquals(table.read(keyOf(1), 1, 3), new Uint8Array([2, 3]));
  assertEquals(table.read(keyOf(1), 4, 100), new Uint8Array([5]));
  assertEquals(table.read(keyOf(1), 9, 12), new Uint8Array(0));
  assertEquals(table.write(keyOf(1), new Uint8Array(65)), "refused");
  assertEquals(table.read(keyOf(1))?.length, 5);
});

Deno.test("a set whose lock was not given back is out of use, and the others are not", () => {
  const table = newTable();
  for (let n = 0; n < 4; n++) table.write(keyOf(n), new Uint8Array([n]));
  const broken = keyOf(2);
  table.breakSetOf(broken);
  assertEquals(table.read(broken), undefined);
  assertEquals(table.write(broken, new Uint8Array(1)), "refused");
  table.remove(broken);
  const found = [0, 1, 2, 3].filter((n) => table.read(keyOf(n)) !== undefined);
  assertEquals(found.length, 3);
});

Deno.test("threads that write and read the same keys never see bytes of two", async () => {
  const shape = { sets: 2, slotBytes: 4096 };
  const memory = new SharedArrayBuffer(SharedTable.bytesOf(shape));
  const done = await Promise.all(
    [1, 2, 3].map((seed) => hammer({ memory, shape, seed, rounds: 4000 })),
  );
  for (const { torn, hits, writes } of done) {
    assertEquals(torn, 0);
    assert(hits > 100 && writes > 100, `${hits} hits, ${writes} writes`);
  }
});
