import { assertEquals } from "@std/assert";
import { bytes, put } from "../../tests/support/lsm_contents.ts";
import { entriesOf } from "../../tests/support/lsm_contents.ts";
import { MemoryStore } from "../object_store/memory_store.ts";
import { ChangeHolds } from "./change_holds.ts";
import { LsmStore } from "./lsm_store.ts";

Deno.test("ChangeHolds gives the lowest of what is held and what is asked for", () => {
  const holds = new ChangeHolds();
  const one = holds.hold(1, 5);
  const other = holds.hold(1, 9);
  const floors = new Map([[1, 7], [2, 3]]);
  assertEquals([...holds.lower(floors)], [[1, 5], [2, 3]]);
  one.advance(8);
  one.advance(6);
  assertEquals(holds.lower(floors).get(1), 7);
  assertEquals(holds.lower(new Map()).get(1), 8);
  one.release();
  one.release();
  assertEquals(holds.lower(new Map()).get(1), 9);
  other.release();
  assertEquals(holds.lower(new Map()).size, 0);
});

Deno.test("deletions whose changes are held outlive a compaction to the bottom", async () => {
  const store = await LsmStore.open(new MemoryStore());
  const prefix = new DataView(bytes("idx1").buffer).getUint32(0);
  const hold = store.holdChanges(prefix, 1);
  await put(store, { idx1a: "1", rows: "1", z: "1" });
  await store.flush();
  await put(store, { idx1a: undefined, rows: undefined });
  await put(store, { other: "2", z: "2" });
  await store.compact();
  const kept = async (): Promise<string[]> => {
    const sources = await Promise.all(store.changesSince({}, -1));
    const entries = await Promise.all(sources.map(entriesOf));
    return entries.flat().map(({ key, sequence }) => `${key} ${sequence}`);
  };
  assertEquals(await kept(), ["idx1a 2", "idx1a 1", "other 3", "z 3"]);
  hold.release();
  await put(store, { other: "3", a: "3" });
  await store.compact();
  assertEquals(await kept(), ["a 4", "other 4", "z 3"]);
  await store.close();
});
