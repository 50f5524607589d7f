/**
 * Foreign keys that lose what they refer to: by DROP they go along, TRUNCATE
 * they forbid or widen.
 *
 * @module
 */
import { describe } from "../../analyzer/describe.ts";
import type { Dropped } from "../../catalog/dependencies.ts";
import type { CatalogEntry, TableEntry } from "../../catalog/entries.ts";
import { type Reference, referencesTo } from "../../catalog/references.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { Transaction } from "../../transaction/transaction.ts";
import { type DefinitionContext, replaceEntry } from "../catalog_change.ts";

/** A foreign key that goes along, as messages show it. */
export interface LostForeignKey {
  readonly shown: string;
  /** What it depends on. */
  readonly through: CatalogEntry;
  readonly reference: Reference;
}

/** Foreign keys of tables that stay, to what goes. */
export function lostForeignKeys(
  dropped: readonly Dropped[],
  { transaction, named }: Pick<DefinitionContext, "transaction" | "named">,
): LostForeignKey[] {
  const gone = new Map(dropped.map(({ entry }) => [entry.id, entry]));
  const lost: LostForeignKey[] = [];
  for (const table of transaction.catalog.relations()) {
    if (table.kind !== "table" || gone.has(table.id)) continue;
    for (const foreignKey of table.foreignKeys ?? []) {
      const through = gone.get(foreignKey.referencedId) ??
        gone.get(foreignKey.indexId);
      if (through === undefined) continue;
      lost.push({
        shown: `constraint ${foreignKey.name} on ${describe(named, table)}`,
        through,
        reference: { table, foreignKey },
      });
    }
  }
  return lost;
}

/** Takes a foreign key from its table. */
export function removeForeignKey(
  { table: { id }, foreignKey }: Reference,
  transaction: Transaction,
): void {
  const table = transaction.catalog.byId(id);
  if (table?.kind !== "table") return;
  const { foreignKeys = [], ...rest } = table;
  const left = foreignKeys.filter(({ name }) => name !== foreignKey.name);
  replaceEntry(
    table,
    { ...rest, ...left.length > 0 && { foreignKeys: left } },
    transaction,
  );
}

/**
 * The tables that TRUNCATE empties: those named, and with CASCADE those that
 * refer to them.
 *
 * @throws {SqlError} `0A000` without it.
 */
export function truncatedTables(
  named: readonly TableEntry[],
  cascade: boolean,
  { transaction, notice }: DefinitionContext,
): readonly TableEntry[] {
  const tables = [...named];
  const ids = new Set(tables.map(({ id }) => id));
  for (const { id, name } of tables) {
    for (const { table } of referencesTo(transaction.catalog, id)) {
      if (ids.has(table.id)) continue;
      if (!cascade) throw referencedTable(name, table.name);
      notice(`truncate cascades to table "${table.name}"`);
      ids.add(table.id);
      tables.push(table);
    }
  }
  return tables;
}

function referencedTable(name: string, by: string): SqlError {
  return new SqlError(
    "0A000",
    "cannot truncate a table referenced in a foreign key constraint",
    {
      detail: `Table "${by}" references "${name}".`,
      hint:
        `Truncate table "${by}" at the same time, or use TRUNCATE ... CASCADE.`,
    },
  );
}
