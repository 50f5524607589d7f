import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { SimulatedEnvironment } from "../testing/simulated_environment.ts";
import { fencedError } from "./fenced_error.ts";
import { newWriterId, WRITER_ID_BYTES, writerIdBytes } from "./writer_id.ts";

Deno.test("a writer id is 16 random bytes, as text and back", () => {
  const environment = new SimulatedEnvironment({ seed: 5 });
  const id = newWriterId(environment);
  assertMatch(id, /^[0-9a-f]{32}$/);
  assertEquals(writerIdBytes(id).length, WRITER_ID_BYTES);
  assertEquals(writerIdBytes(id).toHex(), id);
  assertNotEquals(newWriterId(environment), id);
  assertEquals(newWriterId(new SimulatedEnvironment({ seed: 5 })), id);
});

Deno.test("a fenced writer's error says who owns the database and what to do", () => {
  const error = fencedError("memory:", "writer x of epoch 2");
  assertEquals([error.kind, error.code], ["fenced", "57P01"]);
  assertEquals(error.detail, "The owner is writer x of epoch 2.");
  assertEquals(fencedError("memory:").detail, undefined);
});
