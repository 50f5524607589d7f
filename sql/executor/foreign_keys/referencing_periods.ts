/**
 * Foreign keys with a PERIOD, from the side of the rows that are referred to:
 * when periods go or change, those that refer have to be covered by what is
 * left.
 *
 * @module
 */
import { type Chunk, valueAt } from "../../chunk/chunk.ts";
import { overlap, rangesOf } from "../../functions/range/range_algebra.ts";
import { kindOf } from "../../functions/range/range_operators.ts";
import type { SqlValue } from "../../types/data_type.ts";
import { positionsOf, rowsWithoutNull } from "./key_columns.ts";
import {
  areThere,
  type CheckContext,
  type FoundForeignKey,
} from "./referencing_check.ts";
import { referencingRows } from "./referencing_rows.ts";

/**
 * The first of the keys in `rows`, which went or changed, that a row refers to
 * whose period is not covered any more.
 */
export async function uncoveredKey(
  context: CheckContext,
  found: FoundForeignKey,
  keys: Chunk,
  rows: Uint32Array,
): Promise<number | undefined> {
  const { access, transaction } = context;
  const { table, foreignKey } = found;
  const equal = foreignKey.columns.slice(0, -1);
  // One key at a time: a row may refer to several periods.
  for (const row of rows) {
    const referring = await referencingRows(
      context,
      { ...found, foreignKey: { ...foreignKey, columns: equal } },
      { ...keys, columns: keys.columns.slice(0, -1) },
      Uint32Array.of(row),
      false,
    );
    if (referring.length === 0) continue;
    const { chunk } = await access.table(table.accessMethod).fetch(
      table,
      transaction,
      Float64Array.from(referring, ({ locator }) => locator).sort(),
      { columns: positionsOf(table, foreignKey.columns) },
    );
    const period = valueAt(keys.columns.at(-1)!, row) as SqlValue;
    const overlapping = rowsWithoutNull(chunk).filter((each) =>
      overlaps(chunk, each, period)
    );
    const there = await areThere(context, found, chunk, overlapping);
    if (there.includes(false)) return row;
  }
  return undefined;
}

/** Whether the period of a row has anything of `period`. */
function overlaps({ columns }: Chunk, row: number, period: SqlValue): boolean {
  const column = columns.at(-1)!;
  const mine = valueAt(column, row) as SqlValue;
  return overlap(kindOf(column.type), rangesOf(mine), rangesOf(period));
}
