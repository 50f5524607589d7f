import { assertEquals, assertThrows } from "@std/assert";
import { KriyaError } from "../../base/errors.ts";
import { bytes } from "../../tests/support/lsm_contents.ts";
import {
  GC_BOUNDARY_PATH,
  pinPath,
  walPath,
} from "../object_store/object_path.ts";
import {
  ATTEMPT_BYTES,
  decodeBoundary,
  encodeBoundary,
  PLAN_PATHS_MAX,
} from "./boundary_codec.ts";

const attempt = new Uint8Array(ATTEMPT_BYTES).fill(7);

Deno.test("a boundary is read as it was written", () => {
  const plan = [walPath(3), walPath(4)];
  const boundary = { number: 12, attempt, plan };
  assertEquals(decodeBoundary(encodeBoundary(boundary)), boundary);
});

Deno.test("a plan of what is never collected is corrupt", () => {
  for (const path of [GC_BOUNDARY_PATH, pinPath("a"), "wal/7", "other"]) {
    const stored = encodeBoundary({ number: 1, attempt, plan: [path] });
    const error = assertThrows(() => decodeBoundary(stored), KriyaError);
    assertEquals(error.kind, "corrupt");
    assertEquals(error.message.includes(GC_BOUNDARY_PATH), true);
  }
});

Deno.test("a plan is bounded", () => {
  const plan = Array.from({ length: PLAN_PATHS_MAX }, (_, i) => walPath(i));
  const stored = encodeBoundary({ number: 1, attempt, plan });
  assertEquals(decodeBoundary(stored).plan.length, PLAN_PATHS_MAX);
  assertEquals(stored.length < 45_000, true);
  assertThrows(
    () => encodeBoundary({ number: 1, attempt, plan: [...plan, "wal/1"] }),
    KriyaError,
    "too long",
  );
});

Deno.test("what is no boundary is corrupt", () => {
  for (const text of ["", "null", `{"boundary":7}`]) {
    const error = assertThrows(() => decodeBoundary(bytes(text)), KriyaError);
    assertEquals(error.kind, "corrupt");
  }
});
