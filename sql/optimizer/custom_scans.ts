/**
 * Pass: tables whose rows a provider supplies are read by it.
 *
 * ```text
 * before  limit 10                      after  limit 10
 *           scan t                               custom_scan t  limit 10
 *             filter a = 1 AND f(b)                told a = 1, filter f(b)
 * ```
 *
 * Only for rows that are read: to change or to lock a row it must be found in
 * the table itself.
 *
 * @module
 */
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import { conjunction, conjunctsOf } from "../planner/conjuncts.ts";
import type {
  CustomScanNode,
  ScanOperator,
  ToldCondition,
} from "../planner/custom_scan.ts";
import type { LogicalPlan, ScanNode } from "../planner/logical_plan.ts";
import { mapInputs } from "../planner/plan_tree.ts";
import { pruneColumns } from "./column_pruning.ts";
import { hasOrderedEquality } from "./equivalences.ts";
import { estimate } from "./estimate.ts";
import type { PlanFacts } from "./facts.ts";
import { isFixed } from "./indexes/key_condition.ts";
import { selectIndexes } from "./indexes/index_selection.ts";

/** Has providers scan what they offer to. */
export function useCustomScans(
  plan: LogicalPlan,
  facts: PlanFacts,
): LogicalPlan {
  const { scanProviders = [] } = facts;
  return scanProviders.length === 0
    ? plan
    : offerAll(pruneColumns(plan), facts);
}

function offerAll(plan: LogicalPlan, facts: PlanFacts): LogicalPlan {
  const below = mapInputs(plan, (input) => offerAll(input, facts));
  switch (below.kind) {
    case "scan":
      return offered(below, facts) ?? below;
    case "limit": {
      if (below.ties !== undefined) return below;
      const { limit, offset } = below;
      return { ...below, input: limited(below.input, limit, offset) };
    }
    default:
      return below;
  }
}

/** The scan by the provider that was added last of those that offer one. */
function offered(
  scan: ScanNode,
  facts: PlanFacts,
): CustomScanNode | undefined {
  const { table: { table }, columns } = scan;
  // System columns are where a row is in the table.
  if (columns.some((column) => column < 0)) return undefined;
  // Known to be true of no row: nobody has to be asked.
  const conditions = conjunctsOf(scan.filter);
  if (conditions.some(({ kind }) => kind === "constant")) return undefined;
  const told = conditions.map((each) => conditionOf(each, scan))
    .filter((each) => each !== undefined);
  const question = {
    schema: table.schema,
    table: table.name,
    columns: columns.map((column) => table.columns[column]!.name),
    conditions: told.map(({ condition }) => condition),
  };
  for (const { name, offer: ask } of facts.scanProviders!.toReversed()) {
    const offer = ask(question);
    if (offer === undefined) continue;
    const { exact = [], cost } = offer;
    const answered = new Set(
      told.filter(({ condition }) => exact.includes(condition))
        .map(({ expression }) => expression),
    );
    const node: CustomScanNode = {
      kind: "custom_scan",
      table: scan.table,
      provider: name,
      offer,
      told,
      columns,
      filter: conjunction(
        conditions.filter((each) => !answered.has(each)),
      ),
      limit: undefined,
      offset: undefined,
    };
    const own = cost === undefined
      ? Infinity
      : estimate(selectIndexes(scan, facts), facts).total;
    if (cost === undefined || cost < own) return node;
  }
  return undefined;
}

const OPERATORS: ReadonlySet<string> = new Set([
  "=",
  "<>",
  "<",
  "<=",
  ">",
  ">=",
]);
const COMMUTED: Readonly<Record<string, ScanOperator>> = {
  "<": ">",
  "<=": ">=",
  ">": "<",
  ">=": "<=",
};

/** What a provider can be told of a condition. */
function conditionOf(
  expression: BoundExpression,
  scan: ScanNode,
): ToldCondition | undefined {
  const told = (
    column: string | undefined,
    operator: ScanOperator,
    values: readonly BoundExpression[],
  ): ToldCondition | undefined =>
    column === undefined || !values.every(isFixed)
      ? undefined
      : { expression, condition: { column, operator }, values };
  switch (expression.kind) {
    case "null_test":
      return told(
        columnName(expression.operand, scan),
        expression.negated ? "is not null" : "is null",
        [],
      );
    case "in":
      return expression.negated || !isOrdered(expression.function)
        ? undefined
        : told(columnName(expression.operand, scan), "in", expression.items);
    case "call": {
      const { operator, args: [left, right] } = expression;
      if (
        operator === undefined || !OPERATORS.has(operator) ||
        !isOrdered(expression.function)
      ) return undefined;
      const name = columnName(left!, scan);
      return name === undefined
        ? told(
          columnName(right!, scan),
          COMMUTED[operator] ?? operator as ScanOperator,
          [left!],
        )
        : told(name, operator as ScanOperator, [right!]);
    }
    default:
      return undefined;
  }
}

function isOrdered(
  { argumentTypes, routine }: Extract<
    BoundExpression,
    { kind: "call" }
  >["function"],
): boolean {
  return routine === undefined && argumentTypes.every(hasOrderedEquality);
}

/** The name of the column that an operand is, under its own type or another's. */
function columnName(
  operand: BoundExpression,
  scan: ScanNode,
): string | undefined {
  if (operand.kind === "cast" && operand.convert === undefined) {
    return columnName(operand.operand, scan);
  }
  return operand.kind === "column" && operand.column >= 0
    ? scan.table.table.columns[operand.column]!.name
    : undefined;
}

/** A node of whose rows only some are wanted. */
function limited(
  plan: LogicalPlan,
  limit: BoundExpression | undefined,
  offset: BoundExpression | undefined,
): LogicalPlan {
  switch (plan.kind) {
    case "project":
    case "compute":
      return { ...plan, input: limited(plan.input, limit, offset) };
    case "custom_scan":
      return plan.filter === undefined ? { ...plan, limit, offset } : plan;
    default:
      return plan;
  }
}
