/**
 * The index entries of one row of a plain table.
 *
 * @module
 */
import { isPromise, type MaybePromise } from "../../../base/maybe_promise.ts";
import type { TableEntry } from "../../catalog/entries.ts";
import type { Transaction } from "../../transaction/transaction.ts";
import type { Nullable } from "../../types/data_type.ts";
import type { PlainIndex } from "./plain_table.ts";

/** Where entries are changed. */
export interface EntryPlace {
  readonly table: TableEntry;
  readonly transaction: Transaction;
  readonly indexes: readonly PlainIndex[];
}

/**
 * Adds the entries of a row whose columns are `values`.
 *
 * @throws {SqlError} `23505`.
 */
export function insertEntries(
  place: EntryPlace,
  locator: number,
  values: readonly Nullable[],
  from = 0,
): MaybePromise<void> {
  const { table, transaction, indexes } = place;
  for (let i = from; i < indexes.length; i++) {
    const { entry, entries, positions } = indexes[i]!;
    const key = positions.map((position) => values[position]!);
    const done = entries.insert(entry, table, transaction, locator, key);
    if (isPromise(done)) {
      return done.then(() => insertEntries(place, locator, values, i + 1));
    }
  }
}

/** Removes the entries of a row whose columns are `values`. */
export function deleteEntries(
  place: EntryPlace,
  locator: number,
  values: readonly Nullable[],
  from = 0,
): MaybePromise<void> {
  const { table, transaction, indexes } = place;
  for (let i = from; i < indexes.length; i++) {
    const { entry, entries, positions } = indexes[i]!;
    const key = positions.map((position) => values[position]!);
    const done = entries.delete(entry, table, transaction, locator, key);
    if (isPromise(done)) {
      return done.then(() => deleteEntries(place, locator, values, i + 1));
    }
  }
}
