/**
 * How many rows a node is expected to give, and at which cost: the numbers that
 * EXPLAIN shows. The unit is PostgreSQL's, reading a page in order.
 *
 * @module
 */
import { unreachable } from "../../base/invariant.ts";
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import { joinConditionOf, type JoinKey } from "../planner/join_keys.ts";
import type { JoinNode, LogicalPlan } from "../planner/logical_plan.ts";
import { functionColumns } from "../planner/plan_tree.ts";
import { conjunctsOf } from "../planner/conjuncts.ts";
import { type CostFacts, DEFAULT_COSTS } from "./facts.ts";
import { scanPenalty } from "./indexes/index_cost.ts";
import { bitmapEstimate, indexEstimate } from "./indexes/index_estimate.ts";
import { chooseKnn } from "./knn/cost.ts";
import { gatherEstimate } from "./gather_cost.ts";
import { streamCost } from "./request_cost.ts";
import { JoinStatistics } from "./join_statistics.ts";
import {
  type Estimate,
  rowsOf,
  tableFacts,
  widthOf,
} from "./table_estimate.ts";

export type { Estimate } from "./table_estimate.ts";

const ROW = 0.01;
const OPERATOR = 0.0025;
/** A distance of a search, as `knn/cost.ts` counts. */
const KNN_UNIT = 0.002;
const PAGE_BYTES = 8192;
/** The cost of a scan of the smallest table, besides its rows. */
const SCAN_START = 0.7;
const GROUPS = 200;
const CTE_ROWS = 100;
const SET_ROWS = 1000;

/** The estimate of a node. */
export function estimate(plan: LogicalPlan, facts: CostFacts): Estimate {
  switch (plan.kind) {
    case "result":
    case "external":
      return { startup: 0, total: ROW, rows: 1, width: 0 };
    case "values": {
      const { rowCount, columns } = plan.values.values;
      const width = widthOf(columns.map(({ type }) => type.type));
      return { startup: 0, total: rowCount * 0.0125, rows: rowCount, width };
    }
    case "scan": {
      const { rowCount, width, share } = tableFacts(plan, facts);
      const conditions = conjunctsOf(plan.filter).length;
      const startup = scanPenalty(facts);
      const { seqPage, tuple, operator } = facts.costs ?? DEFAULT_COSTS;
      const pages = rowCount * width / PAGE_BYTES;
      const threads = plan.parallel ?? 1;
      const total = Math.max(SCAN_START, pages) * seqPage +
        rowCount * (tuple + conditions * operator) / threads +
        streamCost(plan.table.table.storageId, 1, facts);
      return {
        startup,
        total: startup + total,
        rows: rowsOf(rowCount * share / threads),
        width,
      };
    }
    case "gather":
      return gatherEstimate(plan, estimate(plan.input, facts));
    case "append": {
      const all = plan.inputs.map((input) => estimate(input, facts));
      const sum = (of: (each: Estimate) => number): number =>
        all.reduce((total, each) => total + of(each), 0);
      return {
        startup: all[0]?.startup ?? 0,
        total: sum(({ total }) => total),
        rows: rowsOf(sum(({ rows }) => rows)),
        width: all[0]?.width ?? 0,
      };
    }
    case "index_lookup":
    case "index_scan":
      return indexEstimate(plan, facts);
    case "bitmap_scan":
      return bitmapEstimate(plan, facts);
    case "custom_scan": {
      const { rowCount, width, share } = tableFacts(plan, facts);
      const rows = rowsOf(plan.offer.rows ?? rowCount * share);
      const total = plan.offer.cost ?? rows * ROW;
      return { startup: 0, total, rows, width };
    }
    case "knn":
      return knnEstimate(plan, facts);
    case "filter": {
      const input = estimate(plan.input, facts);
      const conditions = conjunctsOf(plan.condition).length;
      return {
        ...input,
        total: input.total + input.rows * conditions * OPERATOR,
        rows: rowsOf(input.rows / 3),
      };
    }
    case "join":
      return joinEstimate(plan, facts);
    case "init":
    case "materialize":
    case "with":
      return estimate(plan.input, facts);
    case "set_operation":
    case "recursive": {
      const left = estimate(plan.left, facts);
      const right = estimate(plan.right, facts);
      const rows = plan.kind === "recursive"
        ? left.rows + 10 * right.rows
        : plan.operation === "union"
        ? left.rows + right.rows
        : left.rows;
      const total = left.total + right.total + rows * ROW;
      return { startup: left.startup, total, rows, width: left.width };
    }
    case "cte_scan": {
      const width = widthOf(plan.types.map(({ type }) => type));
      return { startup: 0, total: CTE_ROWS * ROW, rows: CTE_ROWS, width };
    }
    case "apply": {
      const input = estimate(plan.input, facts);
      const each = plan.subqueries.reduce(
        (sum, { plan: subplan, captures }) =>
          sum + estimate(subplan, facts).total *
            (captures.length > 0 ? input.rows : 1),
        0,
      );
      const width = widthOf(plan.subqueries.map(({ type }) => type.type));
      return {
        ...input,
        total: input.total + each,
        width: input.width + width,
      };
    }
    case "project_set": {
      const input = estimate(plan.input, facts);
      const rows = input.rows * SET_ROWS;
      return { ...input, rows, total: input.total + rows * ROW };
    }
    case "window": {
      const input = estimate(plan.input, facts);
      const ordered = plan.sorted ? input : sortEstimate(input);
      const width = widthOf(plan.calls.map(({ type }) => type.type));
      return {
        ...ordered,
        total: ordered.total + input.rows * plan.calls.length * OPERATOR,
        width: input.width + width,
      };
    }
    case "function_scan": {
      const types = functionColumns(plan).map(({ type }) => type.type);
      const isOne = plan.functions.every(({ kind }) => kind === "value");
      const rows = isOne ? 1 : SET_ROWS;
      return { startup: 0, total: rows * ROW, rows, width: widthOf(types) };
    }
    case "compute":
    case "project": {
      const input = estimate(plan.input, facts);
      const width = widthOf(plan.expressions.map(({ type }) => type.type));
      return {
        ...input,
        width: plan.kind === "project" ? width : input.width + width,
      };
    }
    case "aggregate":
    case "distinct":
    case "distinct_on":
      return groupEstimate(plan, facts);
    case "lock_rows":
      return estimate(plan.input, facts);
    case "sort":
      return sortEstimate(estimate(plan.input, facts));
    case "top_n":
      return limitEstimate(sortEstimate(estimate(plan.input, facts)), plan);
    case "limit":
      return limitEstimate(estimate(plan.input, facts), plan);
    case "insert":
    case "update":
    case "delete":
    case "merge":
      return { ...estimate(plan.input, facts), rows: 0, width: 0 };
    default:
      return unreachable(plan);
  }
}

