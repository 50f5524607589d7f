/**
 * The row that a unique key names.
 *
 * @module
 */
import { isPromise, type MaybePromise } from "../../../base/maybe_promise.ts";
import type { AccessRegistry } from "../../access/access_registry.ts";
import type { SingleRow } from "../../access/single_rows.ts";
import type { BoundExpression } from "../../analyzer/bound_expression.ts";
import type { TableEntry } from "../../catalog/entries.ts";
import { evaluate } from "../../planner/evaluate.ts";
import type { LogicalPlan } from "../../planner/logical_plan.ts";
import type { IndexLookupNode } from "../../planner/index_nodes.ts";
import type { Nullable } from "../../types/data_type.ts";
import type { PointRun } from "./point_run.ts";

/** A row that was found. */
export interface FoundRow extends SingleRow {
  readonly locator: number;
}

/** A compiled lookup of one key. */
export class KeyLookup {
  readonly table: TableEntry;
  readonly #node: IndexLookupNode;
  readonly #key: readonly BoundExpression[];
  readonly #columns: readonly number[];

  private constructor(node: IndexLookupNode, columns: readonly number[]) {
    this.table = node.table.table;
    this.#node = node;
    this.#key = node.keys[0]!;
    this.#columns = columns;
  }

  /** The lookup of the columns at `columns` that `node` is, if it is one. */
  static of(
    node: LogicalPlan,
    columns: readonly number[],
    access: AccessRegistry,
  ): KeyLookup | undefined {
    const isPoint = node.kind === "index_lookup" && node.keys.length === 1 &&
      node.unnests !== true && node.filter === undefined &&
      node.index.unique && node.index.deferrable !== true &&
      node.index.predicate === undefined &&
      node.keys[0]!.length === node.index.columns.length;
    if (!isPoint) return undefined;
    const { table: { table }, index } = node;
    return access.table(table.accessMethod).single !== undefined &&
        access.index(index.accessMethod).single !== undefined
      ? new KeyLookup(node, columns)
      : undefined;
  }

  /** Finds the row that the transaction sees. */
  find(run: PointRun): MaybePromise<FoundRow | undefined> {
    const key: Nullable[] = [];
    for (const expression of this.#key) {
      const value = evaluate(expression, run);
      // It equals nothing.
      if (value === null) return undefined;
      key.push(value);
    }
    const { index } = this.#node;
    const entries = run.access.index(index.accessMethod).single!;
    const locator = entries.find(index, this.table, run.transaction, key);
    return isPromise(locator)
      ? locator.then((locator) => this.#read(run, locator))
      : this.#read(run, locator);
  }

  #read(
    { access, transaction }: PointRun,
    locator: number | undefined,
  ): MaybePromise<FoundRow | undefined> {
    if (locator === undefined) return undefined;
    const { table } = this;
    const rows = access.table(table.accessMethod).single!;
    const row = rows.read(table, transaction, locator, this.#columns);
    return isPromise(row)
      ? row.then((row) => row && { ...row, locator })
      : row && { values: row.values, bytes: row.bytes, locator };
  }
}
