import { assertEquals } from "@std/assert";
import type {
  VectorBatch,
  VectorCursor,
} from "../../vector/segments/vector_cursor.ts";
import type { NearestBatch } from "./index_access.ts";
import { OverlaidCursor } from "./hnsw_own_writes.ts";

/** A cursor over rows at the distances `distances`, named by their place. */
function cursorOf(distances: readonly number[]): VectorCursor {
  let given = 0;
  let calls = 0;
  const next = (wanted: number): VectorBatch => {
    if (++calls > 50) throw new Error("asked again and again");
    const some = distances.slice(given, given + wanted);
    const locators = Float64Array.from(some, (_, i) => given + i);
    given += some.length;
    return {
      count: some.length,
      locators,
      distances: Float64Array.from(some),
    } as VectorBatch;
  };
  return { next } as unknown as VectorCursor;
}

function take(cursor: OverlaidCursor, wanted: number): number[][] {
  const batches: number[][] = [];
  for (;;) {
    const { count, locators } = cursor.next(wanted) as NearestBatch;
    if (count === 0) return batches;
    batches.push([...locators.subarray(0, count)]);
  }
}

const L2 = { metric: "l2", element: "float32" } as const;
const ORIGIN = Float32Array.of(0);
const at = (distance: number): Float32Array => Float32Array.of(distance);

Deno.test("OverlaidCursor puts own rows among the others, and hides what they replace", () => {
  const changes = [
    { tid: 1, vector: undefined },
    { tid: 2, vector: at(9) },
    { tid: 100, vector: at(0.5) },
    { tid: 101, vector: at(99) },
  ];
  const cursor = new OverlaidCursor(
    cursorOf([0, 1, 2, 3, 4]),
    changes,
    ORIGIN,
    L2,
  );
  assertEquals(take(cursor, 2).flat(), [0, 100, 3, 4, 2, 101]);
});

Deno.test("OverlaidCursor goes on past batches that are hidden altogether", () => {
  const changes = [0, 1, 2, 3].map((tid) => ({ tid, vector: undefined }));
  const some = new OverlaidCursor(
    cursorOf([1, 2, 3, 4, 5]),
    changes,
    ORIGIN,
    L2,
  );
  assertEquals(take(some, 2), [[4]]);
  const all = new OverlaidCursor(cursorOf([1, 2, 3, 4]), changes, ORIGIN, L2);
  assertEquals(take(all, 2), []);
});

Deno.test("OverlaidCursor ends though nothing is wanted, which once took for ever", () => {
  const changes = [{ tid: 0, vector: undefined }];
  const all = new OverlaidCursor(cursorOf([1]), changes, ORIGIN, L2);
  assertEquals(take(all, 0), []);
  const none = new OverlaidCursor(cursorOf([1, 2]), [], ORIGIN, L2);
  assertEquals(take(none, 0), [[0], [1]]);
});
