/**
 * The state of an aggregate that takes its rows in an order, or each value
 * once: rows are gathered, and given to the aggregate itself at the end.
 *
 * DISTINCT sorts by the arguments, as PostgreSQL does, behind the keys of ORDER
 * BY; for an aggregate that gives the same in any order (`count`, `min` …) a set
 * of what was seen is enough.
 *
 * @module
 */
import type { BoundAggregate } from "../analyzer/bound_expression.ts";
import type { AggregateState, FunctionContext } from "../functions/registry.ts";
import type { DataType, Nullable } from "../types/data_type.ts";
import { bytesOf } from "./column_tools.ts";
import type { KeyOrder } from "./row_order.ts";
import type { RowKey } from "./row_key.ts";

/** Aggregates for which the order of rows is nothing. */
const UNORDERED: ReadonlySet<string> = new Set([
  "count",
  "min",
  "max",
  "bool_and",
  "bool_or",
  "every",
]);

/** Whether the aggregate has to gather its rows. */
export function isOrdered(
  { orderBy, distinct, definition }: BoundAggregate,
): boolean {
  return orderBy.length > 0 || (distinct && !UNORDERED.has(definition.name));
}

/** A row: keys of ORDER BY, then arguments. */
type GatheredRow = readonly Nullable[];

/** Gathers the rows of one group. */
export class OrderedState {
  readonly #inner: AggregateState;
  readonly #bound: BoundAggregate;
  readonly #rows: GatheredRow[] = [];
  readonly #seen: Set<RowKey> | undefined;

  /** The state of a new group; `functions` is for the aggregate. */
  constructor(bound: BoundAggregate, functions: FunctionContext) {
    this.#bound = bound;
    this.#inner = bound.definition.create(functions);
    this.#seen = bound.distinct ? new Set() : undefined;
  }

  /**
   * Takes a row; `key` is its arguments' key, for DISTINCT. Returns the bytes
   * it takes.
   */
  add(
    keys: readonly Nullable[],
    args: readonly Nullable[],
    key: RowKey,
  ): number {
    if (this.#seen !== undefined) {
      if (this.#seen.has(key)) return 0;
      this.#seen.add(key);
    }
    const row = [...keys, ...args];
    this.#rows.push(row);
    return row.reduce<number>((sum, value) => sum + bytesOf(value), 48);
  }

  /** The result. */
  finish(): Nullable {
    const { orderBy, args, distinct } = this.#bound;
    const orders: KeyOrder[] = [...orderBy];
    const types = orderBy.map(({ expression }) => expression.type.type);
    if (distinct) {
      for (const { type } of args) {
        orders.push({ descending: false, nullsFirst: false });
        types.push(type.type);
      }
    }
    this.#rows.sort((a, b) => compareRows(a, b, types, orders));
    for (const row of this.#rows) this.#inner.step(row.slice(orderBy.length));
    return this.#inner.finish();
  }
}

function compareRows(
  a: GatheredRow,
  b: GatheredRow,
  types: readonly DataType[],
  orders: readonly KeyOrder[],
): number {
  for (let i = 0; i < types.length; i++) {
    const left = a[i]!;
    const right = b[i]!;
    const { descending, nullsFirst } = orders[i]!;
    if (left === null || right === null) {
      if (left === right) continue;
      return (left === null) === nullsFirst ? -1 : 1;
    }
    const order = types[i]!.compare(left, right);
    if (order !== 0) return descending ? -order : order;
  }
  return 0;
}
