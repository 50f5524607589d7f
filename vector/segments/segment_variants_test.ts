import { assert, assertEquals } from "@std/assert";
import { systemEnvironment } from "../../base/environment.ts";
import { clusteredVectors } from "../../tests/support/vector_data.ts";
import { type Quantization, QUANTIZATIONS } from "../codes/quantization.ts";
import { supportedVariants } from "../hnsw/create_kernels.ts";
import type { KernelVariant } from "../kernels/kernels.ts";
import type { SealedSegment } from "./sealed_segment.ts";
import { SegmentBuilder } from "./segment_builder.ts";
import { encodeSegment } from "./segment_encoder.ts";
import { decodeSegment } from "./segment_loader.ts";
import { VectorIndex } from "./vector_index.ts";

const DIMS = 40;
const VARIANTS: readonly KernelVariant[] = ["relaxed-simd", "simd", "plain"];

const ROWS = clusteredVectors({
  seed: 31,
  count: 1220,
  dims: DIMS,
  clusters: 12,
  spread: 0.5,
});

function build(
  variant: KernelVariant,
  quantization: Quantization,
  leavesRows: boolean,
): SealedSegment {
  const builder = new SegmentBuilder({
    dims: DIMS,
    metric: "cosine",
    quantization,
    leavesRows,
    m: 6,
    efConstruction: 40,
    seed: 9,
    variant,
    environment: systemEnvironment,
  });
  ROWS.slice(0, 1200).forEach((row, i) => builder.add(i, row, 1));
  return builder.build({ from: 0, to: 1 }).finish().segment;
}

/** What walks of the graph find for each query. */
function search(segment: SealedSegment): number[][] {
  const index = new VectorIndex({ dims: DIMS, metric: "cosine" });
  index.addSealed(segment);
  return ROWS.slice(1200).map((query) => [
    ...index.search(query, { plan: "graph", ef: 60 }).next(10).locators,
  ]);
}

Deno.test("a segment of a build with relaxed SIMD is loaded without it, and the other way about: the same bytes, the same rows", () => {
  assert(supportedVariants().includes("relaxed-simd"));
  for (const quantization of QUANTIZATIONS) {
    for (const leavesRows of [false, true]) {
      const made = VARIANTS.slice(0, 2).map((variant) =>
        encodeSegment(build(variant, quantization, leavesRows))
      );
      for (const bytes of made) {
        const loaded = VARIANTS.map((variant) =>
          decodeSegment(bytes, variant, { variant })
        );
        for (const segment of loaded) {
          assertEquals(encodeSegment(segment), bytes);
        }
        const [relaxed, simd, plain] = loaded.map(search);
        assertEquals(plain, simd);
        // Fused products round otherwise: rows as far as each other may change.
        const same = relaxed!.flatMap((rows, i) =>
          rows.filter((row) => simd![i]!.includes(row))
        );
        assert(same.length >= 0.99 * simd!.flat().length, `${same.length}`);
      }
    }
  }
});
