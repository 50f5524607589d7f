/**
 * The rows of CREATE TABLE AS and of materialized views: an INSERT of their
 * query, in the transaction of the statement.
 *
 * @module
 */
import { analyze } from "../analyzer/analyzer.ts";
import type { BoundPlannable } from "../analyzer/bound_tree.ts";
import type { TableEntry } from "../catalog/entries.ts";
import { openPlan, planStatement } from "../executor/physical_planner.ts";
import { parse } from "../parser/parser.ts";
import type { InsertSyntax, SelectSyntax } from "../parser/syntax.ts";
import { analyzeOptions } from "./analyze_options.ts";
import type { DatabaseCore } from "./database_core.ts";
import { executionContext, type StatementFacts } from "./execution_context.ts";
import { planFacts } from "./plan_facts.ts";
import type { RunRequest } from "./run_options.ts";
import type { Settings } from "./settings.ts";

/** Fills `table` with the rows of `source`; their number. */
export async function populate(
  core: DatabaseCore,
  settings: Settings,
  { table, source, facts }: {
    readonly table: TableEntry;
    readonly source: SelectSyntax;
    readonly facts: StatementFacts;
  },
  request: RunRequest,
): Promise<number> {
  const { transaction } = request;
  const { schema, name } = table;
  const relation = { schema, name, offset: -1 };
  const template = parse("INSERT INTO t SELECT")[0]!.syntax;
  const insert = { ...template as InsertSyntax, relation, source };
  const bound = analyze(insert, {
    ...analyzeOptions(core, settings, transaction.catalog),
    parameterTypes: facts.bound.parameterTypes,
  });
  const run = openPlan(
    planStatement(
      bound as BoundPlannable,
      planFacts(core, settings, transaction, transaction.catalog),
    ),
    executionContext(core, settings, facts, request),
  );
  try {
    while (await run.next() !== undefined);
    return run.affectedRows;
  } finally {
    run.close();
  }
}
