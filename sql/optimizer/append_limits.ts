/**
 * Pass: the first rows of several tables are among the first of each.
 *
 * ```text
 * before  limit 10 offset 5        after  limit 10 offset 5
 *           sort by d                       sort by d
 *             compute e <-> $1 AS d           append p
 *               append p                        limit 15
 *                 scan p1                         sort by d
 *                 scan p2                           compute e <-> $1 AS d
 *                                                     scan p1
 *                                               … p2
 *
 * before  limit 10                 after  limit 10
 *           sort by d                       sort by d
 *             union all                       union all
 *               project e <-> $1 AS d           limit 10
 *                 scan t                          sort by d
 *               project e <-> $1 AS d               project e <-> $1 AS d
 *                 scan u                              scan t
 *                                               … u
 * ```
 *
 * So an index of each table gives them in order, a vector index too.
 *
 * @module
 */
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import { replaceExpressions } from "../analyzer/walk.ts";
import type {
  AppendNode,
  ComputeNode,
  LimitNode,
  LogicalPlan,
  SetOperationNode,
  SortKey,
  SortNode,
} from "../planner/logical_plan.ts";
import { columnRef, mapPlan, outputOf } from "../planner/plan_tree.ts";
import { isVolatile } from "../planner/volatility.ts";
import { newRelations } from "./new_relation.ts";
import { rowsWanted } from "./rows_wanted.ts";
import { sortedRows } from "./sorted_rows.ts";

/** Takes limits into the inputs of appends. */
export function limitAppends(plan: LogicalPlan): LogicalPlan {
  const newRelation = newRelations(plan);
  const map = (node: LogicalPlan): LogicalPlan =>
    node.kind === "limit" ? limited(node, newRelation) : node;
  return mapPlan(plan, map);
}

/** Some rows, in order. */
interface FirstRows {
  readonly limit: LimitNode;
  readonly sort: SortNode;
  readonly keys: readonly SortKey[];
}

function limited(node: LimitNode, newRelation: () => number): LogicalPlan {
  const { ties, input: sort } = node;
  const rows = rowsWanted(node);
  if (
    rows?.limit === undefined || ties !== undefined || sort.kind !== "sort"
  ) return node;
  const limit = { ...node, ...rows };
  const { input } = sort;
  const compute = input.kind === "compute" && !input.waits ? input : undefined;
  const append = compute?.input ?? input;
  if (append.kind === "append" && append.inputs.length > 0) {
    const first = ofAppend(append, limit, sort, compute);
    return { ...node, input: { ...sort, input: first } };
  }
  const { below, keys, over } = sortedRows(sort);
  if (keys.some(({ expression }) => isVolatile(expression))) return node;
  const first = firstOfEach(below, { limit, sort, keys }, newRelation);
  return first === undefined
    ? node
    : { ...node, input: { ...sort, input: over(first) } };
}

/** The first rows of an append, which passes on what its inputs compute. */
function ofAppend(
  append: AppendNode,
  limit: LimitNode,
  sort: SortNode,
  compute: ComputeNode | undefined,
): LogicalPlan {
  const inputs = append.inputs.map((each): LogicalPlan => ({
    ...limit,
    input: {
      ...sort,
      input: compute === undefined ? each : { ...compute, input: each },
    },
  }));
  const more = compute === undefined
    ? []
    : outputOf(compute).slice(-compute.expressions.length);
  return { ...append, more, inputs };
}

/** The first rows of each input of an append or of UNION ALL. */
function firstOfEach(
  plan: LogicalPlan,
  first: FirstRows,
  newRelation: () => number,
): LogicalPlan | undefined {
  if (plan.kind === "append" && plan.inputs.length > 0) {
    return {
      ...plan,
      inputs: plan.inputs.map((each) => firstOf(each, first, newRelation)),
    };
  }
  if (
    plan.kind !== "set_operation" || plan.operation !== "union" || !plan.all
  ) return undefined;
  const side = (input: LogicalPlan): LogicalPlan =>
    firstOfSide(input, plan, first, newRelation);
  return { ...plan, left: side(plan.left), right: side(plan.right) };
}

function firstOf(
  input: LogicalPlan,
  { limit, sort, keys }: FirstRows,
  newRelation: () => number,
): LimitNode {
  if (keys.every(({ expression }) => expression.kind === "column")) {
    return { ...limit, input: { ...sort, keys, input } };
  }
  const relation = newRelation();
  const compute: ComputeNode = {
    kind: "compute",
    relation,
    expressions: keys.map(({ expression }) => expression),
    waits: false,
    input,
  };
  const own = keys.map((key, column) => ({
    ...key,
    expression: columnRef({ relation, column }, key.expression),
  }));
  return { ...limit, input: { ...sort, keys: own, input: compute } };
}

/** The first rows of an input of UNION ALL, and no other columns. */
function firstOfSide(
  input: LogicalPlan,
  { relation, columnCount }: SetOperationNode,
  first: FirstRows,
  newRelation: () => number,
): LogicalPlan {
  const given = expressionsIn(input);
  if (given?.length !== columnCount) return input;
  const columns = outputOf(input).map((id, i) => columnRef(id, given[i]!));
  const own = (expression: BoundExpression): BoundExpression =>
    replaceExpressions(
      expression,
      (part) =>
        part.kind === "column" && part.relation === relation
          ? columns[part.column]
          : undefined,
    );
  const keys = first.keys.map((key) => ({
    ...key,
    expression: own(key.expression),
  }));
  const limit = firstOf(input, { ...first, keys }, newRelation);
  const rows = limited(limit, newRelation);
  return outputOf(rows).length === columnCount ? rows : {
    kind: "project",
    relation: newRelation(),
    expressions: columns,
    input: rows,
  };
}

/** What the columns of an input are, for their types. */
function expressionsIn(
  plan: LogicalPlan,
): readonly BoundExpression[] | undefined {
  switch (plan.kind) {
    case "project":
      return plan.expressions;
    case "set_operation":
      return expressionsIn(plan.left);
    default:
      return undefined;
  }
}
