/**
 * DROP … CASCADE of what an expression of a table calls: the default or the
 * check goes, and the table stays.
 *
 * @module
 */
import type { Dropped } from "../catalog/dependencies.ts";
import type { TableEntry } from "../catalog/entries.ts";
import type { Transaction } from "../transaction/transaction.ts";
import { replaceEntry } from "./catalog_change.ts";

/** Takes a default or a check from its table. */
export function dropPart(
  { entry: { id }, column: name, part }: Dropped,
  transaction: Transaction,
): void {
  const table = transaction.catalog.byId(id);
  if (table?.kind !== "table") return;
  const after = part === "check"
    ? withoutCheck(table, name!)
    : withoutDefault(table, name!);
  const needs = table.needs?.filter((need) =>
    need.part !== part || need.name !== name
  );
  replaceEntry(table, { ...after, needs }, transaction);
}

function withoutCheck(table: TableEntry, name: string): TableEntry {
  const checks = table.checks?.filter((each) => each.name !== name);
  return { ...table, checks };
}

function withoutDefault(table: TableEntry, name: string): TableEntry {
  const columns = table.columns.map((column) => {
    if (column.name !== name) return column;
    const { defaultSql: _, ...rest } = column;
    return rest;
  });
  return { ...table, columns };
}
