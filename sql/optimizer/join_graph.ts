/**
 * Inputs of inner joins, and the conditions between them.
 *
 * A set of inputs is a number whose bit `i` stands for input `i`. How many rows
 * the joins of a set have does not depend on their order: those of all its
 * inputs, by the shares of pairs that the conditions within it leave.
 *
 * @module
 */
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import type { TableRelation } from "../analyzer/bound_tree.ts";
import { conjunction, conjunctsOf } from "../planner/conjuncts.ts";
import { type ColumnSet, columnsOf } from "../planner/join_keys.ts";
import type { LogicalPlan } from "../planner/logical_plan.ts";
import { estimate } from "./estimate.ts";
import type { PlanFacts } from "./facts.ts";
import { chainedConditions, ChainedInputs } from "./join_chains.ts";
import { JoinStatistics } from "./join_statistics.ts";
import { lookupsCost, streamCost } from "./request_cost.ts";
import { ROWS_PER_LOOKUP } from "./join_selection.ts";

/** An input, or two joins. */
export type JoinTree = number | readonly [left: JoinTree, right: JoinTree];

/** The share of pairs that a condition leaves of which nothing is known. */
const UNKNOWN = 1 / 3;

/** A condition, and the inputs that it speaks of. */
interface JoinCondition {
  readonly expression: BoundExpression;
  readonly inputs: number;
  /** Under an equality, each side and its inputs. */
  readonly sides:
    | readonly { readonly part: BoundExpression; readonly inputs: number }[]
    | undefined;
  /** The columns of three and more inputs that it makes equal; absent: two. */
  readonly chain: number | undefined;
}

/** What conditions over some inputs leave of their pairs. */
interface Term {
  readonly inputs: number;
  readonly share: number;
  /** The chains of its conditions, if all are of chains. */
  readonly chains: readonly number[] | undefined;
}

/** A condition by which an index of an input finds partners. */
interface Lookup {
  readonly input: number;
  /** What the other side needs. */
  readonly inputs: number;
}

/** Inputs of joins, and the conditions between them. */
export class JoinGraph {
  readonly #inputs: readonly LogicalPlan[];
  readonly #rows: readonly number[];
  readonly #costs: readonly number[];
  readonly #tableRows: readonly number[];
  readonly #conditions: readonly JoinCondition[];
  readonly #terms: readonly Term[];
  readonly #lookups: readonly Lookup[];
  readonly #known = new Map<number, number>();
  readonly #facts: PlanFacts;

