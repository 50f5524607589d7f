/**
 * VACUUM and ANALYZE. There is nothing to vacuum: what no snapshot needs goes
 * with compaction.
 *
 * @module
 */
import type { BoundMaintenance } from "../analyzer/bound_maintenance.ts";
import type { DefinitionContext } from "../executor/catalog_change.ts";
import { analyzeTable } from "../executor/statistics/analyze_table.ts";
import type { RunOptions } from "./run_options.ts";

/** Runs VACUUM or ANALYZE; `now` is kept as the time of the statistics. */
export async function maintain(
  { analyze, verbose, tables, warnings }: BoundMaintenance,
  context: DefinitionContext,
  now: number,
  { onNotice }: Pick<RunOptions, "onNotice">,
): Promise<void> {
  const told = new Set<number>();
  for (const message of warnings) {
    onNotice?.({ severity: "WARNING", code: "01000", message });
  }
  for (const each of tables) {
    const { schema, name, id } = each.table;
    if (verbose && !told.has(id)) {
      told.add(id);
      const words = analyze ? "analyzing" : "vacuuming";
      const message = `${words} "${schema}.${name}"`;
      onNotice?.({ severity: "INFO", code: "00000", message });
    }
    if (!analyze) continue;
    const { signal } = context.build;
    await analyzeTable(each, { ...context, signal, now, byItself: false });
  }
}
