/**
 * `INSERT INTO t VALUES (…)`, of one row.
 *
 * @module
 */
import { isPromise, type MaybePromise } from "../../../base/maybe_promise.ts";
import type { BoundExpression } from "../../analyzer/bound_expression.ts";
import type { TableEntry } from "../../catalog/entries.ts";
import { columnOf } from "../../chunk/chunk.ts";
import { atRow } from "../../errors/failed_row.ts";
import { evaluate } from "../../planner/evaluate.ts";
import type { InsertNode } from "../../planner/logical_plan.ts";
import type { Nullable } from "../../types/data_type.ts";
import { brokenNotNull } from "../modify/not_null.ts";
import { insertEntries } from "./plain_entries.ts";
import { PlainTableFacts } from "./plain_table.ts";
import type { PointChange, PointRun } from "./point_run.ts";

/** The point plan of `node`, if it has one. */
export function pointInsert(node: InsertNode): PointChange | undefined {
  const isPoint = node.input.kind === "result" && !node.tracked &&
    node.counted && node.returning.length === 0 &&
    node.conflict === undefined && node.where === undefined;
  if (!isPoint) return undefined;
  const change = new PointInsert(node.table, node.assigned);
  return { kind: "change", change: (run) => change.change(run) };
}

/** @throws {SqlError} `23502`. */
function refuseNulls(table: TableEntry, values: readonly Nullable[]): void {
  const { columns } = table;
  for (let i = 0; i < values.length; i++) {
    if (values[i] !== null || !columns[i]!.notNull) continue;
    const row = {
      columns: columns.map(({ type }, i) => columnOf(type.type, [values[i]!])),
      rowCount: 1,
    };
    throw atRow(brokenNotNull(table, row)!.error(), 0);
  }
}

class PointInsert {
  readonly #table: TableEntry;
  readonly #facts: PlainTableFacts;
  readonly #assigned: readonly BoundExpression[];

  constructor(table: TableEntry, assigned: readonly BoundExpression[]) {
    this.#table = table;
    this.#facts = new PlainTableFacts(table);
    this.#assigned = assigned;
  }

  change(run: PointRun): MaybePromise<number | undefined> {
    const { transaction } = run;
    const table = this.#table;
    const plain = this.#facts.in(transaction, run.access);
    const { locks } = transaction;
    // Who has written its keys would have to be waited for.
    const isFree = locks === undefined || locks.isUndisturbed;
    if (plain === undefined || !isFree) return undefined;
    // Nothing is declined from here on: values may be drawn from a sequence.
    const values = this.#assigned.map((each) => evaluate(each, run));
    refuseNulls(table, values);
    const { rows, indexes } = plain;
    const place = { table, transaction, indexes };
    const locator = rows.insert(table, transaction, values);
    const done = isPromise(locator)
      ? locator.then((locator) => insertEntries(place, locator, values))
      : insertEntries(place, locator, values);
    return isPromise(done) ? done.then(() => 1) : 1;
  }
}