function joinEstimate(plan: JoinNode, facts: CostFacts): Estimate {
  const left = estimate(plan.left, facts);
  const right = estimate(plan.right, facts);
  const { keys, rest } = joinConditionOf(plan);
  const pairs = left.rows * right.rows;
  const { join, captures } = plan;
  const statistics = new JoinStatistics([plan.left, plan.right], facts);
  const share = statistics.keysShare(
    keys.map(({ left, right }) => [left, right] as const),
  );
  let rows = innerJoinRows(left.rows, right.rows, {
    keys: keys.length === 0 ? [] : [share],
    others: rest.length,
  });
  if (join === "semi" || join === "anti") {
    const share = matchedShare(keys, statistics);
    rows = left.rows * (join === "semi" ? share : 1 - share);
  } else if (join === "left") rows = Math.max(rows, left.rows);
  else if (join === "full") rows = Math.max(rows, left.rows, right.rows);
  const total = captures.length > 0
    ? left.total + left.rows * right.total
    : left.total + right.total +
      (keys.length > 0 ? left.rows + right.rows : pairs) * OPERATOR;
  const isOne = join === "semi" || join === "anti";
  return {
    startup: plan.merged === true
      ? left.startup + right.startup
      : captures.length > 0
      ? left.startup
      : right.total,
    total: total + rows * ROW,
    rows: rowsOf(rows),
    width: left.width + (isOne ? 0 : right.width),
  };
}

/** The share of the left side's rows that have a partner; half if unknown. */
function matchedShare(
  keys: readonly JoinKey[],
  statistics: JoinStatistics,
): number {
  const shares = keys
    .map(({ left, right }) => statistics.matchedShare(left, right))
    .filter((share) => share !== undefined);
  return shares.length === 0 ? 0.5 : Math.min(...shares);
}

