/**
 * The rows that are there already when something comes to hold in a table, or
 * when they must be written anew.
 *
 * @module
 */
import type { IndexEntry, TableEntry } from "../../catalog/entries.ts";
import { type Chunk, isNull } from "../../chunk/chunk.ts";
import { SqlError } from "../../errors/sql_error.ts";
import { removeStorage, replaceEntry } from "../catalog_change.ts";
import { obeyRules } from "../modify/table_rules.ts";
import type { RunState } from "../run_state.ts";
import type { AlteredTable } from "./alter_context.ts";

/** Calls `visit` with all rows; others may write none until the commit. */
export async function eachChunk(
  { entry, context, run }: AlteredTable,
  columns: readonly number[],
  visit: (chunk: Chunk) => Promise<void> | void,
): Promise<void> {
  const method = context.access.table(entry.accessMethod);
  const { signal } = context.execution;
  const scan = method.scan(entry, context.transaction, { columns, signal });
  method.dependOnRows?.(entry, context.transaction);
  try {
    for (let next = await scan.next(); next; next = await scan.next()) {
      run.checkAborted();
      if (next.chunk.rowCount > 0) await visit(next.chunk);
    }
  } finally {
    scan.close();
  }
}

/** Whether the table has a row. */
export async function hasRows(table: AlteredTable): Promise<boolean> {
  let found = false;
  await eachChunk(table, [], () => {
    found = true;
  });
  return found;
}

/**
 * Checks that no row has NULL in these columns.
 *
 * @throws {SqlError} `23502`.
 */
export async function requireNoNulls(
  table: AlteredTable,
  positions: readonly number[],
): Promise<void> {
  const { name, schema, columns } = table.entry;
  await eachChunk(table, positions, (chunk) => {
    chunk.columns.forEach((column, i) => {
      if (column.validity === undefined) return;
      for (let row = 0; row < chunk.rowCount; row++) {
        if (!isNull(column, row)) continue;
        const { name: columnName } = columns[positions[i]!]!;
        throw new SqlError(
          "23502",
          `column "${columnName}" of relation "${name}" contains null values`,
          { schema, table: name, column: columnName },
        );
      }
    });
  });
}

/**
 * Checks that all rows obey a CHECK.
 *
 * @throws {SqlError} `23514`.
 */
export async function requireCheck(
  table: AlteredTable,
  constraint: string,
): Promise<void> {
  const { entry, run } = table;
  const { checks = [] } = entry;
  // Only this one is looked at.
  const only: TableEntry = {
    ...entry,
    columns: entry.columns.map(({ generated: _, ...column }) => ({
      ...column,
      notNull: false,
    })),
    checks: checks.filter((each) => each.name === constraint),
  };
  await eachChunk(table, allOf(entry), (chunk) => {
    obeyNow(only, chunk, run);
  });
}

/** As `obeyRules`, in the words for rows that are there already. */
function obeyNow(table: TableEntry, rows: Chunk, run: RunState): Chunk {
  const { name, schema } = table;
  try {
    return obeyRules(table, rows, run);
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    const { code, constraint, column, table: broken } = error;
    // What a domain says is said of the value.
    if (broken === undefined) throw error;
    if (code === "23514" && constraint !== undefined) {
      throw new SqlError(
        code,
        `check constraint "${constraint}" of relation "${name}" is violated by some row`,
        { schema, table: name, constraint },
      );
    }
    if (code === "23502" && column !== undefined) {
      throw new SqlError(
        code,
        `column "${column}" of relation "${name}" contains null values`,
        { schema, table: name, column },
      );
    }
    throw error;
  }
}

function allOf({ columns }: TableEntry): number[] {
  return columns.map((_, position) => position);
}

/**
 * Writes all rows anew: the table becomes `after`, and `map` makes its columns of
 * those before. Then the indexes are built.
 *
 * @throws {SqlError} what the rules of `after` say, and what `map` throws.
 */
export async function rewriteRows(
  table: AlteredTable,
  after: TableEntry,
  map: (chunk: Chunk) => Chunk,
): Promise<void> {
  const { entry: before, context, run } = table;
  const { access, transaction, counters, build } = context;
  const method = access.table(before.accessMethod);
  // The rows of before stay readable to the transaction until it commits.
  const rewritten: TableEntry = {
    ...after,
    storageId: counters.newId(after.schema),
  };
  await eachChunk(table, allOf(before), async (chunk) => {
    const rows = obeyNow(rewritten, map(chunk), run);
    await method.insert(rewritten, transaction, rows);
  });
  removeStorage(before, transaction);
  table.replace(rewritten);
  for (const old of transaction.catalog.indexesOf(before.id)) {
    const index: IndexEntry = { ...old, storageId: counters.newId(old.schema) };
    removeStorage(old, transaction);
    replaceEntry(old, index, transaction);
    const indexes = access.index(index.accessMethod);
    await indexes.build(index, rewritten, transaction, build);
  }
}
