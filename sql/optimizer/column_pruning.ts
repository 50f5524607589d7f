/**
 * Pass: a scan reads the columns that somebody uses.
 *
 * ```text
 * before  project a              after  project a
 *           scan t (a, b, c)              scan t (a, b)  filter b > 1
 *             filter b > 1
 * ```
 *
 * @module
 */
import {
  type BoundExpression,
  TABLEOID_COLUMN,
} from "../analyzer/bound_expression.ts";
import { someExpression } from "../analyzer/walk.ts";
import type { CustomScanNode } from "../planner/custom_scan.ts";
import { expressionsOf } from "../planner/expressions_of.ts";
import type {
  BitmapScanNode,
  ColumnId,
  IndexLookupNode,
  IndexScanNode,
  KnnNode,
  LogicalPlan,
  ScanNode,
} from "../planner/logical_plan.ts";
import { mapInputs, outputOf } from "../planner/plan_tree.ts";
import { LOCATOR_COLUMN } from "../planner/table_rows.ts";

/** Prunes the columns of all scans. */
export function pruneColumns(plan: LogicalPlan): LogicalPlan {
  return prune(plan, new Wanted(outputOf(plan)));
}

/** The columns that the nodes above use. */
class Wanted {
  readonly #columns: ReadonlyMap<number, ReadonlySet<number>>;

  constructor(ids: Iterable<ColumnId>) {
    const columns = new Map<number, Set<number>>();
    for (const { relation, column } of ids) {
      const set = columns.get(relation);
      if (set === undefined) columns.set(relation, new Set([column]));
      else set.add(column);
    }
    this.#columns = columns;
  }

  *ids(): Iterable<ColumnId> {
    for (const [relation, columns] of this.#columns) {
      for (const column of columns) yield { relation, column };
    }
  }

  /** The wanted ones of `columns`, in order. */
  of(relation: number, columns: readonly number[]): number[] {
    const set = this.#columns.get(relation);
    return columns.filter((column) => set?.has(column) === true);
  }

  with(expressions: Iterable<BoundExpression>): Wanted {
    return new Wanted([...this.ids(), ...columnsIn(expressions)]);
  }
}

function columnsIn(expressions: Iterable<BoundExpression>): ColumnId[] {
  const ids: ColumnId[] = [];
  for (const expression of expressions) {
    someExpression(expression, (part) => {
      if (part.kind === "column") ids.push(part);
      return false;
    });
  }
  return ids;
}

function prune(plan: LogicalPlan, wanted: Wanted): LogicalPlan {
  switch (plan.kind) {
    case "scan":
    case "index_lookup":
    case "index_scan":
    case "bitmap_scan":
    case "custom_scan":
      return pruneTable(plan, wanted);
    case "knn": {
      const own = pruneTable(plan, wanted);
      const { relation } = plan.table;
      // The exact way gives the same columns, those of the filter too.
      const ids = own.columns.map((column) => ({ relation, column }));
      const below = new Wanted([...wanted.ids(), ...ids]);
      return { ...own, exact: prune(plan.exact, below) };
    }
    case "append": {
      const columns = wanted.of(plan.table.relation, plan.columns);
      const { relation } = plan.table;
      const below = new Wanted([
        ...columns.map((column) => ({ relation, column })),
        ...plan.more ?? [],
      ]);
      return {
        ...plan,
        columns,
        inputs: plan.inputs.map((input) => prune(input, below)),
      };
    }
    case "apply":
    case "init": {
      const below = wanted.with(expressionsOf(plan));
      return {
        ...plan,
        input: prune(plan.input, below),
        subqueries: plan.subqueries.map((subquery) => ({
          ...subquery,
          plan: pruneColumns(subquery.plan),
        })),
      };
    }
    case "with":
      return {
        ...plan,
        input: prune(plan.input, wanted),
        ctes: plan.ctes.map((cte) => ({
          ...cte,
          plan: pruneColumns(cte.plan),
        })),
      };
    case "set_operation":
    case "recursive":
      return mapInputs(plan, pruneColumns);
    case "project":
    case "aggregate": {
      const below = new Wanted(columnsIn(expressionsOf(plan)));
      return mapInputs(plan, (input) => prune(input, below));
    }
    case "update":
    case "delete":
    case "merge": {
      const { relation } = plan.table;
      const row = outputOf(plan.input).filter((id) =>
        id.relation === relation &&
        (id.column >= 0 || id.column === LOCATOR_COLUMN)
      );
      // RETURNING may speak of other tables, too.
      const own = plan.kind === "merge" && plan.marker !== undefined
        ? [...row, plan.marker]
        : [...row];
      if (plan.kind === "merge" && plan.there !== undefined) {
        own.push(plan.there);
      }
      if (plan.table.tree !== undefined) {
        own.push({ relation, column: TABLEOID_COLUMN });
      }
      const below = new Wanted(own).with(expressionsOf(plan));
      return mapInputs(
        plan,
        (input) =>
          input === plan.input ? prune(input, below) : pruneColumns(input),
      );
    }
    case "lock_rows": {
      const rows = plan.locks.flatMap(({ table: { relation, tree } }) => {
        const columns = tree === undefined
          ? [LOCATOR_COLUMN]
          : [LOCATOR_COLUMN, TABLEOID_COLUMN];
        return columns.map((column) => ({ relation, column }));
      });
      const below = new Wanted([...wanted.ids(), ...rows]);
      return mapInputs(plan, (input) => prune(input, below));
    }
    case "insert":
    case "distinct": {
      // All columns of the input decide.
      return mapInputs(plan, pruneColumns);
    }
    default: {
      const below = wanted.with(expressionsOf(plan));
      return mapInputs(plan, (input) => prune(input, below));
    }
  }
}

function pruneTable<
  T extends
    | ScanNode
    | IndexLookupNode
    | IndexScanNode
    | BitmapScanNode
    | CustomScanNode
    | KnnNode,
>(
  plan: T,
  wanted: Wanted,
): T {
  const { relation } = plan.table;
  const all = wanted.with(expressionsOf(plan));
  return { ...plan, columns: all.of(relation, plan.columns) };
}
