/**
 * Numbers of rows by their keys: rows that are not distinct have one number, and the
 * numbers are in the order in which keys came. NULL is a key like others.
 *
 * Each column has its index. Several columns are numbered one by one, and the pairs of
 * numbers again: no text is made of a row's values.
 *
 * @module
 */
import { invariant } from "../../../base/invariant.ts";
import { type Column, isNull, valueAt } from "../../chunk/chunk.ts";
import type { SqlValue } from "../../types/data_type.ts";
import { countOf } from "../column_tools.ts";
import { bytesOfKey } from "../row_key.ts";
import { NumberIndex } from "./number_index.ts";

/** How a column's values are kept in keys. */
export type KeyStorage = "number" | "reference";

/** Numbers below this make pairs. */
const NUMBER_MAX = 2 ** 26;

/** Numbers of the values of one column. */
interface ColumnIndex {
  readonly count: number;
  readonly bytes: number;
  /** Writes the number of each row; -1 for those that are new, if it is closed. */
  numbersOf(
    column: Column,
    rows: Uint32Array | undefined,
    rowCount: number,
    into: Int32Array,
    isClosed: boolean,
  ): void;
}

/** Numbers of rows. */
export class KeyIndex {
  readonly #columns: readonly ColumnIndex[];
  /** Of the first two columns, then of that and the third … */
  readonly #pairs: readonly NumberIndex[];
  #scratch = new Int32Array(0);

  /** No keys yet, of columns that are kept so. */
  constructor(storages: readonly KeyStorage[]) {
    this.#columns = storages.map((storage) =>
      storage === "number" ? new NumberColumn() : new ReferenceColumn()
    );
    this.#pairs = storages.slice(1).map(() => new NumberIndex());
  }

  /** How many keys there are. */
  get count(): number {
    return (this.#pairs.at(-1) ?? this.#columns[0]!).count;
  }

  /** About how many bytes they take. */
  get bytes(): number {
    let bytes = 0;
    for (const each of this.#columns) bytes += each.bytes;
    for (const each of this.#pairs) bytes += each.bytes;
    return bytes;
  }

  /**
   * Writes the number of each of the rows to its place in `into`. Keys that are new get
   * the next ones, or -1 with `isClosed`.
   */
  numbersOf(
    columns: readonly Column[],
    rows: Uint32Array | undefined,
    rowCount: number,
    into: Int32Array,
    isClosed: boolean,
  ): void {
    this.#columns[0]!.numbersOf(columns[0]!, rows, rowCount, into, isClosed);
    const count = countOf(rows, rowCount);
    for (let c = 1; c < columns.length; c++) {
      if (this.#scratch.length < rowCount) {
        this.#scratch = new Int32Array(rowCount);
      }
      const right = this.#scratch;
      this.#columns[c]!.numbersOf(columns[c]!, rows, rowCount, right, isClosed);
      const pairs = this.#pairs[c - 1]!;
      for (let i = 0; i < count; i++) {
        const row = rows === undefined ? i : rows[i]!;
        const a = into[row]!;
        const b = right[row]!;
        if (a < 0 || b < 0) {
          into[row] = -1;
          continue;
        }
        const pair = a * NUMBER_MAX + b;
        into[row] = isClosed ? pairs.find(pair) : pairs.add(pair);
      }
      invariant(pairs.count < NUMBER_MAX, "too many keys");
    }
  }
}

/** How the keys of a column are kept: numbers, where both its sides are. */
export function keyStorageOf(
  ...columns: readonly Column["type"][]
): KeyStorage {
  const storages = new Set(columns.map(({ storage }) => storage));
  return storages.size === 1 && !storages.has("reference")
    ? "number"
    : "reference";
}

/** Values in typed arrays. */
class NumberColumn implements ColumnIndex {
  readonly #index = new NumberIndex();
  /** The number of NULL, and how many values came before it. */
  #null = -1;

  get count(): number {
    return this.#index.count + (this.#null < 0 ? 0 : 1);
  }

  get bytes(): number {
    return this.#index.bytes;
  }

  numbersOf(
    column: Column,
    rows: Uint32Array | undefined,
    rowCount: number,
    into: Int32Array,
    isClosed: boolean,
  ): void {
    const count = countOf(rows, rowCount);
    const values = column.values as Float64Array;
    const index = this.#index;
    if (column.validity === undefined && this.#null < 0 && !isClosed) {
      for (let i = 0; i < count; i++) {
        const row = rows === undefined ? i : rows[i]!;
        into[row] = index.add(values[row]!);
      }
      return;
    }
    for (let i = 0; i < count; i++) {
      const row = rows === undefined ? i : rows[i]!;
      if (isNull(column, row)) {
        if (this.#null < 0 && !isClosed) this.#null = index.count;
        into[row] = this.#null;
        continue;
      }
      const number = isClosed
        ? index.find(values[row]!)
        : index.add(values[row]!);
      // NULL took one of the numbers.
      into[row] = this.#null >= 0 && number >= this.#null ? number + 1 : number;
    }
  }
}

/** Values of any type, by their hash keys. */
class ReferenceColumn implements ColumnIndex {
  readonly #numbers = new Map<unknown, number>();
  #bytes = 0;

  get count(): number {
    return this.#numbers.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  numbersOf(
    column: Column,
    rows: Uint32Array | undefined,
    rowCount: number,
    into: Int32Array,
    isClosed: boolean,
  ): void {
    const count = countOf(rows, rowCount);
    const { type } = column;
    const numbers = this.#numbers;
    for (let i = 0; i < count; i++) {
      const row = rows === undefined ? i : rows[i]!;
      const key = isNull(column, row)
        ? null
        : type.hashKey(valueAt(column, row) as SqlValue);
      let number = numbers.get(key);
      if (number === undefined) {
        if (isClosed) {
          number = -1;
        } else {
          number = numbers.size;
          numbers.set(key, number);
          this.#bytes += bytesOfKey(key);
        }
      }
      into[row] = number;
    }
  }
}
