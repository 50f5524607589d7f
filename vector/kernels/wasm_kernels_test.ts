import { assert, assertEquals } from "@std/assert";
import { type AnyVector, distanceOf, type Metric } from "../distance/metric.ts";
import { SparseVector } from "../types/sparse_vector.ts";
import {
  asElement,
  dimsAs,
  KINDS_OF_VECTORS,
} from "../../tests/support/vector_elements.ts";
import { norm } from "../distance/reference.ts";
import { supportedVariants } from "../hnsw/create_kernels.ts";
import { SeededRandom } from "../hnsw/seeded_random.ts";
import { SegmentMemory } from "../hnsw/segment_memory.ts";
import { wasmBytes } from "./wasm_kernels.ts";

/** Kinds of components: what a kernel may meet. */
const KINDS: Record<string, (random: SeededRandom) => number> = {
  ordinary: (random) => random.next() / 2 ** 31 - 1,
  mixed: (random) =>
    (random.next() / 2 ** 31 - 1) * 10 ** (random.below(9) - 4),
  tiny: (random) => (random.next() / 2 ** 31 - 1) * 1e-22,
  denormal: (random) => (random.next() / 2 ** 31 - 1) * 1e-40,
  huge: (random) => (random.next() / 2 ** 31 - 1) * 3e38,
  sparse: (random) => random.below(8) > 0 ? 0 : random.next() / 2 ** 32,
};

/** Every length up to 70, then some of each remainder up to 2100. */
function lengths(): number[] {
  const all: number[] = [];
  for (let n = 1; n <= 70; n++) all.push(n);
  for (let n = 71; n <= 2100; n += 97) all.push(n);
  return [...all, 384, 768, 1024, 1536, 2048, 2100];
}

function componentsOf(vector: AnyVector): Float32Array {
  return vector instanceof SparseVector
    ? vector.toDense()
    : vector as Float32Array;
}

/** A distance in 64 bits, and the sum of the magnitudes it is made of. */
function exact(
  metric: Metric,
  a: Float32Array,
  b: Float32Array,
): { distance: number; scale: number } {
  let sum = 0;
  let scale = 0;
  for (let i = 0; i < a.length; i++) {
    const term = metric === "l2"
      ? (a[i]! - b[i]!) ** 2
      : metric === "l1"
      ? Math.abs(a[i]! - b[i]!)
      : a[i]! * b[i]!;
    sum += term;
    scale += Math.abs(term);
  }
  if (metric === "l2" || metric === "l1") return { distance: sum, scale };
  if (metric === "inner_product") return { distance: -sum, scale };
  const norms = norm(a) * norm(b);
  return { distance: 1 - sum / norms, scale: 1 };
}

/** Whether a kernel's distance is right but for the rounding of its sums. */
function isRight(
  metric: Metric,
  actual: number,
  x: AnyVector,
  y: AnyVector,
): boolean {
  if (metric === "hamming" || metric === "jaccard") {
    return Math.abs(distanceOf(metric, "bit")(x, y) - actual) < 1e-6;
  }
  const [a, b] = [componentsOf(x), componentsOf(y)];
  const { distance, scale } = exact(metric, a, b);
  if (Number.isNaN(distance)) return Number.isNaN(actual);
  // Sums that leave 32 bits are infinite, or NaN where both signs do.
  if (!(scale < 1e38)) return scale > 3e38 || !Number.isNaN(actual);
  // Elements of sparse rows are summed one after the other.
  const lanes = x instanceof SparseVector ? 1 : 8;
  const rounding = (a.length / lanes + 16) * 2 ** -24 * scale;
  return Math.abs(actual - distance) <= rounding + a.length * 2 ** -149;
}

for (const variant of supportedVariants()) {
  Deno.test(`kernels: ${variant} distances are right, at any length and size`, () => {
    const random = new SeededRandom(0xd15);
    let compared = 0;
    for (const dims of lengths()) {
      for (const { element, metric } of KINDS_OF_VECTORS) {
        const options = { dims: dimsAs(element, dims), metric, element };
        const memory = new SegmentMemory({ ...options, variant });
        const kinds = Object.values(KINDS);
        const dense = kinds.map((kind) =>
          Float32Array.from({ length: dims }, () => kind(random))
        );
        dense.push(dense[0]!, new Float32Array(dims));
        const rows = dense.map((row) => asElement(element, row))
          .filter((row) => !(row instanceof SparseVector && row.count > 1000));
        memory.reserveRows(rows.length);
        rows.forEach((row, i) => memory.setRow(i, row));
        for (const query of rows) {
          memory.setQuery(query);
          memory.kernels.distanceRange(0, rows.length);
          const range = memory.distances.slice(0, rows.length);
          const ids = rows.map((_, i) => rows.length - 1 - i);
          memory.ids.set(ids);
          memory.kernels.distanceBatch(rows.length);
          rows.forEach((row, i) => {
            assert(
              isRight(metric, range[i]!, query, row),
              `${metric} ${dims} ${i}: ${range[i]}`,
            );
            assertEquals(memory.distances[rows.length - 1 - i], range[i]);
            compared++;
          });
        }
      }
    }
    assert(compared > 10_000);
  });

  Deno.test(`kernels: ${variant} gives NaN for the cosine to a zero vector, last of all`, () => {
    const memory = new SegmentMemory({ dims: 3, metric: "cosine", variant });
    memory.reserveRows(3);
    memory.setRow(0, new Float32Array(3));
    memory.setRow(1, Float32Array.of(-1, 0, 0));
    memory.setRow(2, Float32Array.of(1, 0, 0));
    memory.setQuery(Float32Array.of(2, 0, 0));
    assertEquals(memory.kernels.scan(5, 3), 3);
    assertEquals([...memory.outIds(3)], [2, 1, 0]);
    assertEquals([...memory.outDistances(3)], [0, 2, NaN]);
    memory.setQuery(new Float32Array(3));
    assertEquals(memory.kernels.scan(5, 3), 3);
    assertEquals([...memory.outIds(3)], [0, 1, 2]);
    assertEquals([...memory.outDistances(3)], [NaN, NaN, NaN]);
  });
}

Deno.test("kernels: plain SIMD is used where relaxed SIMD is not", () => {
  assert(WebAssembly.validate(wasmBytes("simd")));
  // Its module has no relaxed instruction: 0xfd and a number from 0x100 on.
  const hasRelaxed = (bytes: Uint8Array): boolean => {
    for (let i = 0; i + 2 < bytes.length; i++) {
      if (bytes[i] === 0xfd && bytes[i + 1] === 0x85 && bytes[i + 2] === 2) {
        return true;
      }
    }
    return false;
  };
  assertEquals(hasRelaxed(wasmBytes("simd")), false);
  assertEquals(hasRelaxed(wasmBytes("relaxed-simd")), true);
});
