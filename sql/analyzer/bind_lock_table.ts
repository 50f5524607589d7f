/**
 * LOCK TABLE: tables, and views with all that their queries read.
 *
 * @module
 */
import type {
  CatalogView,
  RelationEntry,
  TableEntry,
  ViewEntry,
} from "../catalog/entries.ts";
import { treeOf } from "../catalog/inheritance/table_tree.ts";
import { SqlError } from "../errors/sql_error.ts";
import type { LockTableSyntax } from "../parser/syntax.ts";
import { missingRelation } from "./bind_from.ts";
import { missingSchema } from "./bind_schema.ts";
import type { BoundLockTable } from "./bound_tree.ts";
import type { StatementState } from "./statement_state.ts";

/**
 * Binds LOCK TABLE.
 *
 * @throws {SqlError} `42P01`, `42809` for what is neither table nor view.
 */
export function bindLockTable(
  state: StatementState,
  { relations, mode, nowait }: LockTableSyntax,
): Pick<BoundLockTable, "kind" | "relations" | "mode" | "nowait"> {
  const { catalog } = state.options;
  const found = new Set<TableEntry | ViewEntry>();
  for (const { schema, name, only } of relations) {
    if (schema !== undefined && !catalog.hasSchema(schema)) {
      throw missingSchema(schema);
    }
    const entry = catalog.relation(schema, name);
    if (entry === undefined) throw missingRelation(schema, name);
    const locked = lockable(entry);
    addReads(catalog, locked, found);
    if (locked.kind === "view" || only === true) continue;
    for (const each of treeOf(catalog, locked)) found.add(each);
  }
  return { kind: "lock_table", relations: [...found], mode, nowait };
}

/** Adds a relation, and what it reads if it is a view. */
function addReads(
  catalog: CatalogView,
  entry: TableEntry | ViewEntry,
  found: Set<TableEntry | ViewEntry>,
): void {
  if (found.has(entry)) return;
  found.add(entry);
  if (entry.kind !== "view") return;
  for (const { id } of entry.dependencies ?? []) {
    const read = catalog.byId(id);
    const isLocked = read?.kind === "view" ||
      (read?.kind === "table" && read.materialized === undefined);
    if (isLocked) addReads(catalog, read, found);
  }
}

function lockable(entry: RelationEntry): TableEntry | ViewEntry {
  const isKept = entry.kind === "table" && entry.materialized !== undefined;
  if (entry.kind === "view" || (entry.kind === "table" && !isKept)) {
    return entry;
  }
  const kinds = {
    table: "materialized views",
    index: "indexes",
    sequence: "sequences",
  };
  throw new SqlError("42809", `cannot lock relation "${entry.name}"`, {
    detail: `This operation is not supported for ${kinds[entry.kind]}.`,
  });
}
