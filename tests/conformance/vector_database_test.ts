/**
 * Every kind of vector index, with every quantization, against exact search
 * through SQL: a run replays from the seed in its failure.
 *
 *     deno test -A tests/conformance/vector_database_test.ts -- --seed=7 --steps=400 --rows=20000
 *
 * @module
 */
import { assert } from "@std/assert";
import { canQuantize, QUANTIZATIONS } from "../../vector/codes/quantization.ts";
import type { Metric, VectorElement } from "../../vector/distance/metric.ts";
import { testArgument, testSeed } from "../support/test_seed.ts";
import {
  runVectorDatabaseSuite,
  type VectorIndexKind,
} from "./vector_database_suite.ts";

const STEPS = Number(testArgument("steps") ?? 20);
const ROWS = Number(testArgument("rows") ?? 1200);

/** Each element once, with metrics that take turns. */
const VECTORS: readonly (readonly [VectorElement, Metric])[] = [
  ["float32", "cosine"],
  ["float32", "l1"],
  ["float32", "l2"],
  ["float16", "inner_product"],
  ["sparse", "l2"],
  ["bit", "jaccard"],
];

const KINDS: readonly VectorIndexKind[] = VECTORS.flatMap(
  ([element, metric]): VectorIndexKind[] => [
    ...QUANTIZATIONS.filter((quantization) =>
      quantization === "none" || canQuantize(element, metric)
    ).map((quantization): VectorIndexKind => ({
      method: "lsm_hnsw",
      element,
      metric,
      options: `quantization = ${quantization}`,
    })),
    ...canQuantize(element, metric)
      ? [{
        method: "lsm_hnsw",
        element,
        metric,
        options: "vectors = bucket",
      }] as const
      : [],
    ...element === "sparse" ? [] : [
      { method: "lsm_ivfflat", element, metric } as const,
    ],
    ...canQuantize(element, metric) && element !== "sparse"
      ? [
        {
          method: "lsm_ivfflat",
          element,
          metric,
          options: "quantization = pq, pq_m = 5",
        },
      ] as const
      : [],
  ],
);

for (const [i, kind] of KINDS.entries()) {
  const { method, element, metric, options = "" } = kind;
  Deno.test(`[K-178] ${method} of ${element} by ${metric} ${options} keeps to the rows`, async () => {
    const run = { ...kind, seed: testSeed() + i, steps: STEPS, rows: ROWS };
    const recall = await runVectorDatabaseSuite(run).catch((cause) => {
      throw new Error(`failed with ${JSON.stringify(run)}`, { cause });
    });
    assert(recall >= 0.95, `recall ${recall} with ${JSON.stringify(run)}`);
  });
}
