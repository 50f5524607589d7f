import { assertEquals } from "@std/assert";
import { FaultyStore } from "../../testing/faulty_store.ts";
import { MemoryBucket, MemoryStore } from "../object_store/memory_store.ts";
import { moveBoundary, readBoundary } from "./boundary.ts";
import { ATTEMPT_BYTES, type Boundary } from "./boundary_codec.ts";

function boundary(number: number, fill: number): Boundary {
  return {
    number,
    attempt: new Uint8Array(ATTEMPT_BYTES).fill(fill),
    plan: [],
  };
}

Deno.test("the boundary moves from what was read, and from nothing else", async () => {
  const store = new MemoryStore();
  const none = await readBoundary(store);
  assertEquals(none.boundary.number, 0);
  const first = await moveBoundary(store, none, boundary(3, 1));
  assertEquals(first?.boundary.number, 3);
  assertEquals(await moveBoundary(store, none, boundary(4, 2)), undefined);
  const second = await moveBoundary(store, first!, boundary(5, 3));
  assertEquals(await moveBoundary(store, first!, boundary(9, 4)), undefined);
  assertEquals(await readBoundary(store), second);
});

Deno.test("a boundary whose answer was lost is read back", async () => {
  const bucket = new MemoryBucket();
  const store = new FaultyStore(new MemoryStore({ bucket }));
  store.inject("lostReply", { operation: "put" });
  const none = await readBoundary(store);
  const moved = await moveBoundary(store, none, boundary(3, 1));
  assertEquals(moved?.boundary.number, 3);
  store.inject("fail", { operation: "put" });
  assertEquals(await moveBoundary(store, moved!, boundary(4, 2)), undefined);
  assertEquals((await readBoundary(store)).boundary.number, 3);
});
