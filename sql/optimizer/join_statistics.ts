/**
 * How many pairs an equality between two columns leaves, by what ANALYZE found
 * out about them, as PostgreSQL's `eqjoinsel` has it.
 *
 * Common values that both columns have meet with the product of their shares.
 * All others meet as if each of the values of the column with fewer had its
 * partners among those of the other: one in `max(distinct)` of the pairs.
 *
 * @module
 */
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import type { TableRelation } from "../analyzer/bound_tree.ts";
import type { LogicalPlan } from "../planner/logical_plan.ts";
import { inputsOf } from "../planner/plan_tree.ts";
import { type KnownColumn, knownColumn } from "./column_statistics.ts";
import { distinctTogether } from "./columns_statistics.ts";
import { Equivalences } from "./equivalences.ts";
import type { CostFacts } from "./facts.ts";
import { conditionsOf } from "./transitive_equality.ts";

/** What is known of the columns below a join. */
export class JoinStatistics {
  readonly #tables = new Map<number, TableRelation>();
  /** What inputs say of columns; absent: not asked for yet. */
  #fixed: Equivalences | undefined;
  readonly #inputs: readonly LogicalPlan[];
  readonly #facts: CostFacts;

  /** What is known below `inputs`. */
  constructor(inputs: readonly LogicalPlan[], facts: CostFacts) {
    this.#facts = facts;
    this.#inputs = inputs;
    for (const input of inputs) this.#collect(input);
  }

  #collect(plan: LogicalPlan): void {
    if ("table" in plan && "alias" in plan.table) {
      this.#tables.set(plan.table.relation, plan.table);
    }
    for (const input of inputsOf(plan)) this.#collect(input);
  }

  /** The share of pairs in which two columns are equal, if it is known. */
  pairShare(one: BoundExpression, other: BoundExpression): number | undefined {
    if (this.#isFixed(one) && this.#isFixed(other)) return 1;
    const a = this.#column(one);
    const b = this.#column(other);
    if (a === undefined || b === undefined) return undefined;
    if (a.common.length > 0 && b.common.length > 0) return commonPairs(a, b);
    const nulls = (1 - a.nullShare) * (1 - b.nullShare);
    return nulls / Math.max(a.distinct, b.distinct);
  }

  /** Whether a filter below leaves one value of a column. */
  #isFixed(column: BoundExpression): boolean {
    this.#fixed ??= new Equivalences(this.#inputs.flatMap(conditionsOf));
    return this.#fixed.isFixed(column);
  }

  /**
   * The share of pairs in which all of some pairs of values are equal. Where
   * those of one side are a key of its table, each row of the other has its one
   * partner, however much the columns depend on each other.
   */
  keysShare(
    keys: readonly (readonly [BoundExpression, BoundExpression])[],
  ): number | undefined {
    const shares = keys.map(([one, other]) => this.pairShare(one, other))
      .filter((share) => share !== undefined);
    const unique = [0, 1].map((side) =>
      this.#keyRows(keys.map((key) => key[side]!))
    ).filter((rows) => rows !== undefined);
    const least = unique.length === 0 ? undefined : 1 / Math.max(1, ...unique);
    if (shares.length === 0) return least;
    return Math.max(
      least ?? 0,
      shares.reduce((product, share) => product * share, 1),
    );
  }

  /** The rows of the table of which the columns are a key. */
  #keyRows(columns: readonly BoundExpression[]): number | undefined {
    const found = this.#columnsOfOne(columns);
    if (found === undefined) return undefined;
    const { table, numbers } = found;
    const { transaction, access } = this.#facts;
    const isKey = transaction.catalog.indexesOf(table.table.id).some((index) =>
      index.unique && index.predicate === undefined &&
      index.columns.every(({ columnNumber }) => numbers.has(columnNumber))
    );
    return isKey
      ? access.table(table.table.accessMethod)
        .estimateRows(table.table, transaction)
      : undefined;
  }

  /** The share of the left side's rows that have a partner, if it is known. */
  matchedShare(
    left: BoundExpression,
    right: BoundExpression,
  ): number | undefined {
    if (this.#isFixed(left) && this.#isFixed(right)) return 1;
    const own = this.#column(left);
    const other = this.#column(right);
    if (own === undefined || other === undefined) return undefined;
    return Math.min(1, other.distinct / own.distinct) * (1 - own.nullShare);
  }

  /** How many values a column has, if it is known. */
  distinctOf(expression: BoundExpression): number | undefined {
    return this.#column(expression)?.distinct;
  }

  /**
   * How many combinations of values the columns have, where it is known of them
   * together.
   */
  distinctTogether(columns: readonly BoundExpression[]): number | undefined {
    const found = this.#columnsOfOne(columns);
    if (found === undefined || found.numbers.size < 2) return undefined;
    const { table, numbers } = found;
    const { catalog } = this.#facts.transaction;
    return distinctTogether(catalog, table.table, numbers);
  }

  /** The table that all of the columns are of, and their numbers. */
  #columnsOfOne(columns: readonly BoundExpression[]):
    | { readonly table: TableRelation; readonly numbers: ReadonlySet<number> }
    | undefined {
    const numbers = new Set<number>();
    let table: TableRelation | undefined;
    for (const column of columns.map(bare)) {
      if (column.kind !== "column") return undefined;
      const own = this.#tables.get(column.relation);
      const number = own?.table.columns[column.column]?.number;
      if (number === undefined || own !== (table ?? own)) return undefined;
      table = own;
      numbers.add(number);
    }
    return table && { table, numbers };
  }

  #column(expression: BoundExpression): KnownColumn | undefined {
    if (expression.kind === "cast") return this.#column(expression.operand);
    if (expression.kind !== "column") return undefined;
    const table = this.#tables.get(expression.relation);
    const entry = table?.table.columns[expression.column];
    if (table === undefined || entry === undefined) return undefined;
    const { transaction, access } = this.#facts;
    const rowCount = access.table(table.table.accessMethod)
      .estimateRows(table.table, transaction);
    const { catalog } = transaction;
    const known = knownColumn(catalog, table.table.id, entry, rowCount);
    return known !== undefined && known.distinct > 0 ? known : undefined;
  }
}

function bare(expression: BoundExpression): BoundExpression {
  return expression.kind === "cast" ? bare(expression.operand) : expression;
}

/** The share of equal pairs where both columns have common values. */
function commonPairs(a: KnownColumn, b: KnownColumn): number {
  const shareOf = new Map(
    b.common.map((value, i) => [b.type.output(value), b.commonShares[i]!]),
  );
  const matched = { pairs: 0, count: 0, a: 0, b: 0 };
  a.common.forEach((value, i) => {
    const share = shareOf.get(a.type.output(value));
    if (share === undefined) return;
    matched.pairs += share * a.commonShares[i]!;
    matched.count++;
    matched.a += a.commonShares[i]!;
    matched.b += share;
  });
  const lonelyA = sum(a.commonShares) - matched.a;
  const lonelyB = sum(b.commonShares) - matched.b;
  const others = (
    own: KnownColumn,
    lonely: number,
    other: KnownColumn,
    otherLonely: number,
  ): number => {
    const rare = other.distinct - other.common.length;
    const free = other.distinct - matched.count;
    return (rare > 0 ? lonely * other.otherShare / rare : 0) +
      (free > 0 ? own.otherShare * (other.otherShare + otherLonely) / free : 0);
  };
  return matched.pairs +
    Math.min(others(a, lonelyA, b, lonelyB), others(b, lonelyB, a, lonelyA));
}

function sum(shares: readonly number[]): number {
  return shares.reduce((total, share) => total + share, 0);
}
