import { assert } from "@std/assert";
import { systemEnvironment } from "../../base/environment.ts";
import { clusteredVectors } from "../../tests/support/vector_data.ts";
import { newCounters } from "./search_counters.ts";
import { SegmentBuilder } from "./segment_builder.ts";
import { VectorIndex } from "./vector_index.ts";

const QUERIES = 40;

/** Rows of one cloud, and queries from it. */
const ROWS = clusteredVectors({
  seed: 11,
  count: 16_000 + QUERIES,
  dims: 8,
  clusters: 60,
  spread: 0.5,
});

function indexOf(count: number): VectorIndex {
  const builder = new SegmentBuilder({
    dims: 8,
    metric: "l2",
    m: 16,
    efConstruction: 64,
    seed: 1,
    environment: systemEnvironment,
  });
  for (let row = 0; row < count; row++) builder.add(row, ROWS[row]!, 1);
  const index = new VectorIndex({ dims: 8, metric: "l2" });
  index.addSealed(builder.build({ from: 0, to: 9 }).finish().segment);
  return index;
}

/** Nodes that a walk of the width looks at, on average. */
function nodesLookedAt(index: VectorIndex, ef: number): number {
  const counters = newCounters();
  for (const query of ROWS.slice(-QUERIES)) {
    index.search(query, { k: 10, ef, plan: "graph", counters }).next(10);
  }
  return counters.nodes / QUERIES;
}

Deno.test("[K-172] sixteen times the rows take a walk less than twice the nodes", () => {
  const few = nodesLookedAt(indexOf(1000), 50);
  const many = nodesLookedAt(indexOf(16_000), 50);
  assert(few > 50 && many < 2 * few, `${few} and ${many} nodes`);
});
