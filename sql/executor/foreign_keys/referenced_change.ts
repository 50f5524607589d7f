/**
 * Foreign keys, from the side of the rows that are referred to: when one goes,
 * or its key changes, nobody may refer to it any more, or those who do follow.
 *
 * @module
 */
import type { Chunk } from "../../chunk/chunk.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { ReferentialAction } from "../../parser/constraint_syntax.ts";
import type { RunState } from "../run_state.ts";
import { follow, type NoteChanges, rootOf } from "./followed_rows.ts";
import { entriesOf, rowsWithoutNull, shownKey } from "./key_columns.ts";
import {
  areThere,
  type CheckContext,
  findForeignKey,
  type ForeignKeyName,
  type FoundForeignKey,
} from "./referencing_check.ts";
import { uncoveredKey } from "./referencing_periods.ts";
import { referencingRows } from "./referencing_rows.ts";

/** Keys that went. */
export interface ReferencedKeys {
  /** The keys as they were. */
  readonly keys: Chunk;
  /** What they became; absent: their rows are gone. */
  readonly next: Chunk | undefined;
}

/**
 * Does what the foreign key says about rows that refer to keys that went.
 *
 * @throws {SqlError} `23503`, `23001`; what the changes throw.
 */
export async function checkReferenced(
  run: RunState,
  name: ForeignKeyName,
  { keys, next }: ReferencedKeys,
  note: NoteChanges,
): Promise<void> {
  const context: CheckContext = {
    access: run.context.access,
    transaction: run.writes,
  };
  const found = findForeignKey(context, name);
  if (found === undefined) return;
  const { foreignKey } = found;
  // Errors tell of the table that was given the foreign key.
  const told = (): FoundForeignKey => ({
    ...found,
    table: rootOf(run.writes.catalog, found) ?? found.table,
  });
  const action = next === undefined ? foreignKey.onDelete : foreignKey.onUpdate;
  const all = rowsWithoutNull(keys);
  if (foreignKey.period === true) {
    const broken = await uncoveredKey(context, found, keys, all);
    if (broken === undefined) return;
    throw violation(told(), keys, broken, action);
  }
  const rows = action === "no_action"
    ? await missingRows(context, found, keys, all)
    : all;
  const refuses = action === "no_action" || action === "restrict";
  const referring = await referencingRows(context, found, keys, rows, refuses);
  if (referring.length === 0) return;
  if (refuses) throw violation(told(), keys, referring[0]!.key, action);
  await follow(run, found, referring, { action, next, note });
  if (action !== "set_default") return;
  // The default may be the very key that went.
  const missing = await missingRows(context, found, keys, all);
  const still = await referencingRows(context, found, keys, missing, true);
  if (still.length > 0) throw violation(told(), keys, still[0]!.key, action);
}

/** The rows whose keys no row has: another may have got one meanwhile. */
async function missingRows(
  context: CheckContext,
  found: FoundForeignKey,
  keys: Chunk,
  rows: Uint32Array,
): Promise<Uint32Array> {
  const there = await areThere(context, found, keys, rows);
  return rows.filter((_, i) => !there[i]);
}

function violation(
  { table, foreignKey, referenced }: FoundForeignKey,
  keys: Chunk,
  row: number,
  action: ReferentialAction,
): SqlError {
  const columns = entriesOf(referenced, foreignKey.referencedColumns);
  const key = `Key ${shownKey(columns, keys, row)}`;
  const what = `update or delete on table "${referenced.name}" violates`;
  const place = {
    schema: table.schema,
    table: table.name,
    constraint: foreignKey.name,
  };
  return action === "restrict"
    ? new SqlError(
      "23001",
      `${what} RESTRICT setting of foreign key constraint "${foreignKey.name}" on table "${table.name}"`,
      { detail: `${key} is referenced from table "${table.name}".`, ...place },
    )
    : new SqlError(
      "23503",
      `${what} foreign key constraint "${foreignKey.name}" on table "${table.name}"`,
      {
        detail: `${key} is still referenced from table "${table.name}".`,
        ...place,
      },
    );
}