  /** The graph of some inputs. */
  constructor(
    inputs: readonly LogicalPlan[],
    conditions: readonly BoundExpression[],
    facts: PlanFacts,
  ) {
    this.#inputs = inputs;
    this.#facts = facts;
    const estimates = inputs.map((input) => estimate(input, facts));
    this.#rows = estimates.map(({ rows }) => rows);
    this.#costs = estimates.map(({ total }) => total);
    this.#tableRows = inputs.map((input) =>
      input.kind === "scan"
        ? estimate({ ...input, filter: undefined }, facts).rows
        : 0
    );
    const columns = inputs.map(columnsOf);
    this.#conditions = chainedConditions(conditions, columns)
      .map(({ expression, chain }) => ({
        expression,
        chain,
        inputs: inputsIn(expression, columns),
        sides: expression.kind === "call" && expression.operator === "="
          ? expression.args.map((part) => ({
            part,
            inputs: inputsIn(part, columns),
          }))
          : undefined,
      }));
    this.#terms = this.#termsOf(new JoinStatistics(inputs, facts));
    this.#lookups = this.#lookupsOf(facts);
  }

  /** How many inputs there are. */
  get count(): number {
    return this.#inputs.length;
  }

  /** The cost of an input by itself. */
  costOf(input: number): number {
    return this.#costs[input]!;
  }

  /** How many rows the joins of a set of inputs have. */
  rowsOf(set: number): number {
    let rows = this.#known.get(set);
    if (rows !== undefined) return rows;
    rows = 1;
    for (let i = 0; i < this.#rows.length; i++) {
      if ((set >>> i & 1) === 1) rows *= this.#rows[i]!;
    }
    const chained = new ChainedInputs();
    for (const term of this.#terms) {
      if ((term.inputs & ~set) !== 0) continue;
      if (term.chains === undefined || chained.add(term.chains, term.inputs)) {
        rows *= term.share;
      }
    }
    this.#known.set(set, rows);
    return rows;
  }

  /** How many rows the joins of an order give, one after the other. */
  rowsInOrder(order: readonly number[]): number {
    let set = 0;
    let sum = 0;
    for (const input of order) {
      const isFirst = set === 0;
      set |= 1 << input;
      if (!isFirst) sum += this.rowsOf(set);
    }
    return sum;
  }

  /** An order that begins with `first`. */
  greedy(first: number): readonly number[] {
    const order = [first];
    let set = 1 << first;
    while (order.length < this.count) {
      let next = -1;
      let fewest = Infinity;
      let isJoined = false;
      for (let input = 0; input < this.count; input++) {
        const own = 1 << input;
        if ((set & own) !== 0) continue;
        const after = this.rowsOf(set | own);
        const has = this.connects(set, own);
        // What nothing connects waits until there is nothing else.
        if (next >= 0 && (has === isJoined ? after >= fewest : isJoined)) {
          continue;
        }
        next = input;
        fewest = after;
        isJoined = has;
      }
      order.push(next);
      set |= 1 << next;
    }
    return order;
  }

  /** Whether a condition can be asked once both sets are there. */
  connects(left: number, right: number): boolean {
    const both = left | right;
    return this.#conditions.some(({ inputs }) =>
      (inputs & ~both) === 0 && (inputs & left) !== 0 && (inputs & right) !== 0
    );
  }

  /**
   * The cost of finding the partners of some rows in an input by an index;
   * infinite where none finds them.
   */
  lookupCost(left: number, input: number): number {
    const finds = this.#lookups.some((each) =>
      each.input === input && (each.inputs & ~left) === 0
    );
    if (!finds) return Infinity;
    const plan = this.#inputs[input]!;
    const storage = plan.kind === "scan" ? plan.table.table.storageId : 0;
    const facts = this.#facts;
    // What lookups do not bring is not to be paid for by them.
    const own = this.#costs[input]! - streamCost(storage, 1, facts);
    const rowCost = own / Math.max(1, this.#tableRows[input]!);
    const rows = this.rowsOf(left);
    return rows * ROWS_PER_LOOKUP * rowCost + lookupsCost(storage, rows, facts);
  }

  /** The joins of a tree; each condition where all that it speaks of is. */
  joined(tree: JoinTree): LogicalPlan {
    const [plan] = this.#joined(tree);
    const alone = this.#conditions.filter(({ inputs }) => isOne(inputs));
    if (plan.kind !== "join" || alone.length === 0) return plan;
    const expressions = alone.map(({ expression }) => expression);
    return {
      ...plan,
      condition: conjunction([...conjunctsOf(plan.condition), ...expressions]),
    };
  }

  #joined(tree: JoinTree): readonly [plan: LogicalPlan, inputs: number] {
    if (typeof tree === "number") return [this.#inputs[tree]!, 1 << tree];
    const [left, lefts] = this.#joined(tree[0]);
    const [right, rights] = this.#joined(tree[1]);
    const both = lefts | rights;
    const chains = new Set<number>();
    const own = this.#conditions.filter(({ inputs, chain }) => {
      const isOwn = !isOne(inputs) && (inputs & ~both) === 0 &&
        (inputs & ~lefts) !== 0 && (inputs & ~rights) !== 0;
      if (!isOwn || chain === undefined) return isOwn;
      // On either side, all columns of a chain are equal already.
      return !chains.has(chain) && chains.add(chain) !== undefined;
    });
    const condition = conjunction(own.map(({ expression }) => expression));
    return [
      { kind: "join", join: "inner", left, right, condition, captures: [] },
      both,
    ];
  }

  #termsOf(statistics: JoinStatistics): Term[] {
    const terms: Term[] = [];
    const pairs = new Map<number, JoinCondition[]>();
    for (const condition of this.#conditions) {
      const { inputs, sides } = condition;
      if (isOne(inputs)) continue;
      const isKey = sides !== undefined &&
        (sides[0]!.inputs & sides[1]!.inputs) === 0 &&
        sides.every((side) => side.inputs !== 0);
      if (!isKey) terms.push({ inputs, share: UNKNOWN, chains: undefined });
      else if (pairs.has(inputs)) pairs.get(inputs)!.push(condition);
      else pairs.set(inputs, [condition]);
    }
    for (const [inputs, conditions] of pairs) {
      const keys = conditions.map(({ sides }) => {
        const isFirst = (sides![0]!.inputs & inputs & -inputs) !== 0;
        return [sides![isFirst ? 0 : 1]!, sides![isFirst ? 1 : 0]!] as const;
      });
      const known = statistics.keysShare(
        keys.map(([a, b]) => [a.part, b.part] as const),
      );
      const chains = conditions.map(({ chain }) => chain);
      terms.push({
        inputs,
        share: known ?? this.#usualShare(keys[0]!),
        chains: chains.includes(undefined) ? undefined : chains as number[],
      });
    }
    // Of conditions that follow from others, those count that leave least.
    return terms.sort((a, b) =>
      (a.chains?.length ?? Infinity) === (b.chains?.length ?? Infinity)
        ? a.share - b.share
        : (b.chains?.length ?? Infinity) - (a.chains?.length ?? Infinity)
    );
  }

  /** As if each row of the smaller side had one partner. */
  #usualShare(
    sides: readonly { readonly inputs: number }[],
  ): number {
    const rows = sides.map(({ inputs }) =>
      Math.min(...this.#rows.filter((_, i) => (inputs >>> i & 1) === 1))
    );
    return 1 / Math.max(1, Math.min(...rows));
  }

  #lookupsOf(facts: PlanFacts): Lookup[] {
    const lookups: Lookup[] = [];
    if (facts.ways?.indexScans === false) return lookups;
    this.#inputs.forEach((plan, input) => {
      if (plan.kind !== "scan") return;
      const first = firstColumns(plan.table, facts);
      for (const { sides } of this.#conditions) {
        sides?.forEach(({ part, inputs }, i) => {
          const other = sides[1 - i]!;
          const finds = inputs === 1 << input && part.kind === "column" &&
            first.has(part.column) && other.inputs !== 0 &&
            (other.inputs & inputs) === 0;
          if (finds) lookups.push({ input, inputs: other.inputs });
        });
      }
    });
    return lookups;
  }
}

/** Whether a set has one member, or none. */
function isOne(set: number): boolean {
  return (set & (set - 1)) === 0;
}

/** The columns that an index of a table begins with. */
function firstColumns(
  { table }: TableRelation,
  { transaction, access }: PlanFacts,
): ReadonlySet<number> {
  const numbers = new Set<number>();
  for (const entry of transaction.catalog.indexesOf(table.id)) {
    const { lookup, openRange } = access.index(entry.accessMethod);
    const finds = lookup !== undefined || openRange !== undefined;
    if (finds && entry.predicate === undefined) {
      numbers.add(entry.columns[0]!.columnNumber);
    }
  }
  return new Set(
    table.columns.flatMap(({ number }, column) =>
      numbers.has(number) ? [column] : []
    ),
  );
}

function inputsIn(
  expression: BoundExpression,
  columns: readonly ColumnSet[],
): number {
  let inputs = 0;
  columns.forEach((set, input) => {
    if (set.isUsedBy(expression)) inputs |= 1 << input;
  });
  return inputs;
}
