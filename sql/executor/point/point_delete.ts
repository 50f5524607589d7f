/**
 * `DELETE FROM t WHERE key = …`.
 *
 * @module
 */
import { isPromise, type MaybePromise } from "../../../base/maybe_promise.ts";
import type { AccessRegistry } from "../../access/access_registry.ts";
import type { TableEntry } from "../../catalog/entries.ts";
import type { DeleteNode } from "../../planner/logical_plan.ts";
import { deleteEntries } from "./plain_entries.ts";
import { type FoundRow, KeyLookup } from "./key_lookup.ts";
import { type PlainTable, PlainTableFacts } from "./plain_table.ts";
import type { PointChange, PointRun } from "./point_run.ts";

/** The point plan of `node`, if it has one. */
export function pointDelete(
  node: DeleteNode,
  access: AccessRegistry,
): PointChange | undefined {
  if (node.tracked || !node.counted || node.returning.length > 0) {
    return undefined;
  }
  const { table } = node.table;
  const lookup = KeyLookup.of(
    node.input,
    table.columns.map((_, i) => i),
    access,
  );
  if (lookup === undefined) return undefined;
  const change = new PointDelete(table, lookup);
  return { kind: "change", change: (run) => change.change(run) };
}

class PointDelete {
  readonly #table: TableEntry;
  readonly #lookup: KeyLookup;
  readonly #facts: PlainTableFacts;

  constructor(table: TableEntry, lookup: KeyLookup) {
    this.#table = table;
    this.#lookup = lookup;
    this.#facts = new PlainTableFacts(table);
  }

  change(run: PointRun): MaybePromise<number | undefined> {
    const plain = this.#facts.in(run.transaction, run.access);
    if (plain === undefined) return undefined;
    const row = this.#lookup.find(run);
    return isPromise(row)
      ? row.then((row) => this.#remove(run, plain, row))
      : this.#remove(run, plain, row);
  }

  #remove(
    { transaction }: PointRun,
    { rows, indexes }: PlainTable,
    row: FoundRow | undefined,
  ): MaybePromise<number | undefined> {
    if (row === undefined) return 0;
    const { locks } = transaction;
    // Who depends on its keys would have to be waited for.
    if (locks !== undefined && !locks.isUndisturbed) return undefined;
    rows.delete(this.#table, transaction, row.locator);
    const place = { table: this.#table, transaction, indexes };
    const done = deleteEntries(place, row.locator, row.values);
    return isPromise(done) ? done.then(() => 1) : 1;
  }
}
