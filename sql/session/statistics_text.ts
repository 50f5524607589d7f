/**
 * What functions answer about statistics objects: their definitions.
 *
 * @module
 */
import { qualifiedName } from "../analyzer/name_references.ts";
import type { CatalogView } from "../catalog/entries.ts";
import { STATISTICS_KINDS } from "../catalog/extended_statistics.ts";
import {
  allStatistics,
  type FoundStatistics,
  statisticsId,
} from "../catalog/statistics_objects.ts";
import { quoteIdentifier } from "../parser/quote.ts";
import type { Nullable } from "../types/data_type.ts";
import type { Asked } from "./catalog_question.ts";

function foundAt(
  catalog: CatalogView,
  id: Nullable,
): FoundStatistics | undefined {
  for (const found of allStatistics(catalog)) {
    if (statisticsId(found.table, found.statistics) === id) return found;
  }
  return undefined;
}

/** `pg_get_statisticsobjdef_columns`: `a, b`. */
export function statisticsColumns(
  { catalog }: Asked,
  [id]: readonly Nullable[],
): Nullable {
  const found = foundAt(catalog, id!);
  return found === undefined ? null : namesOf(found);
}

function namesOf({ table, statistics }: FoundStatistics): string {
  return statistics.columns.map((number) =>
    quoteIdentifier(
      table.columns.find((each) => each.number === number)?.name ?? "?",
    )
  ).join(", ");
}

/** `pg_get_statisticsobjdef`. */
export function statisticsDefinition(
  asked: Asked,
  [id]: readonly Nullable[],
): Nullable {
  const found = foundAt(asked.catalog, id!);
  if (found === undefined) return null;
  const { table, statistics } = found;
  const { schema, name, kinds } = statistics;
  const isAll = kinds.length === STATISTICS_KINDS.length;
  return [
    "CREATE STATISTICS",
    `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`,
    ...isAll ? [] : [`(${kinds.join(", ")})`],
    `ON ${namesOf(found)}`,
    `FROM ${shownTable(asked, table)}`,
  ].join(" ");
}

function shownTable(
  { catalog }: Asked,
  table: FoundStatistics["table"],
): string {
  return catalog.isVisible(table)
    ? quoteIdentifier(table.name)
    : qualifiedName(table);
}

/** What COMMENT says of the statistics object with an OID. */
export function statisticsComment(catalog: CatalogView, id: number): Nullable {
  return foundAt(catalog, id)?.statistics.comment ?? null;
}
