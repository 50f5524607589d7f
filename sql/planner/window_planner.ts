/**
 * Calls over windows to logical plans: one node for each partitioning and order.
 *
 * ```text
 * SELECT sum(a) OVER (PARTITION BY b ORDER BY c), rank() OVER (PARTITION BY b), …
 *
 *   project - window rank() by b, in order - window sum(a) by b, c - …
 * ```
 *
 * The longest orders come first, so that a window whose keys begin another's
 * finds its rows in order and need not sort them again.
 *
 * @module
 */
import type {
  BoundExpression,
  BoundTarget,
  BoundWindowCall,
} from "../analyzer/bound_expression.ts";
import {
  replaceExpressions,
  sameExpression,
  someExpression,
} from "../analyzer/walk.ts";
import type { LogicalPlan, SortKey, WindowNode } from "./logical_plan.ts";
import { columnRef } from "./plan_tree.ts";
import type { Planning } from "./planning.ts";

/** Calls whose rows stand in one order. */
interface WindowGroup {
  readonly relation: number;
  readonly keys: readonly SortKey[];
  readonly partitionCount: number;
  readonly calls: BoundWindowCall[];
  /** What the calls are in the select list. */
  readonly written: BoundWindowCall[];
}

/** The targets over what the windows in them give. */
export function planWindows(
  planning: Planning,
  input: LogicalPlan,
  targets: readonly BoundTarget[],
): { readonly plan: LogicalPlan; readonly targets: readonly BoundTarget[] } {
  const written = callsIn(targets);
  if (written.length === 0) return { plan: input, targets };
  const [below, calls] = planning.extract(input, written);
  const groups: WindowGroup[] = [];
  calls.forEach((call, i) => {
    if (call.kind === "window") {
      groupOf(planning, groups, call).written.push(written[i]!);
    }
  });
  groups.sort((a, b) => b.keys.length - a.keys.length);
  let plan = below;
  let before: WindowGroup | undefined;
  for (const group of groups) {
    plan = nodeOf(plan, group, before);
    before = group;
  }
  const map = (expression: BoundExpression): BoundExpression =>
    replaceExpressions(expression, (part) => {
      if (part.kind !== "window") return undefined;
      for (const { relation, written } of groups) {
        const column = written.findIndex((each) => sameExpression(each, part));
        if (column >= 0) return columnRef({ relation, column }, part);
      }
      return undefined;
    });
  return {
    plan,
    targets: targets.map((target) => ({
      ...target,
      expression: map(target.expression),
    })),
  };
}

function callsIn(targets: readonly BoundTarget[]): BoundWindowCall[] {
  const calls: BoundWindowCall[] = [];
  for (const { expression } of targets) {
    someExpression(expression, (part) => {
      if (
        part.kind === "window" &&
        !calls.some((call) => sameExpression(call, part))
      ) calls.push(part);
      return false;
    });
  }
  return calls;
}

/** The group of a call, which it is added to. */
function groupOf(
  planning: Planning,
  groups: WindowGroup[],
  call: BoundWindowCall,
): WindowGroup {
  const { partitionBy, orderBy } = call;
  const keys: SortKey[] = [
    ...partitionBy.map((expression) => ({
      expression,
      descending: false,
      nullsFirst: false,
    })),
    ...orderBy,
  ];
  let group = groups.find((each) =>
    each.partitionCount === partitionBy.length &&
    each.keys.length === keys.length && begins(each.keys, keys)
  );
  if (group === undefined) {
    group = {
      relation: planning.newRelation(),
      keys,
      partitionCount: partitionBy.length,
      calls: [],
      written: [],
    };
    groups.push(group);
  }
  group.calls.push({ ...call, partitionBy: [], orderBy: [] });
  return group;
}

/** Whether rows in the order of `all` are in that of `keys`. */
function begins(all: readonly SortKey[], keys: readonly SortKey[]): boolean {
  return keys.every((key, i) => {
    const other = all[i];
    return other !== undefined && key.descending === other.descending &&
      key.nullsFirst === other.nullsFirst &&
      sameExpression(key.expression, other.expression);
  });
}

function nodeOf(
  input: LogicalPlan,
  { relation, keys, partitionCount, calls }: WindowGroup,
  before: WindowGroup | undefined,
): WindowNode {
  return {
    kind: "window",
    input,
    relation,
    partitionBy: keys.slice(0, partitionCount)
      .map(({ expression }) => expression),
    orderBy: keys.slice(partitionCount),
    calls,
    sorted: keys.length === 0 ||
      (before !== undefined && begins(before.keys, keys)),
  };
}
