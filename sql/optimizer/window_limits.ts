/**
 * Pass: who asks for the first rows by their rank needs only the first rows
 * ranked.
 *
 * ```text
 * before  limit 20                      after  limit 20
 *           sort by rank                         sort by rank
 *             window rank() by a                   window rank() by a
 *               scan t                               limit 20 with ties
 *                                                      sort by a
 * before  filter row_number <= 5                         scan t
 *           window row_number() by a
 *             scan t                    after  filter row_number <= 5
 *                                                window row_number() by a
 *                                                  limit 5
 *                                                    sort by a
 *                                                      scan t
 * ```
 *
 * The rank of a row depends on those before it alone, so this is the same; and an
 * index may know which rows are first, one of vectors too. The sort may be by the
 * rank or by what the rank is by. Other window functions look at rows that come
 * after, and are left as they are; so are windows with partitions.
 *
 * @module
 */
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import { sameExpression } from "../analyzer/walk.ts";
import { conjunctsOf } from "../planner/conjuncts.ts";
import type {
  FilterNode,
  LimitNode,
  LogicalPlan,
  SortKey,
  WindowNode,
} from "../planner/logical_plan.ts";
import { columnRef, mapPlan } from "../planner/plan_tree.ts";
import { isVolatile } from "../planner/volatility.ts";
import { newRelations } from "./new_relation.ts";
import { rowsWanted } from "./rows_wanted.ts";
import { sortedRows } from "./sorted_rows.ts";

/** The functions that count rows before theirs. */
const RANKS: ReadonlySet<string> = new Set([
  "row_number",
  "rank",
  "dense_rank",
]);

/** Limits the input of windows that rank rows. */
export function limitWindows(plan: LogicalPlan): LogicalPlan {
  const newRelation = newRelations(plan);
  return mapPlan(plan, (node) => {
    if (node.kind === "limit") return limited(node, newRelation);
    if (node.kind === "filter") return filtered(node, newRelation);
    return node;
  });
}

/** LIMIT over a sort by the rank, or by what the rank is by. */
function limited(
  node: LimitNode,
  newRelation: () => number,
): LogicalPlan {
  const { input: sort, ties } = node;
  const rows = rowsWanted(node);
  if (
    sort.kind !== "sort" || ties !== undefined || rows?.limit === undefined
  ) return node;
  const { keys, below, over } = sortedRows(sort);
  if (below.kind !== "window") return node;
  const isTied = tiesOf(keys, below);
  if (isTied === undefined) return node;
  const window = rankFirst(
    below,
    { limit: rows.limit, isTied },
    newRelation,
  );
  if (window === undefined) return node;
  return { ...node, input: { ...sort, input: over(window) } };
}

/**
 * Whether the first rows by `keys` are among the first ranked only together with
 * the equals of the last; `undefined`: they are not.
 */
function tiesOf(
  keys: readonly SortKey[],
  window: WindowNode,
): boolean | undefined {
  const [first] = keys;
  const rank = first && rankOf(first.expression, window);
  if (rank !== undefined) {
    if (first!.descending) return undefined;
    return rank !== "row_number" && keys.length > 1;
  }
  const { orderBy } = window;
  const shared = Math.min(keys.length, orderBy.length);
  for (let i = 0; i < shared; i++) {
    const [key, order] = [keys[i]!, orderBy[i]!];
    if (
      key.descending !== order.descending ||
      key.nullsFirst !== order.nullsFirst ||
      !sameExpression(key.expression, order.expression)
    ) return undefined;
  }
  // By more keys than the rank is by: any of its equals may be first.
  return keys.length > orderBy.length;
}

/** The function whose rank a column is. */
function rankOf(
  expression: BoundExpression,
  { relation, calls }: WindowNode,
): string | undefined {
  if (expression.kind !== "column" || expression.relation !== relation) {
    return undefined;
  }
  const { callee } = calls[expression.column]!;
  return callee.kind === "window_function" ? callee.definition.name : undefined;
}

/** `rank <= 5`, `rank < 5`, `rank = 5` over the ranks of all rows. */
function filtered(
  node: FilterNode,
  newRelation: () => number,
): LogicalPlan {
  const { input: window, condition } = node;
  if (window.kind !== "window") return node;
  for (const part of conjunctsOf(condition)) {
    if (part.kind !== "call" || !isBound(part.operator)) continue;
    const [column, bound] = part.args;
    const rank = column && rankOf(column, window);
    if (
      bound?.kind !== "constant" ||
      (rank !== "row_number" && rank !== "rank")
    ) continue;
    const { value, type } = bound;
    const isCount = type.type.category === "N" && value !== null &&
      Number.isSafeInteger(Number(value)) && Number(value) >= 0;
    const input = isCount
      ? rankFirst(
        window,
        { limit: bound, isTied: rank === "rank" },
        newRelation,
      )
      : undefined;
    if (input !== undefined) return { ...node, input };
  }
  return node;
}

function isBound(operator: string | undefined): boolean {
  return operator === "<=" || operator === "<" || operator === "=";
}

/** The window over the first rows in its order; `undefined` if it needs others. */
function rankFirst(
  window: WindowNode,
  { limit, isTied }: {
    readonly limit: BoundExpression;
    readonly isTied: boolean;
  },
  newRelation: () => number,
): WindowNode | undefined {
  const { input, calls, orderBy, partitionBy, sorted } = window;
  const isRanking = partitionBy.length === 0 && orderBy.length > 0 &&
    calls.every(({ callee }) =>
      callee.kind === "window_function" && RANKS.has(callee.definition.name)
    );
  const isFirst = input.kind === "limit";
  if (
    !isRanking || isFirst || sorted ||
    orderBy.some(({ expression }) => isVolatile(expression))
  ) return undefined;
  const relation = newRelation();
  const keys = orderBy.map((key, column) => ({
    ...key,
    expression: columnRef({ relation, column }, key.expression),
  }));
  const first: LimitNode = {
    kind: "limit",
    limit,
    offset: undefined,
    ties: isTied ? keys : undefined,
    input: {
      kind: "sort",
      keys,
      input: {
        kind: "compute",
        relation,
        expressions: orderBy.map(({ expression }) => expression),
        waits: false,
        input,
      },
    },
  };
  return { ...window, input: first, sorted: true };
}
