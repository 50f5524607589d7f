/**
 * Conditions on the rows of a table, evaluated while these are read.
 *
 * As `filter_expression.ts` has it, the parts that AND joins are applied one
 * after the other; but a part's columns are read only then, and only for the rows
 * that are left. Comparisons, which never fail, change places: those whose
 * columns are read at little cost come first. Nothing passes a condition that may
 * fail, as that may be what protects it, or what it protects.
 *
 * @module
 */
import type {
  BoundColumn,
  BoundExpression,
} from "../analyzer/bound_expression.ts";
import { conjunctsOf } from "../analyzer/conjuncts.ts";
import { someExpression } from "../analyzer/walk.ts";
import type { RowFilter } from "../access/table_access.ts";
import type { Column } from "../chunk/chunk.ts";
import type {
  IndexLookupNode,
  IndexScanNode,
  ScanNode,
} from "../planner/logical_plan.ts";
import { bool } from "../types/bool_type.ts";
import type { ColumnExpression } from "./column_expression.ts";
import { constantColumn, trueRows } from "./column_tools.ts";
import { compileExpression } from "./expression_compiler.ts";
import { layoutOf } from "./layout.ts";
import type { RunState } from "./run_state.ts";

/** The filter of a run. */
export type ScanFilter = (run: RunState) => RowFilter;

/** A part of the condition. */
interface FilterPart {
  readonly test: ColumnExpression;
  /** Where the columns it speaks of are in the node's, and in those wanted. */
  readonly columns: readonly {
    readonly place: number;
    readonly index: number;
  }[];
}

/** Stands where a column is that has not been read. */
const UNREAD: Column = constantColumn(bool, null, 0);

/**
 * Compiles the condition of a scan whose columns `wanted` are read; `undefined`
 * where it speaks of none of them, or of others.
 */
export function compileScanFilter(
  node: ScanNode | IndexScanNode | IndexLookupNode,
  wanted: readonly number[],
): ScanFilter | undefined {
  const layout = layoutOf(node);
  const parts: FilterPart[] = [];
  for (const condition of inOrder(conjunctsOf(node.filter))) {
    const columns = columnsIn(condition).map((column) => ({
      place: layout(column),
      index: wanted.indexOf(column.column),
    }));
    if (columns.length === 0 || columns.some(({ index }) => index < 0)) {
      return undefined;
    }
    parts.push({ test: compileExpression(condition, layout), columns });
  }
  if (parts.length === 0) return undefined;
  const count = node.columns.length;
  return (run) => (scanned) => {
    const { rowCount } = scanned;
    const columns: Column[] = new Array(count).fill(UNREAD);
    const chunk = { columns, rowCount };
    let rows: Uint32Array | undefined;
    for (const { test, columns: needed } of parts) {
      if (rows !== undefined && rows.length === 0) break;
      for (const { place, index } of needed) {
        columns[place] = scanned.column(index, rows);
      }
      rows = trueRows(test(chunk, rows, run), rows, rowCount);
    }
    return rows;
  };
}

/** Conditions in the order in which they are applied. */
function inOrder(conditions: readonly BoundExpression[]): BoundExpression[] {
  const ordered: BoundExpression[] = [];
  let some: BoundExpression[] = [];
  const settle = (): void => {
    ordered.push(...some.sort((a, b) => readCost(a) - readCost(b)));
    some = [];
  };
  for (const condition of conditions) {
    if (neverFails(condition)) some.push(condition);
    else {
      settle();
      ordered.push(condition);
    }
  }
  settle();
  return ordered;
}

const COMPARISONS: ReadonlySet<string | undefined> = new Set([
  "=",
  "<>",
  "<",
  "<=",
  ">",
  ">=",
]);

/** Whether a condition is a comparison of columns and values of PostgreSQL's. */
export function neverFails(condition: BoundExpression): boolean {
  switch (condition.kind) {
    case "call":
      return COMPARISONS.has(condition.operator) &&
        condition.function.column !== undefined &&
        condition.args.every(isValue);
    case "in":
      return condition.function.column !== undefined &&
        isValue(condition.operand) && condition.items.every(isValue);
    case "null_test":
      return isValue(condition.operand);
    default:
      return false;
  }
}

function isValue({ kind }: BoundExpression): boolean {
  return kind === "column" || kind === "constant" || kind === "parameter";
}

/** About what reading a condition's columns costs. */
function readCost(condition: BoundExpression): number {
  let cost = condition.kind === "in" ? 1 : 0;
  for (const { type: { type } } of columnsIn(condition)) {
    cost += type.storage !== "reference" ? 1 : type.category === "S" ? 8 : 4;
  }
  return cost;
}

/** The columns that a condition speaks of. */
function columnsIn(condition: BoundExpression): BoundColumn[] {
  const columns: BoundColumn[] = [];
  someExpression(condition, (part) => {
    if (part.kind === "column") columns.push(part);
    return false;
  });
  return columns;
}
