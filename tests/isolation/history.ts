/**
 * Whether a history of transactions over lists is serializable: its dependency
 * graph has no cycle (Adya, "Weak Consistency", 1999; the list-append workload
 * of Kingsbury and Alvaro, "Elle", 2020).
 *
 * Every key holds a list, every append a value that nobody else appends, so a
 * read says which version it saw, and the final list in which order versions
 * came.
 *
 * | edge | from | to |
 * | --- | --- | --- |
 * | ww | who appended a value | who appended the next |
 * | wr | who appended the last value of a list | who read that list |
 * | rw | who read a list | who appended the next value |
 *
 * A predicate read (the keys of a group) sees of each key of the group a list,
 * the empty one where it has none.
 *
 * @module
 */

/** What one transaction did, in order. */
export interface DoneTransaction {
  /** Its number. */
  readonly id: number;
  /** Lists that it read, by key, but for its own values. */
  readonly reads: readonly { key: number; list: readonly number[] }[];
}

/** A committed history. */
export interface History {
  /** The transactions that committed. */
  readonly transactions: readonly DoneTransaction[];
  /** Who appended a value. */
  readonly writerOf: ReadonlyMap<number, number>;
  /** The lists at the end, by key. */
  readonly lists: ReadonlyMap<number, readonly number[]>;
}

/**
 * A cycle of transactions, `undefined` if there is none.
 *
 * @throws {Error} for what no serializable or snapshot history has: a value
 * that nobody committed, a list that is no prefix of the final one.
 */
export function findCycle(history: History): number[] | undefined {
  return cycleOf(dependencies(history));
}

function dependencies(
  { transactions, writerOf, lists }: History,
): Map<number, Set<number>> {
  const edges = new Map<number, Set<number>>();
  const committed = new Set(transactions.map(({ id }) => id));
  const add = (from: number | undefined, to: number | undefined): void => {
    if (from === undefined || to === undefined || from === to) return;
    let targets = edges.get(from);
    if (targets === undefined) edges.set(from, targets = new Set());
    targets.add(to);
  };
  for (const [key, list] of lists) {
    for (const [i, value] of list.entries()) {
      const writer = writerOf.get(value);
      if (writer === undefined || !committed.has(writer)) {
        throw new Error(`key ${key} has ${value}, which nobody committed`);
      }
      if (i > 0) add(writerOf.get(list[i - 1]!), writer);
    }
  }
  for (const { id, reads } of transactions) {
    for (const { key, list } of reads) {
      const final = lists.get(key) ?? [];
      if (list.some((value, i) => final[i] !== value)) {
        throw new Error(
          `transaction ${id} read [${list}] of key ${key}, which is [${final}]`,
        );
      }
      add(writerOf.get(list.at(-1)!), id);
      add(id, nextOther(final, list.length, writerOf, id));
    }
  }
  return edges;
}

/** Who appended the first value from `at` on that is not of `id` itself. */
function nextOther(
  final: readonly number[],
  at: number,
  writerOf: ReadonlyMap<number, number>,
  id: number,
): number | undefined {
  for (let i = at; i < final.length; i++) {
    const writer = writerOf.get(final[i]!);
    if (writer !== id) return writer;
  }
  return undefined;
}

function cycleOf(edges: Map<number, Set<number>>): number[] | undefined {
  const done = new Set<number>();
  const path: number[] = [];
  const visit = (id: number): number[] | undefined => {
    const at = path.indexOf(id);
    if (at >= 0) return path.slice(at);
    if (done.has(id)) return undefined;
    path.push(id);
    for (const next of edges.get(id) ?? []) {
      const cycle = visit(next);
      if (cycle !== undefined) return cycle;
    }
    path.pop();
    done.add(id);
    return undefined;
  };
  for (const id of edges.keys()) {
    const cycle = visit(id);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}
