/**
 * The cheapest tree of inner joins, by dynamic programming over the connected
 * sets of inputs (Moerkotte and Neumann's DPsub): the best tree of a set is made
 * of the best trees of two parts of it.
 *
 * | join | costs, besides its parts |
 * | --- | --- |
 * | hash | each row of the smaller side kept, of the larger looked up |
 * | by an index | a lookup for each row of the other side, instead of the scan |
 *
 * In the unit of `estimate.ts`. Sets that nothing connects have no tree.
 *
 * @module
 */
import type { JoinGraph, JoinTree } from "./join_graph.ts";

/** A row that goes through a join. */
const ROW = 0.01;
/** A row that is kept in a hash table. */
const KEPT_ROW = 0.02;

interface Best {
  readonly cost: number;
  readonly tree: JoinTree;
}

/** The cheapest tree; nothing where conditions do not connect all inputs. */
export function searchJoins(graph: JoinGraph): JoinTree | undefined {
  const all = 2 ** graph.count - 1;
  const best: (Best | undefined)[] = new Array(all + 1);
  for (let input = 0; input < graph.count; input++) {
    best[1 << input] = { cost: graph.costOf(input), tree: input };
  }
  for (let set = 1; set <= all; set++) {
    if ((set & (set - 1)) !== 0) best[set] = bestOf(graph, set, best);
  }
  return best[all]?.tree;
}

/** The cheapest join of two parts of a set. */
function bestOf(
  graph: JoinGraph,
  set: number,
  best: readonly (Best | undefined)[],
): Best | undefined {
  // Of trees that cost the same, the one that was written.
  const last = 1 << (31 - Math.clz32(set));
  let chosen = joinOf(graph, set ^ last, last, best);
  // All parts but the set itself; the other part is what is left of it.
  for (let part = (set - 1) & set; part > 0; part = (part - 1) & set) {
    const join = joinOf(graph, part, set ^ part, best);
    if (join !== undefined && join.cost < (chosen?.cost ?? Infinity)) {
      chosen = join;
    }
  }
  return chosen;
}

/** The join of two sets, if there are joins of both and a condition between. */
function joinOf(
  graph: JoinGraph,
  part: number,
  other: number,
  best: readonly (Best | undefined)[],
): Best | undefined {
  const left = best[part];
  const right = best[other];
  if (left === undefined || right === undefined) return undefined;
  if (!graph.connects(part, other)) return undefined;
  const cost = joinCost(graph, { part, other, left, right });
  return { cost, tree: [left.tree, right.tree] };
}

/** The cost of a join in which the right side is kept, or looked up. */
function joinCost(
  graph: JoinGraph,
  { part, other, left, right }: {
    readonly part: number;
    readonly other: number;
    readonly left: Best;
    readonly right: Best;
  },
): number {
  const lefts = graph.rowsOf(part);
  const hashed = right.cost + lefts * ROW + graph.rowsOf(other) * KEPT_ROW;
  const looked = typeof right.tree === "number"
    ? graph.lookupCost(part, right.tree)
    : Infinity;
  return left.cost + Math.min(hashed, looked) +
    graph.rowsOf(part | other) * ROW;
}
