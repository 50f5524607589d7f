/**
 * Queries whose result is one row, or none, for each row of one table: of those
 * a change of some rows changes what the query gives for these rows alone.
 *
 * The query is run over nothing but the rows that changed, as they were and as
 * they are; the difference is that of the result.
 *
 * @module
 */
import type { BoundExpression } from "../../analyzer/bound_expression.ts";
import { someExpression } from "../../analyzer/walk.ts";
import { AccessRegistry } from "../../access/access_registry.ts";
import type { IndexAccessMethod } from "../../access/index_access.ts";
import { LSM_TABLE_METHOD } from "../../access/lsm_table.ts";
import type {
  TableAccessMethod,
  TableScan,
} from "../../access/table_access.ts";
import type { TableEntry } from "../../catalog/entries.ts";
import { SqlError } from "../../errors/sql_error.ts";
import { openPlan } from "../../executor/physical_planner.ts";
import { expressionsOf } from "../../planner/expressions_of.ts";
import type { LogicalPlan } from "../../planner/logical_plan.ts";
import type { DatabaseCore } from "../database_core.ts";
import { executionContext } from "../execution_context.ts";
import type { Prepared } from "../prepared.ts";
import { RowBuilder } from "../result.ts";
import type { RunRequest } from "../run_options.ts";
import type { Settings } from "../settings.ts";

/** The table of such a query; `undefined` for others. */
export function tableOfRows({ plan }: Prepared): TableEntry | undefined {
  return plan === undefined ? undefined : tableBelow(plan.logical);
}

function tableBelow(plan: LogicalPlan): TableEntry | undefined {
  if (expressionsOf(plan).some(mayChange)) return undefined;
  switch (plan.kind) {
    case "filter":
    case "project":
      return tableBelow(plan.input);
    case "compute":
      return plan.waits ? undefined : tableBelow(plan.input);
    case "scan": {
      const { table } = plan.table;
      return table.accessMethod === LSM_TABLE_METHOD ? table : undefined;
    }
    default:
      return undefined;
  }
}

/** Whether an expression may give something else for the same row. */
function mayChange(expression: BoundExpression): boolean {
  return someExpression(
    expression,
    (part) => part.kind === "call" && part.function.volatility !== "immutable",
  );
}

/** What such a query gives for some rows of its table, by their locators. */
export async function runOverRows(
  core: DatabaseCore,
  settings: Settings,
  prepared: Prepared,
  request: RunRequest,
  locators: Float64Array,
): Promise<unknown[]> {
  const context = executionContext(core, settings, prepared, request);
  const access = new ChangedRowsAccess(core.access, locators);
  const run = openPlan(prepared.plan!, { ...context, access });
  const builder = new RowBuilder(prepared.fields, request.options);
  const rows: unknown[] = [];
  try {
    for (;;) {
      const chunk = await run.next();
      if (chunk === undefined) return rows;
      builder.append(chunk, rows);
    }
  } finally {
    run.close();
  }
}

/** Tables of which scans find some rows only. */
class ChangedRowsAccess extends AccessRegistry {
  readonly #inner: AccessRegistry;
  readonly #locators: Float64Array;

  constructor(inner: AccessRegistry, locators: Float64Array) {
    super();
    this.#inner = inner;
    this.#locators = locators;
  }

  override table(name: string): TableAccessMethod {
    const inner = this.#inner.table(name);
    const locators = this.#locators;
    const refuse = (): never => {
      throw new SqlError("XX000", "a live query changes no rows");
    };
    return {
      name,
      scan: (table, transaction, options): TableScan => {
        let isRead = false;
        return {
          next: () => {
            if (isRead) return undefined;
            isRead = true;
            return inner.fetch(table, transaction, locators, options);
          },
          close: () => void (isRead = true),
        };
      },
      fetch: (...args) => inner.fetch(...args),
      estimateRows: (...args) => inner.estimateRows(...args),
      insert: refuse,
      update: refuse,
      delete: refuse,
    };
  }

  override index(name: string): IndexAccessMethod {
    return this.#inner.index(name);
  }
}
