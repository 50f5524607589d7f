/**
 * Estimates by what ANALYZE found out about several columns together (CREATE
 * STATISTICS), as PostgreSQL's `clauselist_apply_dependencies` and
 * `mcv_combine_selectivities` have them.
 *
 * Of equalities with known values:
 *
 * | there is | the share of rows is |
 * | --- | --- |
 * | a list of common combinations | that of those that match; of others what the columns alone say, but no more than the list leaves |
 * | a dependency of b on a, of degree f | P(a) * (f + (1 - f) P(b)), with f P(b) / P(a) for f where P(a) > P(b) |
 * | neither | the product of the columns' shares |
 *
 * @module
 */
import type { CatalogView, TableEntry } from "../catalog/entries.ts";
import type {
  ColumnsSummary,
  CommonCombination,
  ExtendedStatistics,
} from "../catalog/extended_statistics.ts";
import type { SqlValue } from "../types/data_type.ts";

/** An equality of a column with a value. */
export interface ColumnEquality {
  /** The column's `number`. */
  readonly number: number;
  readonly value: SqlValue;
  /** The share of rows in which it is true, by the column alone. */
  readonly share: number;
}

/** What is known of some columns of a table. */
interface KnownColumns {
  readonly statistics: ExtendedStatistics;
  readonly summary: ColumnsSummary;
}

/** What is known of columns that have the types they had. */
function* known(
  catalog: CatalogView,
  table: TableEntry,
): Iterable<KnownColumns> {
  const { statistics = [] } = table;
  if (statistics.length === 0) return;
  const extended = catalog.statisticsOf(table.id)?.extended ?? [];
  for (const each of statistics) {
    const summary = extended.find(({ number }) => number === each.number);
    if (summary === undefined) continue;
    const isSame = each.columns.every((number, i) =>
      table.columns.find((column) => column.number === number)?.type.type
        .name === summary.types[i]
    );
    if (isSame) yield { statistics: each, summary };
  }
}

/** How many different values columns have together, if it is known. */
export function distinctTogether(
  catalog: CatalogView,
  table: TableEntry,
  numbers: ReadonlySet<number>,
): number | undefined {
  for (const { summary } of known(catalog, table)) {
    const found = summary.distinct?.find(({ columns }) =>
      columns.length === numbers.size &&
      columns.every((number) => numbers.has(number))
    );
    if (found !== undefined) return found.count;
  }
  return undefined;
}

/** The share of rows in which all of some equalities are true. */
export function equalitiesShare(
  catalog: CatalogView,
  table: TableEntry,
  equalities: readonly ColumnEquality[],
): number {
  let left = [...equalities];
  let share = 1;
  for (const { statistics, summary } of known(catalog, table)) {
    const { common } = summary;
    if (common === undefined || common.length === 0) continue;
    const within = left.filter(({ number }) =>
      statistics.columns.includes(number)
    );
    if (within.length < 2) continue;
    share *= commonShare(table, statistics, common, within);
    left = left.filter((each) => !within.includes(each));
  }
  for (const { summary } of known(catalog, table)) {
    const dependent = dependentShare(summary, left);
    share *= dependent.share;
    left = dependent.left;
  }
  return left.reduce((product, each) => product * each.share, share);
}

function commonShare(
  table: TableEntry,
  { columns }: ExtendedStatistics,
  common: readonly CommonCombination[],
  equalities: readonly ColumnEquality[],
): number {
  const wanted = equalities.map(({ number, value }) => {
    const { type } = table.columns.find((each) => each.number === number)!.type;
    return { place: columns.indexOf(number), text: type.output(value) };
  });
  let matched = 0;
  let expected = 0;
  let all = 0;
  for (const { values, share, baseShare } of common) {
    all += share;
    if (!wanted.every(({ place, text }) => values[place] === text)) continue;
    matched += share;
    expected += baseShare;
  }
  const alone = equalities.reduce((product, each) => product * each.share, 1);
  const others = Math.max(0, Math.min(alone - expected, 1 - all));
  return Math.min(1, matched + others);
}

/**
 * The share of equalities of which some follow from others, and those that are
 * left. The strongest dependency is applied first; what it implies is done.
 */
function dependentShare(
  { dependencies = [] }: ColumnsSummary,
  equalities: readonly ColumnEquality[],
): { readonly share: number; readonly left: ColumnEquality[] } {
  const left = [...equalities];
  let share = 1;
  for (;;) {
    const isThere = (number: number): boolean =>
      left.some((each) => each.number === number);
    let best: (typeof dependencies)[number] | undefined;
    for (const each of dependencies) {
      if (!isThere(each.to) || !each.from.every(isThere)) continue;
      const isBetter = best === undefined ||
        each.from.length > best.from.length ||
        (each.from.length === best.from.length && each.degree > best.degree);
      if (isBetter) best = each;
    }
    if (best === undefined) return { share, left };
    const { from, to, degree } = best;
    const at = left.findIndex(({ number }) => number === to);
    const implied = left[at]!.share;
    const cause = left.filter(({ number }) => from.includes(number))
      .reduce((product, each) => product * each.share, 1);
    const certain = cause <= implied ? degree : degree * implied / cause;
    share *= certain + (1 - degree) * implied;
    left.splice(at, 1);
  }
}
