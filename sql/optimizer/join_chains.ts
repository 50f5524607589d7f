/**
 * Equalities that follow from others: of `a.x = b.x AND b.x = c.x`, that `a` and
 * `c` can be joined on `x` as well.
 *
 * All pairs of such a chain are conditions of the join graph, so that any two
 * inputs may come first. A join needs one of them, and the others say nothing
 * more about how many rows there are.
 *
 * @module
 */
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import { sameExpression } from "../analyzer/walk.ts";
import type { ColumnSet } from "../planner/join_keys.ts";
import { Equivalences } from "./equivalences.ts";

/** A condition of a join, and the chain that it belongs to. */
export interface ChainedCondition {
  readonly expression: BoundExpression;
  readonly chain: number | undefined;
}

/** Conditions between inputs with those that follow from them. */
export function chainedConditions(
  conditions: readonly BoundExpression[],
  inputs: readonly ColumnSet[],
): ChainedCondition[] {
  const { chains } = new Equivalences(conditions);
  const all: ChainedCondition[] = conditions.map((expression) => ({
    expression,
    chain: undefined,
  }));
  chains.forEach(({ members, equality }, chain) => {
    members.forEach((left, i) => {
      for (const right of members.slice(i + 1)) {
        const isWithin = inputs.some((columns) =>
          columns.covers(left) && columns.covers(right)
        );
        if (isWithin) continue;
        const written = conditions.findIndex((each) =>
          each.kind === "call" && each.function === equality.function &&
          isPair(each.args, left, right)
        );
        if (written >= 0) all[written] = { ...all[written]!, chain };
        else {
          all.push({
            expression: { ...equality, args: [left, right] },
            chain,
          });
        }
      }
    });
  });
  return all;
}

function isPair(
  args: readonly BoundExpression[],
  left: BoundExpression,
  right: BoundExpression,
): boolean {
  const has = (value: BoundExpression): boolean =>
    args.some((arg) => sameExpression(arg, value));
  return args.length === 2 && has(left) && has(right);
}

/** Which inputs of a set are connected, chain by chain. */
export class ChainedInputs {
  /** Of each chain, sets of inputs whose columns are equal. */
  readonly #groups = new Map<number, number[]>();

  /** Connects two inputs in some chains; whether one of these is news. */
  add(chains: readonly number[], inputs: number): boolean {
    let isNew = false;
    for (const chain of chains) {
      const groups = this.#groups.get(chain) ?? [];
      if (groups.some((group) => (inputs & ~group) === 0)) continue;
      isNew = true;
      const touched = groups.filter((group) => (group & inputs) !== 0);
      this.#groups.set(chain, [
        ...groups.filter((group) => (group & inputs) === 0),
        touched.reduce((set, group) => set | group, inputs),
      ]);
    }
    return isNew;
  }
}
