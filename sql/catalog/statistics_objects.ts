/**
 * The statistics objects of a catalog (`extended_statistics.ts`), which their
 * tables have.
 *
 * @module
 */
import type { CatalogView, TableEntry } from "./entries.ts";
import {
  type ExtendedStatistics,
  STATISTICS_MAX,
} from "./extended_statistics.ts";

/** Where the OIDs of statistics objects begin. */
const FIRST_ID = 0x3000_0000;

/** The OID of a statistics object. */
export function statisticsId(
  { id }: Pick<TableEntry, "id">,
  { number }: Pick<ExtendedStatistics, "number">,
): number {
  return FIRST_ID + id * STATISTICS_MAX + number;
}

/** A statistics object with the table that has it. */
export interface FoundStatistics {
  readonly table: TableEntry;
  readonly statistics: ExtendedStatistics;
}

/** Every statistics object. */
export function* allStatistics(
  catalog: CatalogView,
): Iterable<FoundStatistics> {
  for (const table of catalog.relations()) {
    if (table.kind !== "table") continue;
    for (const statistics of table.statistics ?? []) {
      yield { table, statistics };
    }
  }
}
