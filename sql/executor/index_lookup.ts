/**
 * Operator: the rows that an index has under certain keys.
 *
 * The locators of all keys are fetched together, ascending, so that the access
 * method reads neighbours in one go; a row that two keys name comes once.
 *
 * @module
 */
import { type MaybePromise, then } from "../../base/maybe_promise.ts";
import type { LocatedChunk } from "../access/table_access.ts";
import { type Chunk, CHUNK_ROWS } from "../chunk/chunk.ts";
import { evaluate } from "../planner/evaluate.ts";
import type { IndexLookupNode } from "../planner/logical_plan.ts";
import type { ArrayValue, Nullable } from "../types/data_type.ts";
import { compileFilter, type Filter } from "./filter_expression.ts";
import { FilteredRows } from "./filtered_rows.ts";
import { layoutOf } from "./layout.ts";
import type { Operator } from "./operator.ts";
import { type PhysicalPlan, pullUntil } from "./physical_plan.ts";
import type { RunState } from "./run_state.ts";
import { TableColumns } from "./table_columns.ts";

/** A compiled lookup. */
export class IndexLookupPlan implements PhysicalPlan {
  readonly node: IndexLookupNode;
  readonly columns: TableColumns;
  readonly filter: Filter | undefined;

  /** Compiles a lookup. */
  constructor(node: IndexLookupNode) {
    this.node = node;
    this.columns = new TableColumns(node.table.table, node.columns);
    this.filter = node.filter === undefined
      ? undefined
      : compileFilter(node.filter, layoutOf(node));
  }

  /** Opens the lookup. */
  open(run: RunState): Operator {
    return new IndexLookup(this, run);
  }
}

class IndexLookup implements Operator {
  readonly #plan: IndexLookupPlan;
  readonly #run: RunState;
  readonly #filtered: FilteredRows;
  #locators: Float64Array | undefined;
  #fetched = 0;

  constructor(plan: IndexLookupPlan, run: RunState) {
    this.#plan = plan;
    this.#run = run;
    this.#filtered = new FilteredRows(plan.filter, run);
  }

  next(): MaybePromise<Chunk | undefined> {
    if (this.#locators === undefined) {
      const keys = keysOf(this.#plan.node, this.#run);
      return then(this.#lookup(keys, 0, []), (locators) => {
        this.#locators = locators;
        return this.#fetchNext();
      });
    }
    return this.#fetchNext();
  }

  /** The locators of the keys from `first` on, and of those in `found`. */
  #lookup(
    keys: readonly (readonly Nullable[])[],
    first: number,
    found: Float64Array[],
  ): MaybePromise<Float64Array> {
    const { index, table } = this.#plan.node;
    const { access, transaction } = this.#run.context;
    const method = access.index(index.accessMethod);
    for (let i = first; i < keys.length; i++) {
      const locators = method.lookup!(
        index,
        table.table,
        transaction,
        keys[i]!,
      );
      if (locators instanceof Promise) {
        return locators.then((some) => {
          found.push(some);
          return this.#lookup(keys, i + 1, found);
        });
      }
      found.push(locators);
    }
    return found.length === 1 ? found[0]! : union(found);
  }

  #fetchNext(): MaybePromise<Chunk | undefined> {
    return pullUntil(
      () => this.#fetch(),
      ({ located }) =>
        located.chunk.rowCount === 0
          ? undefined
          : this.#filtered.of(this.#plan.columns.chunkOf(located)),
    );
  }

  /** The next rows, wrapped, since none of them may be there. */
  #fetch(): MaybePromise<{ readonly located: LocatedChunk } | undefined> {
    const locators = this.#locators!;
    const from = this.#fetched;
    if (from >= locators.length) return undefined;
    this.#run.checkAborted();
    const { table } = this.#plan.node.table;
    const { access, transaction, signal } = this.#run.context;
    const some = locators.length <= CHUNK_ROWS
      ? locators
      : locators.subarray(from, from + CHUNK_ROWS);
    this.#fetched = from + some.length;
    const located = access.table(table.accessMethod).fetch(
      table,
      transaction,
      some,
      { columns: this.#plan.columns.wanted, signal },
    );
    return then(located, (rows) => ({ located: rows }));
  }

  removedRows(): number {
    return this.#filtered.removed;
  }

  close(): void {
    this.#locators = new Float64Array(0);
    this.#fetched = 0;
  }
}

/** The values of the keys, without those where one is NULL: it equals nothing. */
export function keysOf(
  { keys, unnests }: IndexLookupNode,
  run: RunState,
): readonly (readonly Nullable[])[] {
  const values = keys.map((key) =>
    key.map((expression) => evaluate(expression, run))
  );
  const each = unnests === true
    ? elementsOf(values[0]![0]!).map((element) => [element])
    : values;
  return each.filter((key) => !key.includes(null));
}

function elementsOf(array: Nullable): readonly Nullable[] {
  return (array as ArrayValue | null)?.elements ?? [];
}

/** All locators, ascending, none twice. */
function union(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(
    parts.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  all.sort();
  let count = 0;
  for (let i = 0; i < all.length; i++) {
    if (i > 0 && all[i] === all[i - 1]) continue;
    all[count++] = all[i]!;
  }
  return all.subarray(0, count);
}
