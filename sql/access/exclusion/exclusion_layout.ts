/**
 * How the entries of an exclusion constraint lie: the columns that are compared
 * by `=` first, then those that are not, in the constraint's order. So what can
 * conflict with a row stands together, under the values that have to be equal.
 *
 * @module
 */
import type { IndexEntry, TableEntry } from "../../catalog/entries.ts";
import type { Chunk } from "../../chunk/chunk.ts";
import { NO_CONTEXT } from "../../functions/no_context.ts";
import type { FunctionRegistry } from "../../functions/registry.ts";
import type { Nullable } from "../../types/data_type.ts";
import { EntryEncoder } from "../btree/btree_entries.ts";
import { keyTypes } from "../index_keys.ts";

/** Whether two values of a column conflict. */
export type ConflictTest = (a: Nullable, b: Nullable) => boolean;

/** The layout of one constraint's entries. */
export class ExclusionLayout {
  /** The table that it was made for. */
  readonly table: TableEntry;
  /** The column of the constraint at each place of an entry. */
  readonly order: readonly number[];
  /** How many columns, at the beginning, have to be equal. */
  readonly equalCount: number;
  /** What else has to be true, for the columns after those. */
  readonly tests: readonly ConflictTest[];
  /**
   * Whether all that is asked beyond equality is that one range overlaps:
   * then the ranges of those that are there do not, and neighbours suffice.
   */
  readonly isOverlap: boolean;
  /** Writes and reads entries, their columns as they lie. */
  readonly encoder: EntryEncoder;

  /** The layout of `index`. */
  constructor(
    index: IndexEntry,
    table: TableEntry,
    functions: FunctionRegistry,
  ) {
    const operators = index.exclusion!;
    const types = keyTypes(index, table);
    const places = operators.map((_, i) => i);
    const equal = places.filter((i) => operators[i] === "=");
    const others = places.filter((i) => operators[i] !== "=");
    this.table = table;
    this.order = [...equal, ...others];
    this.equalCount = equal.length;
    this.tests = others.map((i): ConflictTest => {
      const { type } = types[i]!;
      const { scalar } =
        functions.resolveOperator(operators[i]!, type, type).function;
      return (a, b) =>
        a !== null && b !== null && scalar!([a, b], NO_CONTEXT) === true;
    });
    this.isOverlap = others.length === 1 && operators[others[0]!] === "&&" &&
      types[others[0]!]!.type.range !== undefined;
    this.encoder = new EntryEncoder({
      ...index,
      unique: false,
      columns: this.order.map((i) => index.columns[i]!),
    }, table);
  }

  /** Key columns of rows, as they lie in entries. */
  lie(chunk: Chunk): Chunk {
    return { ...chunk, columns: this.order.map((i) => chunk.columns[i]!) };
  }

  /** Values of an entry, in the constraint's order. */
  shown(values: readonly Nullable[]): Nullable[] {
    const shown: Nullable[] = [];
    this.order.forEach((column, place) => shown[column] = values[place]!);
    return shown;
  }
}
