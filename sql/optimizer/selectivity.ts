/**
 * How many rows a condition leaves, by rules of thumb.
 *
 * Without statistics of columns the numbers are PostgreSQL's defaults: an
 * equality leaves 0.5 % (or one row where the column is a key), a comparison
 * with one bound a third, a range 0.5 %, LIKE 0.5 %, IS NULL 0.5 %.
 *
 * @module
 */
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import type { TableRelation } from "../analyzer/bound_tree.ts";
import type { CatalogView } from "../catalog/entries.ts";
import { conjunctsOf } from "../planner/conjuncts.ts";

/** The share of rows with one value of a column that is no key. */
const EQUAL = 0.005;
/** The share of rows on one side of a bound. */
const BELOW = 1 / 3;
/** The share of rows between two bounds. */
const BETWEEN = 0.005;
/** The share of rows for which we know nothing. */
const UNKNOWN = 1 / 3;

/** What an estimate may look at. */
export interface SelectivityFacts {
  readonly table: TableRelation;
  readonly catalog: CatalogView;
  /** About how many rows the table has. */
  readonly rowCount: number;
}

/** The share of the table's rows for which `condition` is true, 0 to 1. */
export function selectivityOf(
  condition: BoundExpression | undefined,
  facts: SelectivityFacts,
): number {
  let share = 1;
  const bounds = new Map<number, number>();
  for (const part of conjunctsOf(condition)) {
    const column = boundedColumn(part);
    if (column === undefined) {
      share *= shareOf(part, facts);
    } else {
      bounds.set(column, (bounds.get(column) ?? 0) + 1);
    }
  }
  for (const count of bounds.values()) share *= count > 1 ? BETWEEN : BELOW;
  return clamp(share, facts);
}

/** At least one row in all, at most all of them. */
function clamp(share: number, { rowCount }: SelectivityFacts): number {
  return Math.min(1, Math.max(share, 1 / Math.max(rowCount, 1)));
}

/** The column that the condition gives one bound, if that is what it does. */
function boundedColumn(condition: BoundExpression): number | undefined {
  if (condition.kind !== "call" || condition.operator === undefined) {
    return undefined;
  }
  if (!/^[<>]=?$/.test(condition.operator)) return undefined;
  return condition.args.map(bare).find((arg) => arg.kind === "column")?.column;
}

function bare(expression: BoundExpression): BoundExpression & {
  readonly column?: number;
} {
  return expression.kind === "cast" ? bare(expression.operand) : expression;
}

function shareOf(condition: BoundExpression, facts: SelectivityFacts): number {
  switch (condition.kind) {
    case "constant":
      return condition.value === true ? 1 : 0;
    case "logical": {
      const shares = condition.operands.map((operand) =>
        selectivityOf(operand, facts)
      );
      if (condition.operation === "not") return 1 - shares[0]!;
      return condition.operation === "and"
        ? shares.reduce((a, b) => a * b, 1)
        : 1 - shares.reduce((a, b) => a * (1 - b), 1);
    }
    case "in": {
      const one = equalShare(condition.operand, facts);
      const share = Math.min(1, one * condition.items.length);
      return condition.negated ? 1 - share : share;
    }
    case "null_test":
      return condition.negated ? 1 - EQUAL : EQUAL;
    case "boolean_test":
    case "column":
      return 0.5;
    case "call":
      return operatorShare(condition, facts);
    default:
      return UNKNOWN;
  }
}

function operatorShare(
  { operator, args }: Extract<BoundExpression, { kind: "call" }>,
  facts: SelectivityFacts,
): number {
  switch (operator) {
    case "=":
      return Math.min(...args.map((arg) => equalShare(arg, facts)));
    case "<>":
      return 1 - EQUAL;
    case "@>":
    case "<@":
    case "&&":
    case "?":
    case "?|":
    case "?&":
    case "@?":
    case "@@":
      return EQUAL;
    case "~~":
    case "~~*":
    case "~":
    case "~*":
      return EQUAL;
    case "!~~":
    case "!~~*":
    case "!~":
    case "!~*":
      return 1 - EQUAL;
    default:
      return UNKNOWN;
  }
}

/** The share of rows equal to one value. */
function equalShare(
  operand: BoundExpression,
  { table, catalog, rowCount }: SelectivityFacts,
): number {
  const column = bare(operand);
  if (column.kind !== "column" || column.relation !== table.relation) {
    return EQUAL;
  }
  const number = table.table.columns[column.column]?.number;
  if (column.type.type.name === "bool") return 0.5;
  const isKey = catalog.indexesOf(table.table.id).some((index) =>
    index.unique && index.predicate === undefined &&
    index.columns.length === 1 &&
    index.columns[0]!.columnNumber === number
  );
  return isKey ? 1 / Math.max(rowCount, 1) : EQUAL;
}
