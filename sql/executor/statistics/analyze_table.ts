/**
 * ANALYZE of a table: a sample of its rows, what it says of each column, and
 * the entry of the catalog that keeps it.
 *
 * The entry is the table's alone, so writers of rows go on; two transactions
 * that analyze one table at a time conflict, as do one that analyzes it and one
 * that drops it.
 *
 * @module
 */
import type { Cancellation } from "../../../base/cancellation.ts";
import type { MaintainedTable } from "../../analyzer/bound_maintenance.ts";
import { entryKey } from "../../catalog/catalog_rows.ts";
import type { StatisticsEntry } from "../../catalog/entries.ts";
import { isTemporaryId } from "../../catalog/temporary_schema.ts";
import type { ColumnStatistics } from "../../catalog/statistics_entry.ts";
import {
  addEntry,
  type DefinitionContext,
  replaceEntry,
} from "../catalog_change.ts";
import { summarizeColumns, type SummaryRequest } from "./columns_summary.ts";
import { summarize } from "./column_summary.ts";
import { sampleTable } from "./table_sample.ts";

/** How many rows a sample has: 300 for each of 100 parts of a histogram. */
const SAMPLE_ROWS = 30_000;
const PAGE_BYTES = 8192;
/** What a row takes besides its values. */
const ROW_BYTES = 28;

/** What a table is analyzed with. */
export interface AnalyzeContext
  extends Pick<DefinitionContext, "transaction" | "access" | "counters"> {
  /** Gives up, and leaves things as they are, when aborted. */
  readonly signal: Cancellation | undefined;
  /** The time, in microseconds since 2000-01-01. */
  readonly now: number;
  /** Whether nobody asked for it. */
  readonly byItself: boolean;
}

/** Makes the statistics of a table anew; of other columns they stay. */
export async function analyzeTable(
  { table, columns }: MaintainedTable,
  context: AnalyzeContext,
): Promise<void> {
  const { transaction, access, signal, counters, now, byItself } = context;
  const request = { table, columns, countMax: SAMPLE_ROWS, signal };
  const sample = await sampleTable(request, access, transaction);
  const { rowCount, sampleCount } = sample;
  const before = transaction.catalog.statisticsOf(table.id);
  const known = new Map(
    before?.columns.map((column) => [column.number, column]),
  );
  columns.forEach((at, i) => {
    const { number, type: { type } } = table.columns[at]!;
    if (sampleCount === 0) return void known.delete(number);
    known.set(number, {
      number,
      ...summarize({
        type,
        sample: sample.columns[i]!,
        sampleCount,
        rowCount,
      }),
    });
  });
  const kept = table.columns.flatMap(({ number }): ColumnStatistics[] =>
    known.has(number) ? [known.get(number)!] : []
  );
  const width = kept.reduce((sum, each) => sum + each.width, ROW_BYTES);
  const entry: StatisticsEntry = {
    kind: "statistics",
    id: before?.id ??
      counters.newId(isTemporaryId(table.id) ? table.schema : undefined),
    name: String(table.id),
    schema: table.schema,
    tableId: table.id,
    rows: rowCount,
    pages: Math.ceil(rowCount * width / PAGE_BYTES),
    ...(byItself
      ? { analyzedAt: before?.analyzedAt, autoAnalyzedAt: now }
      : { analyzedAt: now, autoAnalyzedAt: before?.autoAnalyzedAt }),
    columns: kept,
    ...extendedOf({ table, columns, sample, signal }, before),
  };
  if (before === undefined) return addEntry(entry, { transaction });
  transaction.guardRelation(table.id, entryKey(table.id));
  // The schema is the table's, and no part of the name.
  replaceEntry({ ...before, schema: entry.schema }, entry, transaction);
}

/** What is known of several columns together; what is not new stays. */
function extendedOf(
  request: SummaryRequest,
  before: StatisticsEntry | undefined,
): Pick<StatisticsEntry, "extended"> {
  const { statistics = [] } = request.table;
  const extended = statistics.flatMap((each) => {
    const known = before?.extended?.find(({ number }) =>
      number === each.number
    );
    if (each.target === 0) return known ?? [];
    return summarizeColumns(each, request) ?? known ?? [];
  });
  return extended.length === 0 ? {} : { extended };
}