/**
 * How many pairs an inner join has: by the shares of pairs that its equalities
 * leave, where they are known, and the number of its other conditions.
 */
export function innerJoinRows(
  left: number,
  right: number,
  { keys, others }: {
    readonly keys: readonly (number | undefined)[];
    readonly others: number;
  },
): number {
  const known = keys.filter((share) => share !== undefined);
  const pairs = left * right;
  let rows = known.reduce((rest, share) => rest * share, pairs);
  if (known.length < keys.length) {
    rows = Math.min(rows, Math.max(left, right));
  }
  return rows / 3 ** others;
}

function knnEstimate(
  plan: Extract<LogicalPlan, { kind: "knn" }>,
  facts: CostFacts,
): Estimate {
  const { rowCount, width, share } = tableFacts(plan, facts);
  const wanted = plan.limit === undefined
    ? Infinity
    : constantRows(plan.limit) ?? 10;
  const { way, costs } = chooseKnn(plan, wanted, facts);
  const rows = rowsOf(
    Math.min(wanted === Infinity ? 100 : wanted, rowCount * share),
  );
  const total = costs[way] * KNN_UNIT;
  return { startup: total * 0.9, total, rows, width: width + 8 };
}

function groupEstimate(
  plan: Extract<
    LogicalPlan,
    { kind: "aggregate" | "distinct" | "distinct_on" }
  >,
  facts: CostFacts,
): Estimate {
  const input = estimate(plan.input, facts);
  const isOne = plan.kind === "aggregate" && plan.groups.length === 0;
  const sets = plan.kind === "aggregate" ? plan.sets?.length ?? 1 : 1;
  const rows = isOne
    ? sets
    : rowsOf(Math.min(input.rows, groupCount(plan, facts))) * sets;
  const width = plan.kind === "aggregate"
    ? widthOf([...plan.groups, ...plan.aggregates].map(({ type }) => type.type))
    : input.width;
  const startup = input.total + input.rows * (ROW + OPERATOR);
  return { startup, total: startup + rows * ROW, rows, width };
}

/** How many groups there are, however few the rows. */
function groupCount(
  plan: Extract<
    LogicalPlan,
    { kind: "aggregate" | "distinct" | "distinct_on" }
  >,
  facts: CostFacts,
): number {
  const keys = plan.kind === "aggregate"
    ? plan.groups
    : plan.kind === "distinct_on"
    ? plan.keys
    : plan.input.kind === "project"
    ? plan.input.expressions
    : [];
  const statistics = new JoinStatistics([plan.input], facts);
  const together = statistics.distinctTogether(keys);
  if (together !== undefined) return together;
  const known = keys.map((key) => statistics.distinctOf(key));
  const count = known.reduce<number>(
    (product, distinct) => product * (distinct ?? 1),
    1,
  );
  const isKnown = known.length > 0 && !known.includes(undefined);
  return isKnown ? count : count * GROUPS;
}

function sortEstimate(input: Estimate): Estimate {
  const comparisons = input.rows * Math.log2(Math.max(2, input.rows));
  const startup = input.total + 2 * OPERATOR * comparisons;
  return { ...input, startup, total: startup + input.rows * OPERATOR };
}

function limitEstimate(
  input: Estimate,
  { limit, offset }: {
    readonly limit: BoundExpression | undefined;
    readonly offset: BoundExpression | undefined;
  },
): Estimate {
  const skipped = constantRows(offset) ?? 0;
  const wanted = limit === undefined ? Infinity : constantRows(limit) ??
    input.rows / 10;
  const rows = rowsOf(Math.min(wanted, Math.max(0, input.rows - skipped)));
  const share = Math.min(1, (rows + skipped) / input.rows);
  const total = input.startup + (input.total - input.startup) * share;
  return { ...input, total, rows };
}

/** The number that LIMIT or OFFSET says, if the plan knows it. */
function constantRows(
  expression: BoundExpression | undefined,
): number | undefined {
  if (expression?.kind !== "constant" || expression.value === null) {
    return undefined;
  }
  return Number(expression.value);
}
