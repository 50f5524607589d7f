/**
 * Which tables a statement uses, and in which mode it locks them (PostgreSQL,
 * chapter 13.3.1).
 *
 * @module
 */
import type { BoundStatement } from "../../analyzer/bound_tree.ts";
import type {
  CatalogEntry,
  CatalogView,
  TableEntry,
  ViewEntry,
} from "../../catalog/entries.ts";
import {
  type LockMode,
  TABLE_MODES,
  type TableModeName,
} from "../../transaction/locks/lock_mode.ts";
import type { LockRequest } from "../../transaction/locks/lock_table.ts";

/** A relation whose lock a statement takes. */
export type LockedRelation = TableEntry | ViewEntry;

/** A relation and how it is used. */
export interface TableUse {
  readonly relation: LockedRelation;
  readonly mode: LockMode;
}

/** The modes that only LOCK and definitions ask for. */
export function isStrong({ bit }: LockMode): boolean {
  return bit > TABLE_MODES.RowExclusiveLock.bit;
}

/** The request for a lock on a relation. */
export function tableRequest(
  { id, name }: Pick<LockedRelation, "id" | "name">,
  mode: LockMode,
): LockRequest {
  return {
    key: `t${id}`,
    label: `relation "${name}"`,
    tag: { locktype: "relation", relation: id },
    mode,
    level: "transaction",
  };
}

/** What is collected: each relation in each mode once. */
class Uses {
  readonly #uses = new Map<string, TableUse>();

  add(relation: LockedRelation, name: TableModeName): void {
    const mode = TABLE_MODES[name];
    this.#uses.set(`${relation.id} ${mode.bit}`, { relation, mode });
  }

  /** What rows are locked of is not said to be read, too. */
  all(): TableUse[] {
    const { AccessShareLock, RowShareLock } = TABLE_MODES;
    return [...this.#uses.values()].filter(({ relation, mode }) =>
      mode !== AccessShareLock ||
      !this.#uses.has(`${relation.id} ${RowShareLock.bit}`)
    );
  }
}

/** The relations that a statement uses, in the order in which it names them. */
export function tableUses(
  bound: BoundStatement,
  catalog: CatalogView,
): readonly TableUse[] {
  const uses = new Uses();
  addDefinition(bound, catalog, uses);
  addQueries(bound, catalog, uses);
  return uses.all();
}

/** What a definition changes. */
function addDefinition(
  bound: BoundStatement,
  catalog: CatalogView,
  uses: Uses,
): void {
  const addEntry = (entry: CatalogEntry | undefined): void => {
    if (entry?.kind === "table" || entry?.kind === "view") {
      uses.add(entry, "AccessExclusiveLock");
    } else if (entry?.kind === "index" || entry?.kind === "trigger") {
      addEntry(catalog.byId(entry.tableId));
    }
  };
  switch (bound.kind) {
    case "truncate":
      return bound.tables.forEach(addEntry);
    case "drop":
      return bound.entries.forEach(addEntry);
    case "rename":
      return bound.changed.forEach(({ id }) => addEntry(catalog.byId(id)));
    case "alter_table":
      return addEntry(bound.table);
    case "create_index":
      return uses.add(
        bound.table,
        bound.concurrently ? "ShareUpdateExclusiveLock" : "ShareLock",
      );
    case "reindex":
      for (const { tableId } of bound.indexes) {
        const table = catalog.byId(tableId);
        if (table?.kind === "table") uses.add(table, "ShareLock");
      }
  }
}

/** Keys of a bound tree below which there is no relation that is read. */
const OUTSIDE: ReadonlySet<string> = new Set([
  "type",
  "types",
  "fields",
  "function",
  "aggregate",
  "constants",
  "table",
  "view",
  "syntax",
  "tables",
  "entries",
  "indexes",
  "changed",
]);

/** The tables that queries in a statement read, lock and change. */
function addQueries(
  bound: BoundStatement,
  catalog: CatalogView,
  uses: Uses,
): void {
  const seen = new Set<unknown>();
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null || seen.has(node)) return;
    seen.add(node);
    if (Array.isArray(node)) return node.forEach(visit);
    if (Object.getPrototypeOf(node) !== Object.prototype) return;
    const fields = node as Record<string, unknown>;
    const changed = changedTable(fields);
    if (changed !== undefined) {
      uses.add(changed, "RowExclusiveLock");
      // Its keys are looked for, and kept, where they refer to.
      for (const { referencedId } of changed.foreignKeys ?? []) {
        const table = catalog.byId(referencedId);
        if (table?.kind === "table") uses.add(table, "RowShareLock");
      }
      seen.add(fields["from"]);
    }
    for (const entry of [fields["view"], fields["table"]]) {
      if (changed === undefined && isRelation(entry)) {
        uses.add(entry, "AccessShareLock");
      }
    }
    for (const [key, child] of Object.entries(fields)) {
      if (!OUTSIDE.has(key)) visit(child);
    }
    if ("strength" in fields) visitLocked(fields["table"]);
  };
  // FOR UPDATE names the table that it locks as FROM does.
  const visitLocked = (relation: unknown): void => {
    const { table } = relation as { readonly table?: unknown };
    if (isRelation(table)) uses.add(table, "RowShareLock");
  };
  visit(QUERIES.has(bound.kind) ? bound : undefined);
}

/** Statements that have queries. */
const QUERIES: ReadonlySet<string> = new Set([
  "select",
  "insert",
  "update",
  "delete",
  "merge",
  "copy",
  "explain",
  "declare_cursor",
  "call_procedure",
  "create_table_as",
]);

/** The table that a node of a bound tree changes, if it changes one. */
function changedTable(fields: Record<string, unknown>): TableEntry | undefined {
  switch (fields["kind"]) {
    case "insert":
      return fields["table"] as TableEntry | undefined;
    case "update":
    case "delete":
    case "merge":
      return (fields["from"] as { readonly table?: TableEntry } | undefined)
        ?.table;
    default:
      return undefined;
  }
}

function isRelation(value: unknown): value is LockedRelation {
  return typeof value === "object" && value !== null && "kind" in value &&
    (value.kind === "table" || value.kind === "view") && "id" in value;
}
