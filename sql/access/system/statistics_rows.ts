/**
 * The rows about what ANALYZE found out: `pg_statistic` and
 * `lsm_table_statistics`.
 *
 * @module
 */
import type { ColumnStatistics } from "../../catalog/statistics_entry.ts";
import type { StatisticsEntry } from "../../catalog/entries.ts";
import { arrayText, type SystemRow, type SystemSource } from "./system_rows.ts";

/** What a slot of `pg_statistic` is about (STATISTIC_KIND_…). */
const COMMON = 1;
const HISTOGRAM = 2;
const CORRELATION = 3;

interface Slot {
  readonly kind: number;
  readonly numbers?: string;
  readonly values?: string;
}

/** `pg_statistic`. */
export function* statisticRows(source: SystemSource): Iterable<SystemRow> {
  for (const { tableId, columns } of statisticsOf(source)) {
    for (const column of columns) {
      const row: Record<string, SystemRow[string]> = {
        starelid: tableId,
        staattnum: column.number,
        stanullfrac: Math.fround(column.nullFraction),
        stawidth: Math.trunc(column.width),
        stadistinct: Math.fround(column.distinct),
      };
      slotsOf(column).forEach(({ kind, numbers, values }, i) => {
        row[`stakind${i + 1}`] = kind;
        row[`stanumbers${i + 1}`] = numbers ?? null;
        row[`stavalues${i + 1}`] = values ?? null;
      });
      yield row;
    }
  }
}

function slotsOf(column: ColumnStatistics): Slot[] {
  const slots: Slot[] = [];
  const { commonValues, commonShares, bounds, correlation } = column;
  if (commonValues.length > 0) {
    slots.push({
      kind: COMMON,
      numbers: arrayText(commonShares.map(Math.fround)),
      values: valuesText(commonValues),
    });
  }
  if (bounds.length > 0) {
    slots.push({ kind: HISTOGRAM, values: valuesText(bounds) });
  }
  if (correlation !== undefined) {
    slots.push({
      kind: CORRELATION,
      numbers: arrayText([Math.fround(correlation)]),
    });
  }
  return slots;
}

/** Texts as the text of an array, quoted where it is needed. */
function valuesText(values: readonly string[]): string {
  return arrayText(
    values.map((value) =>
      value === "" || /[{}",\\\s]/.test(value) || /^null$/i.test(value)
        ? `"${value.replace(/["\\]/g, "\\$&")}"`
        : value
    ),
  );
}

/** `lsm_table_statistics`: what is known of tables, and since when. */
export function* tableStatisticRows(
  source: SystemSource,
): Iterable<SystemRow> {
  for (const entry of statisticsOf(source)) {
    yield {
      relid: entry.tableId,
      analyzed_at: entry.analyzedAt ?? null,
      auto_analyzed_at: entry.autoAnalyzedAt ?? null,
      row_count: entry.rows,
    };
  }
}

function* statisticsOf(
  { catalog }: SystemSource,
): Iterable<StatisticsEntry> {
  for (const entry of catalog.entries()) {
    if (entry.kind === "statistics") yield entry;
  }
}
