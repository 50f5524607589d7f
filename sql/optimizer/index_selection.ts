/**
 * Pass: rows with certain keys are fetched by an index.
 *
 * ```text
 * before  scan t                           after  index_lookup t by t_pkey
 *           filter id = $1 AND b > 1               keys ($1)
 *                                                   filter b > 1
 * ```
 *
 * The index must be able to find equals (`=` among the search operators of its
 * operator classes), and the filter must give every key column a value that no
 * row is needed for; for an index of one column, `IN (…)` and `= ANY (array)`
 * give several. Of several indexes the first unique one is taken, else the one
 * with the most columns.
 *
 * @module
 */
import type { AccessRegistry } from "../access/access_registry.ts";
import type {
  BoundArrayComparison,
  BoundExpression,
} from "../analyzer/bound_expression.ts";
import type { TableRelation } from "../analyzer/bound_tree.ts";
import { someExpression } from "../analyzer/walk.ts";
import type { IndexEntry } from "../catalog/entries.ts";
import type {
  IndexLookupNode,
  LogicalPlan,
  ScanNode,
} from "../planner/logical_plan.ts";
import { mapPlan } from "../planner/plan_tree.ts";
import { isVolatile } from "../planner/volatility.ts";
import { conjunction, conjunctsOf } from "../planner/conjuncts.ts";
import type { PlanFacts } from "./facts.ts";

/** Replaces scans by index lookups where that is possible. */
export function selectIndexes(
  plan: LogicalPlan,
  facts: PlanFacts,
): LogicalPlan {
  return mapPlan(
    plan,
    (node) => node.kind === "scan" ? indexLookupOf(node, facts) ?? node : node,
  );
}

/** A condition that fixes a column: `column = value`, `column IN (values)`. */
interface FixedColumn {
  readonly condition: BoundExpression;
  /** The column's number in the catalog. */
  readonly number: number;
  readonly values: readonly BoundExpression[];
  /** Whether the one value is an array of the values. */
  readonly isArray?: boolean;
}

/** The lookup that does what `scan` does, if there is one. */
export function indexLookupOf(
  scan: ScanNode,
  { transaction, access }: PlanFacts,
): IndexLookupNode | undefined {
  if (scan.filter === undefined) return undefined;
  const conditions = conjunctsOf(scan.filter);
  const fixed = conditions
    .map((condition) => fixedColumn(condition, scan.table))
    .filter((column) => column !== undefined);
  if (fixed.length === 0) return undefined;
  const indexes = transaction.catalog.indexesOf(scan.table.table.id)
    .filter((index) => findsEquals(index, access));
  let best: { index: IndexEntry; used: readonly FixedColumn[] } | undefined;
  for (const index of indexes) {
    const used = usedColumns(index, fixed);
    if (used === undefined) continue;
    if (best === undefined || isBetter(index, best.index)) {
      best = { index, used };
    }
  }
  if (best === undefined) return undefined;
  const { index, used } = best;
  const keys = used.length === 1
    ? used[0]!.values.map((value) => [value])
    : [used.map(({ values }) => values[0]!)];
  const taken = new Set(used.map(({ condition }) => condition));
  return {
    kind: "index_lookup",
    table: scan.table,
    index,
    keys,
    ...used[0]!.isArray === true ? { unnests: true } : {},
    condition: conjunction([...taken])!,
    columns: scan.columns,
    filter: conjunction(conditions.filter((each) => !taken.has(each))),
  };
}

function isBetter(index: IndexEntry, than: IndexEntry): boolean {
  if (index.unique !== than.unique) return index.unique;
  return index.columns.length > than.columns.length;
}

function findsEquals(index: IndexEntry, access: AccessRegistry): boolean {
  const method = access.index(index.accessMethod);
  if (method.lookup === undefined) return false;
  return index.columns.every(({ operatorClass }) =>
    method.operatorClasses.some((each) =>
      each.name === operatorClass && each.searchOperators.includes("=")
    )
  );
}

/** One condition a key column, in their order; absent if one lacks. */
function usedColumns(
  index: IndexEntry,
  fixed: readonly FixedColumn[],
): FixedColumn[] | undefined {
  const single = index.columns.length === 1;
  const used: FixedColumn[] = [];
  for (const { columnNumber } of index.columns) {
    const column = fixed.find(({ number, values, isArray }) =>
      number === columnNumber &&
      (single || (values.length === 1 && isArray !== true))
    );
    if (column === undefined) return undefined;
    used.push(column);
  }
  return used;
}

function fixedColumn(
  condition: BoundExpression,
  table: TableRelation,
): FixedColumn | undefined {
  if (condition.kind === "call" && condition.operator === "=") {
    const [left, right] = condition.args;
    if (!comparesOneType(condition.function.argumentTypes)) return undefined;
    for (const [column, value] of [[left!, right!], [right!, left!]] as const) {
      const number = columnNumber(column, table);
      if (number !== undefined && isFixed(value)) {
        return { condition, number, values: [value] };
      }
    }
  } else if (condition.kind === "array_comparison") {
    return fixedByArray(condition, table);
  } else if (condition.kind === "in" && !condition.negated) {
    const number = columnNumber(condition.operand, table);
    const { items } = condition;
    if (
      number !== undefined && items.every(isFixed) &&
      comparesOneType(condition.function.argumentTypes)
    ) return { condition, number, values: items };
  }
  return undefined;
}

/** `column = ANY (array)` */
function fixedByArray(
  condition: BoundArrayComparison,
  table: TableRelation,
): FixedColumn | undefined {
  const { operand, array, operator, all, function: definition } = condition;
  if (all || operator !== "=" || !isFixed(array)) return undefined;
  if (!comparesOneType(definition.argumentTypes)) return undefined;
  const number = columnNumber(operand, table);
  return number === undefined
    ? undefined
    : { condition, number, values: [array], isArray: true };
}

/** Both operands have one form, so that the value is a key as it is. */
function comparesOneType(types: readonly unknown[]): boolean {
  return types[0] === types[1];
}

/** The number of the table's column that the expression is. */
function columnNumber(
  expression: BoundExpression,
  table: TableRelation,
): number | undefined {
  if (expression.kind === "cast") {
    // varchar compared as text: the same form.
    return expression.convert === undefined
      ? columnNumber(expression.operand, table)
      : undefined;
  }
  if (
    expression.kind !== "column" || expression.relation !== table.relation
  ) return undefined;
  return table.table.columns[expression.column]?.number;
}

/** Whether the value is the same for all rows. */
function isFixed(expression: BoundExpression): boolean {
  return !isVolatile(expression) &&
    !someExpression(
      expression,
      ({ kind }) => kind === "column" || kind === "case_operand",
    );
}
