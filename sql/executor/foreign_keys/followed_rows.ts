/**
 * CASCADE, SET NULL and SET DEFAULT: rows that follow the key they refer to.
 *
 * A row of a partition that has another key then moves to where it belongs.
 *
 * @module
 */
import { isPromise } from "../../../base/maybe_promise.ts";
import { RelationWriter } from "../../access/relation_writer.ts";
import type { LocatedChunk } from "../../access/table_access.ts";
import type { CatalogView, TableEntry } from "../../catalog/entries.ts";
import {
  asParent,
  partitionAncestors,
} from "../../catalog/inheritance/table_tree.ts";
import { type Chunk, type Column, columnOf } from "../../chunk/chunk.ts";
import type { ReferentialAction } from "../../parser/constraint_syntax.ts";
import { compact, gather, rowsWhere } from "../column_tools.ts";
import { misplacedRows } from "../inheritance/partition_keys.ts";
import { ownPlacement } from "../inheritance/row_placement.ts";
import { routeRows, rowsByTable } from "../inheritance/row_router.ts";
import type { ChangedRows } from "../modify/changed_rows.ts";
import { defaultColumn } from "../modify/column_defaults.ts";
import { indexKeysIn } from "../modify/index_keys.ts";
import { obeyRules } from "../modify/table_rules.ts";
import type { RunState } from "../run_state.ts";
import { columnAs, positionsOf } from "./key_columns.ts";
import type { FoundForeignKey } from "./referencing_check.ts";
import type { ReferencingRow } from "./referencing_rows.ts";

/** Notes what changes of rows make it necessary to check. */
export type NoteChanges = (
  run: RunState,
  table: TableEntry,
  changed: ChangedRows,
  movedTo?: TableEntry,
) => void;

/** What is done with rows that refer. */
interface Following {
  readonly action: ReferentialAction;
  /** What the keys became; absent: they are gone. */
  readonly next: Chunk | undefined;
  readonly note: NoteChanges;
}

/** Changes the rows that refer. */
export async function follow(
  run: RunState,
  found: FoundForeignKey,
  referring: readonly ReferencingRow[],
  { action, next, note }: Following,
): Promise<void> {
  const { access } = run.context;
  const root = rootOf(run.writes.catalog, found);
  const table = root === undefined ? found.table : asParent(found.table, root);
  run.checkAborted();
  const keyOf = new Map(referring.map(({ locator, key }) => [locator, key]));
  const before = await access.table(table.accessMethod).fetch(
    table,
    run.writes,
    Float64Array.from(keyOf.keys()).sort(),
    { columns: table.columns.map((_, position) => position) },
  );
  const writer = writerOf(run, table);
  const removes = action === "cascade" && next === undefined;
  const locked = writer.lockSame(
    before.locators,
    removes ? undefined : new Set(found.foreignKey.columns),
  );
  if (isPromise(locked)) await locked;
  if (removes) {
    await writer.delete(before);
    return note(run, table, changeOf(before, undefined));
  }
  const rows = Uint32Array.from(
    before.locators,
    (locator) => keyOf.get(locator)!,
  );
  const after = changedRows(run, { ...found, table }, before.chunk, {
    action,
    next,
    rows,
    defaults: root ?? table,
  });
  if (root === undefined) ownPlacement(table, run)?.requireOwn(after);
  await write(run, { table, root, writer, note }, before, after);
}

/** The partitioned table that the foreign key comes from. */
export function rootOf(
  catalog: CatalogView,
  { table, foreignKey }: Pick<FoundForeignKey, "table" | "foreignKey">,
): TableEntry | undefined {
  let root: TableEntry | undefined;
  let { parentName } = foreignKey;
  for (const parent of partitionAncestors(catalog, table)) {
    const above = parent.foreignKeys?.find(({ name }) => name === parentName);
    if (above === undefined) break;
    root = parent;
    parentName = above.parentName;
  }
  return root;
}

function writerOf(run: RunState, table: TableEntry): RelationWriter {
  const { access } = run.context;
  return new RelationWriter(access, table, run.writes, indexKeysIn(run));
}

/** Writes rows, each to where it belongs. */
async function write(
  run: RunState,
  { table, root, writer, note }: {
    readonly table: TableEntry;
    readonly root: TableEntry | undefined;
    readonly writer: RelationWriter;
    readonly note: NoteChanges;
  },
  before: LocatedChunk,
  after: Chunk,
): Promise<void> {
  const { rowCount } = after;
  const leaving = new Set(
    root === undefined
      ? []
      : misplacedRows(run.writes.catalog, table, after, run),
  );
  const staying = rowsWhere(undefined, rowCount, (row) => !leaving.has(row));
  if (staying.length > 0) {
    const was = someOf(before, staying);
    const chunk = obeyRules(table, pick(after, staying), run);
    const locators = await writer.update(was, chunk);
    note(run, table, changeOf(was, { chunk, locators }));
  }
  if (leaving.size === 0) return;
  const selection = rowsWhere(undefined, rowCount, (row) => leaving.has(row));
  const moving: Chunk = { ...after, selection };
  const tables = routeRows(root!, moving, run);
  for (
    const { table: target, rows } of rowsByTable(
      moving,
      (row) => tables[row]!,
      false,
    )
  ) {
    const to = asParent(target, root!);
    const was = someOf(before, rows);
    await writer.delete(was);
    const chunk = obeyRules(to, pick(after, rows), run);
    const locators = await writerOf(run, to).insert(chunk);
    note(run, table, changeOf(was, { chunk, locators }), to);
  }
}

function pick(chunk: Chunk, selection: Uint32Array): Chunk {
  return compact({ ...chunk, selection });
}

function someOf(
  { chunk, locators }: LocatedChunk,
  rows: Uint32Array,
): LocatedChunk {
  return {
    chunk: pick(chunk, rows),
    locators: Float64Array.from(rows, (row) => locators[row]!),
  };
}

/** The rows that refer as the action makes them. */
function changedRows(
  run: RunState,
  { table, foreignKey }: FoundForeignKey,
  before: Chunk,
  { action, next, rows, defaults }: {
    readonly action: ReferentialAction;
    readonly next: Chunk | undefined;
    readonly rows: Uint32Array;
    /** The table whose defaults are meant; its columns are the first. */
    readonly defaults: TableEntry;
  },
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
      ? defaultColumn(run, defaults, position, rowCount)
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
