/**
 * Shares of a table's rows that conditions were seen to leave: what runs of plans
 * found out where the estimate was far off. An estimate asks here last.
 *
 * A condition is the set of its parts (`a = 1 AND b = 2` has two), as text. What was
 * measured for the same set is what counts; a set that has all parts of another leaves
 * no more rows than that, and one that has fewer no less:
 *
 * ```text
 * measured  {a = 1, b = 2}: 0.1
 * asked     {a = 1, b = 2}: 0.1    {a = 1}: ≥ 0.1    {a = 1, b = 2, c = 3}: ≤ 0.1
 * ```
 *
 * It is kept with the entry of the table and goes with it: a table that was altered is
 * another entry. ANALYZE forgets it, for it knows more. Each table keeps
 * {@linkcode CONDITIONS_MAX}; the least recently measured goes first.
 *
 * Invariant: nothing here changes what a query gives, only how it is found.
 *
 * @module
 */
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import { deparse } from "../analyzer/deparse.ts";
import { someExpression } from "../analyzer/walk.ts";
import type { CatalogView, TableEntry } from "../catalog/entries.ts";
import { conjunctsOf } from "../planner/conjuncts.ts";

/** How many conditions are kept of a table. */
export const CONDITIONS_MAX = 32;
/** Characters of a part; a list of a thousand values is not kept. */
const PART_LENGTH_MAX = 1000;

/** A table of a catalog. */
export interface MeasuredTable {
  readonly table: TableEntry;
  readonly catalog: Pick<CatalogView, "statisticsOf">;
}

/** What was measured of one table. */
interface TableShares {
  /** What ANALYZE knew then. */
  readonly statistics: unknown;
  readonly conditions: Map<string, MeasuredCondition>;
}

interface MeasuredCondition {
  readonly parts: ReadonlySet<string>;
  readonly share: number;
  /** The generation that it began. */
  readonly generation: number;
}

/** Shares differ by as much before a condition is learned anew. */
const SAME = 2;

/** The shares that were measured. */
export class MeasuredShares {
  readonly #tables = new WeakMap<TableEntry, TableShares>();
  #generation = 0;

  /** How often something was learned: plans are made by what was known then. */
  get generation(): number {
    return this.#generation;
  }

  /** What was known at a generation. */
  asOf(generation: number): Pick<MeasuredShares, "shareOf"> {
    return {
      shareOf: (of, condition, share) =>
        this.shareOf(of, condition, share, generation),
    };
  }

  /**
   * Keeps that conditions together left `share` of the rows.
   *
   * @returns whether it is kept: not where they depend on more than the row.
   */
  learn(
    of: MeasuredTable,
    conditions: readonly (BoundExpression | undefined)[],
    share: number,
  ): boolean {
    const parts = partsOf(conditions);
    if (parts === undefined || parts.size === 0) return false;
    let known = this.#sharesOf(of);
    if (known === undefined) {
      const statistics = of.catalog.statisticsOf(of.table.id);
      known = { statistics, conditions: new Map() };
      this.#tables.set(of.table, known);
    }
    const key = [...parts].sort().join("\0");
    const before = known.conditions.get(key)?.share;
    const isNew = before === undefined || before > share * SAME ||
      share > before * SAME;
    if (!isNew) return true;
    const generation = ++this.#generation;
    known.conditions.delete(key);
    known.conditions.set(key, { parts, share, generation });
    for (const oldest of known.conditions.keys()) {
      if (known.conditions.size <= CONDITIONS_MAX) break;
      known.conditions.delete(oldest);
    }
    return true;
  }

  /** The share that a condition leaves, which is expected to be `share`. */
  shareOf(
    of: MeasuredTable,
    condition: BoundExpression | undefined,
    share: number,
    generation: number = this.#generation,
  ): number {
    if (condition === undefined) return share;
    const known = this.#sharesOf(of);
    if (known === undefined) return share;
    const parts = textsOf([condition]);
    let [least, most] = [0, 1];
    for (const each of known.conditions.values()) {
      if (each.generation > generation) continue;
      const isPart = parts.isSubsetOf(each.parts);
      const isWhole = parts.isSupersetOf(each.parts);
      if (isPart && isWhole) return each.share;
      if (isPart) least = Math.max(least, each.share);
      if (isWhole) most = Math.min(most, each.share);
    }
    // What was measured at two moments may contradict itself.
    return Math.max(least, Math.min(most, share));
  }

  #sharesOf({ table, catalog }: MeasuredTable): TableShares | undefined {
    const known = this.#tables.get(table);
    if (known === undefined) return undefined;
    return known.statistics === catalog.statisticsOf(table.id)
      ? known
      : undefined;
  }
}

/** The parts of conditions; `undefined` where they depend on more than the row. */
function partsOf(
  conditions: readonly (BoundExpression | undefined)[],
): ReadonlySet<string> | undefined {
  const isOpen = conditions.some((condition) =>
    condition !== undefined && someExpression(condition, dependsOnMore)
  );
  if (isOpen) return undefined;
  const parts = textsOf(conditions);
  for (const part of parts) {
    if (part.length > PART_LENGTH_MAX) return undefined;
  }
  return parts;
}

function textsOf(
  conditions: readonly (BoundExpression | undefined)[],
): Set<string> {
  return new Set(
    conditions.flatMap((condition) => conjunctsOf(condition))
      .map((part) => deparse(part, { column: ({ column }) => `#${column}` })),
  );
}

/** Whether a value is another in each run. */
function dependsOnMore(expression: BoundExpression): boolean {
  switch (expression.kind) {
    case "parameter":
    case "outer":
    case "subquery":
      return true;
    case "call":
      return expression.function.volatility === "volatile";
    default:
      return false;
  }
}
