/**
 * The rows about CREATE STATISTICS: `pg_statistic_ext`, `pg_statistic_ext_data`,
 * and `lsm_extended_statistics`, which `pg_stats_ext` shows.
 *
 * @module
 */
import type {
  ColumnsSummary,
  StatisticsKind,
} from "../../catalog/extended_statistics.ts";
import {
  allStatistics,
  type FoundStatistics,
  statisticsId,
} from "../../catalog/statistics_objects.ts";
import {
  arrayText,
  OWNER_ID,
  schemaId,
  type SystemRow,
  type SystemSource,
} from "./system_rows.ts";

const LETTERS: Readonly<Record<StatisticsKind, string>> = {
  ndistinct: "d",
  dependencies: "f",
  mcv: "m",
};

/** `pg_statistic_ext`. */
export function* extendedStatisticRows(
  { catalog }: SystemSource,
): Iterable<SystemRow> {
  for (const { table, statistics } of allStatistics(catalog)) {
    yield {
      oid: statisticsId(table, statistics),
      stxrelid: table.id,
      stxname: statistics.name,
      stxnamespace: schemaId(catalog, statistics.schema),
      stxowner: table.ownerId ?? OWNER_ID,
      stxkeys: statistics.columns.join(" "),
      stxstattarget: statistics.target ?? null,
      stxkind: kindsText(statistics.kinds),
      stxexprs: null,
    };
  }
}

function kindsText(kinds: readonly StatisticsKind[]): string {
  return arrayText(kinds.map((kind) => LETTERS[kind]));
}

/** The statistics objects of which something is known. */
function* known(
  { catalog }: SystemSource,
): Iterable<FoundStatistics & { readonly summary: ColumnsSummary }> {
  for (const found of allStatistics(catalog)) {
    const summary = catalog.statisticsOf(found.table.id)?.extended
      ?.find(({ number }) => number === found.statistics.number);
    if (summary !== undefined) yield { ...found, summary };
  }
}

/** `pg_statistic_ext_data`. */
export function* extendedDataRows(source: SystemSource): Iterable<SystemRow> {
  for (const { table, statistics, summary } of known(source)) {
    yield {
      stxoid: statisticsId(table, statistics),
      stxdinherit: false,
      stxdndistinct: distinctText(summary),
      stxddependencies: dependenciesText(summary),
      stxdmcv: summary.common === undefined
        ? null
        : JSON.stringify(summary.common),
    };
  }
}

/** `{"1, 2": 11}` */
function distinctText({ distinct }: ColumnsSummary): string | null {
  if (distinct === undefined) return null;
  const items = distinct.map(({ columns, count }) =>
    `"${columns.join(", ")}": ${count}`
  );
  return `{${items.join(", ")}}`;
}

/** `{"1 => 2": 1.000000}` */
function dependenciesText({ dependencies }: ColumnsSummary): string | null {
  if (dependencies === undefined || dependencies.length === 0) return null;
  const items = dependencies.map(({ from, to, degree }) =>
    `"${from.join(", ")} => ${to}": ${degree.toFixed(6)}`
  );
  return `{${items.join(", ")}}`;
}

/** `lsm_extended_statistics`: what `pg_stats_ext` shows. */
export function* extendedSummaryRows(
  source: SystemSource,
): Iterable<SystemRow> {
  for (const { table, statistics, summary } of known(source)) {
    const { common } = summary;
    const hasCommon = common !== undefined && common.length > 0;
    yield {
      schemaname: table.schema,
      tablename: table.name,
      statistics_schemaname: statistics.schema,
      statistics_name: statistics.name,
      statistics_owner: source.user,
      attnames: arrayText(
        statistics.columns.map((number) =>
          quoted(
            table.columns.find((each) => each.number === number)?.name ?? "?",
          )
        ),
      ),
      exprs: null,
      kinds: kindsText(statistics.kinds),
      inherited: false,
      n_distinct: distinctText(summary),
      dependencies: dependenciesText(summary),
      ...hasCommon && {
        most_common_vals: listsText(common, (values) => values.map(quoted)),
        most_common_val_nulls: listsText(
          common,
          (values) => values.map((value) => value === null ? "t" : "f"),
        ),
        most_common_freqs: arrayText(common.map(({ share }) => share)),
        most_common_base_freqs: arrayText(
          common.map(({ baseShare }) => baseShare),
        ),
      },
    };
  }
}

function listsText(
  common: NonNullable<ColumnsSummary["common"]>,
  shown: (values: readonly (string | null)[]) => string[],
): string {
  return arrayText(common.map(({ values }) => arrayText(shown(values))));
}

/** An element of an array's text. */
function quoted(value: string | null): string {
  if (value === null) return "NULL";
  return value === "" || /[{}",\\\s]/.test(value) || /^null$/i.test(value)
    ? `"${value.replace(/["\\]/g, "\\$&")}"`
    : value;
}
