/**
 * The suite of vector indexes: every element and metric, every variant of kernels, with
 * exact scans and with graphs. A run replays from the seed in its failure.
 *
 * @module
 */
import { assert } from "@std/assert";
import { canQuantize, QUANTIZATIONS } from "../../vector/codes/quantization.ts";
import { KINDS_OF_VECTORS } from "../support/vector_elements.ts";
import { supportedVariants } from "../../vector/hnsw/create_kernels.ts";
import {
  runVectorIndexSuite,
  type VectorIndexRun,
} from "./vector_index_suite.ts";

/** Runs programs of several seeds; gives what they saw, added up. */
function runSeeds(
  run: Omit<VectorIndexRun, "seed">,
  seeds: number,
): { recall: number; sealed: number; reopened: number } {
  let hits = 0;
  let wanted = 0;
  let sealed = 0;
  let reopened = 0;
  for (let seed = 1; seed <= seeds; seed++) {
    try {
      const report = runVectorIndexSuite({ ...run, seed });
      hits += report.hits;
      wanted += report.wanted;
      sealed += report.sealed;
      reopened += report.reopened;
    } catch (error) {
      throw new Error(`failed with ${JSON.stringify({ ...run, seed })}`, {
        cause: error,
      });
    }
  }
  return { recall: hits / wanted, sealed, reopened };
}

for (const variant of supportedVariants()) {
  for (const kind of KINDS_OF_VECTORS) {
    const name = `${variant} ${kind.element} ${kind.metric}`;
    Deno.test(`vector index: ${name} gives exactly the visible rows`, () => {
      const report = runSeeds(
        {
          ...kind,
          variant,
          quantization: "auto",
          plan: "auto",
          steps: 120,
        },
        3,
      );
      assert(report.recall === 1, `recall ${report.recall}`);
      assert(report.sealed > 4 && report.reopened > 2);
    });

    Deno.test(`vector index: ${name} finds the visible rows by graphs`, () => {
      const report = runSeeds(
        {
          ...kind,
          variant,
          quantization: "none",
          plan: "graph",
          steps: 120,
        },
        3,
      );
      assert(report.recall >= 0.95, `recall ${report.recall}`);
      assert(report.sealed > 4 && report.reopened > 2);
    });
  }
}

for (const variant of supportedVariants()) {
  for (const quantization of QUANTIZATIONS.filter((each) => each !== "none")) {
    const kinds = KINDS_OF_VECTORS.filter(({ element, metric }) =>
      canQuantize(element, metric)
    );
    Deno.test(`vector index: ${variant} finds the visible rows by ${quantization}`, () => {
      for (const kind of kinds) {
        const report = runSeeds(
          { ...kind, variant, quantization, plan: "graph", steps: 120 },
          2,
        );
        const found = `${kind.element} ${kind.metric}: ${report.recall}`;
        assert(report.recall >= 0.95, found);
        assert(report.sealed > 3 && report.reopened > 1);
      }
    });
  }
}
