/**
 * Pass: the nearest rows of a join are the nearest of those rows of one table
 * that have a partner, and these an index can find.
 *
 * ```text
 * before  limit 10                        after  init $1 = array(distinct c.id)
 *           sort by d                              limit 10
 *             compute t.e <-> $q AS d                sort by d
 *               join semi on t.c = c.id                compute t.e <-> $q AS d
 *                 scan t                                 scan t
 *                 scan c  filter c.x = 1                   filter t.c = ANY ($1)
 *
 * before  limit 10                        after  init $1 = array(distinct c.id)
 *           sort by d                              limit 10
 *             compute t.e <-> $q AS d                sort by d
 *               join on t.c = c.id                     compute t.e <-> $q AS d
 *                 scan t                                 join on t.c = c.id
 *                 scan c  filter c.x = 1                   limit 10
 *                                                            sort by d
 *                                                              compute … AS d
 *                                                                scan t
 *                                                                  filter t.c = ANY ($1)
 *                                                          scan c  filter c.x = 1
 * ```
 *
 * Every row of the table that is left has a partner at least, so ten of them are
 * enough for ten rows of the join. The partners' keys are found first, once, and
 * are few: they are what other indexes of the table are asked for, or what each
 * row that comes nearest is looked for in. Outer joins keep all rows of their
 * left side and need no keys; an anti join leaves out those that have one. Where
 * a foreign key promises a partner (`references.ts`), no keys are needed.
 *
 * Not done where a condition other than one equality connects the table with its
 * partners, where there are too many of them, or where finding them twice may
 * give two results.
 *
 * @module
 */
import type { BoundExpression } from "../../analyzer/bound_expression.ts";
import { someExpression } from "../../analyzer/walk.ts";
import { gatheringOf } from "../../functions/array/array_aggregates.ts";
import { conjunction, conjunctsOf } from "../../planner/conjuncts.ts";
import type {
  InitNode,
  LimitNode,
  LogicalPlan,
  ScanNode,
} from "../../planner/logical_plan.ts";
import { mapPlan } from "../../planner/plan_tree.ts";
import { bool } from "../../types/bool_type.ts";
import { estimate } from "../estimate.ts";
import type { PlanFacts } from "../facts.ts";
import {
  type NearestQuery,
  nearestQuery,
  nearestRows,
  queryOver,
} from "./query.ts";
import { orderingIndex } from "./ordering.ts";
import { isPromised } from "./references.ts";
import { rowsWanted } from "../rows_wanted.ts";
import { type MemberLink, type NearestJoin, nearestJoin } from "./partners.ts";

/** The most partners whose keys are gathered, as expected. */
const PARTNERS_MAX = 50_000;

const BOOLEAN = { type: bool, typmod: -1 };

/** Takes joins out from between a limit and the table whose rows are nearest. */
export function gatherMembers(
  plan: LogicalPlan,
  facts: PlanFacts,
  newSlot: () => number,
): LogicalPlan {
  if (facts.ways?.indexScans === false) return plan;
  return mapPlan(
    plan,
    (node) =>
      node.kind === "limit" ? membersFirst(node, facts, newSlot) ?? node : node,
  );
}

function membersFirst(
  limit: LimitNode,
  facts: PlanFacts,
  newSlot: () => number,
): LogicalPlan | undefined {
  const query = nearestQuery(limit);
  if (query?.below.kind !== "join") return undefined;
  const relation = relationOf(query.distance);
  const join = relation === undefined
    ? undefined
    : nearestJoin(query.below, relation);
  if (
    join === undefined ||
    orderingIndex(query.distance, join.scan, facts) === undefined ||
    join.links.some((link) =>
      !isPromised(link, join.scan) &&
      estimate(link.partners, facts).rows > PARTNERS_MAX
    )
  ) return undefined;
  const members: Members = { conditions: [], slots: [], subqueries: [] };
  for (const link of join.links) {
    if (isPromised(link, join.scan)) members.conditions.push(isKnown(link.key));
    else if (!addMember(members, link, newSlot)) return undefined;
  }
  const scan = {
    ...join.scan,
    filter: conjunction([
      ...conjunctsOf(join.scan.filter),
      ...members.conditions,
    ]),
  };
  const input = joined(limit, query, join, scan);
  const { slots, subqueries } = members;
  if (input === undefined || slots.length === 0) return input;
  return { kind: "init", input, slots, subqueries };
}

/** The one relation that a distance is over. */
function relationOf(distance: BoundExpression): number | undefined {
  const relations = new Set<number>();
  someExpression(distance, (part) => {
    if (part.kind === "column") relations.add(part.relation);
    return false;
  });
  const [only, second] = relations;
  return second === undefined ? only : undefined;
}

/** Conditions on the table, and the queries they need the values of. */
interface Members {
  readonly conditions: BoundExpression[];
  readonly slots: number[];
  readonly subqueries: InitNode["subqueries"][number][];
}

/** Adds the keys of partners; gives false where values cannot be looked for. */
function addMember(
  { conditions, slots, subqueries }: Members,
  { key, partnerKey, condition, partners, isAnti }: MemberLink,
  newSlot: () => number,
): boolean {
  if (condition.kind !== "call") return false;
  const { function: definition, offset } = condition;
  const [left, right] = definition.argumentTypes;
  // Turned round, the function would be another where the types differ.
  if (condition.args[0] !== key && left !== right) return false;
  const { type } = partnerKey.type;
  const gather = type.category === "A" ? undefined : gatheringOf(type);
  if (gather === undefined) return false;
  const slot = newSlot();
  slots.push(slot);
  const array = { type: gather.returnType, typmod: -1 };
  subqueries.push({
    form: "array",
    gather,
    plan: keysOf(partners, partnerKey),
    captures: [],
    operands: [],
    test: undefined,
    operandRelation: -1,
    type: array,
  });
  const isMember: BoundExpression = {
    kind: "array_comparison",
    operand: key,
    array: { kind: "outer", slot, type: array, name: "InitPlan", offset },
    function: definition,
    operator: "=",
    all: false,
    type: BOOLEAN,
    offset,
  };
  conditions.push(
    isAnti
      ? {
        kind: "boolean_test",
        operand: isMember,
        test: "true",
        negated: true,
        type: BOOLEAN,
        offset,
      }
      : isMember,
  );
  return true;
}

function isKnown(operand: BoundExpression): BoundExpression {
  const { offset } = operand;
  return { kind: "null_test", operand, negated: true, type: BOOLEAN, offset };
}

/** The relation of the keys: nothing above asks for them by name. */
const KEYS_RELATION = -2;

/** The keys that rows have, each once, without NULL. */
function keysOf(
  partners: LogicalPlan,
  partnerKey: BoundExpression,
): LogicalPlan {
  const condition = isKnown(partnerKey);
  return {
    kind: "distinct",
    input: {
      kind: "project",
      relation: KEYS_RELATION,
      expressions: [partnerKey],
      input: { kind: "filter", input: partners, condition },
    },
  };
}

/** The query over the joins that are left, over the nearest rows of the scan. */
function joined(
  limit: LimitNode,
  query: NearestQuery,
  { rebuild }: NearestJoin,
  scan: ScanNode,
): LogicalPlan | undefined {
  if (rebuild === undefined) return queryOver(limit, query, scan);
  const rows = rowsWanted(limit);
  if (rows === undefined) return undefined;
  const own = { ...query, compute: undefined };
  const nearest = nearestRows({ ...limit, ...rows }, own, scan);
  return queryOver(limit, query, rebuild(nearest));
}
