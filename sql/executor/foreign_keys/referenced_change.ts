/**
 * Foreign keys, from the side of the rows that are referred to: when one goes,
 * or its key changes, nobody may refer to it any more, or those who do follow.
 *
 * @module
 */
import { RelationWriter } from "../../access/relation_writer.ts";
import type { LocatedChunk } from "../../access/table_access.ts";
import type { TableEntry } from "../../catalog/entries.ts";
import { type Chunk, type Column, columnOf } from "../../chunk/chunk.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { ReferentialAction } from "../../parser/constraint_syntax.ts";
import { gather } from "../column_tools.ts";
import type { ChangedRows } from "../modify/changed_rows.ts";
import { indexKeysIn } from "../modify/index_keys.ts";
import { obeyRules } from "../modify/table_rules.ts";
import { defaultColumn } from "../modify/column_defaults.ts";
import { ownPlacement } from "../inheritance/row_placement.ts";
import type { RunState } from "../run_state.ts";
import {
  columnAs,
  entriesOf,
  positionsOf,
  rowsWithoutNull,
  shownKey,
} from "./key_columns.ts";
import {
  areThere,
  type CheckContext,
  findForeignKey,
  type ForeignKeyName,
  type FoundForeignKey,
} from "./referencing_check.ts";
import { type ReferencingRow, referencingRows } from "./referencing_rows.ts";

/** Keys that went. */
export interface ReferencedKeys {
  /** The keys as they were. */
  readonly keys: Chunk;
  /** What they became; absent: their rows are gone. */
  readonly next: Chunk | undefined;
}

/** Notes what changes of rows make it necessary to check. */
export type NoteChanges = (
  run: RunState,
  table: TableEntry,
  changed: ChangedRows,
) => void;

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
  const action = next === undefined ? foreignKey.onDelete : foreignKey.onUpdate;
  const all = rowsWithoutNull(keys);
  const rows = action === "no_action"
    ? await missingRows(context, found, keys, all)
    : all;
  const refuses = action === "no_action" || action === "restrict";
  const referring = await referencingRows(context, found, keys, rows, refuses);
  if (referring.length === 0) return;
  if (refuses) throw violation(found, keys, referring[0]!.key, action);
  const changed = await follow(run, found, referring, { action, next });
  note(run, found.table, changed);
  if (action !== "set_default") return;
  // The default may be the very key that went.
  const missing = await missingRows(context, found, keys, all);
  const still = await referencingRows(context, found, keys, missing, true);
  if (still.length > 0) throw violation(found, keys, still[0]!.key, action);
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

/** CASCADE, SET NULL, SET DEFAULT: changes the rows that refer. */
async function follow(
  run: RunState,
  found: FoundForeignKey,
  referring: readonly ReferencingRow[],
  { action, next }: {
    readonly action: ReferentialAction;
    readonly next: Chunk | undefined;
  },
): Promise<ChangedRows> {
  const { table } = found;
  const { access } = run.context;
  run.checkAborted();
  const keyOf = new Map(referring.map(({ locator, key }) => [locator, key]));
  const before = await access.table(table.accessMethod).fetch(
    table,
    run.writes,
    Float64Array.from(keyOf.keys()).sort(),
    { columns: table.columns.map((_, position) => position) },
  );
  const writer = new RelationWriter(
    access,
    table,
    run.writes,
    indexKeysIn(run),
  );
  const removes = action === "cascade" && next === undefined;
  const locked = writer.lockSame(
    before.locators,
    removes ? undefined : new Set(found.foreignKey.columns),
  );
  if (locked instanceof Promise) await locked;
  if (removes) {
    await writer.delete(before);
    return changeOf(before, undefined);
  }
  const rows = Uint32Array.from(
    before.locators,
    (locator) => keyOf.get(locator)!,
  );
  const after = obeyRules(
    table,
    changedRows(run, found, before.chunk, action, next, rows),
    run,
  );
  ownPlacement(table, run)?.requireOwn(after);
  const locators = await writer.update(before, after);
  return changeOf(before, { chunk: after, locators });
}

/** The rows that refer as the action makes them. */
function changedRows(
  run: RunState,
  { table, foreignKey }: FoundForeignKey,
  before: Chunk,
  action: ReferentialAction,
  next: Chunk | undefined,
  rows: Uint32Array,
): Chunk {
  const columns = [...before.columns];
  const { rowCount } = before;
  positionsOf(table, foreignKey.columns).forEach((position, i) => {
    const { number, type: { type } } = table.columns[position]!;
    const isSet = foreignKey.setColumns.length === 0 || next !== undefined ||
      foreignKey.setColumns.includes(number);
    if (!isSet) return;
    columns[position] = action === "cascade"
      ? columnAs(gather(next!.columns[i]!, rows), type, rowCount)
      : action === "set_default"
      ? defaultColumn(run, table, position, rowCount)
      : nullColumn(columns[position]!, rowCount);
  });
  return { columns, rowCount };
}

function nullColumn({ type }: Column, rowCount: number): Column {
  return columnOf(type, new Array(rowCount).fill(null));
}

function changeOf(
  before: LocatedChunk,
  after: LocatedChunk | undefined,
): ChangedRows {
  return {
    count: before.locators.length,
    selection: undefined,
    before: { columns: before.chunk.columns, locators: before.locators },
    after: after && { columns: after.chunk.columns, locators: after.locators },
    source: before.chunk,
  };
}
