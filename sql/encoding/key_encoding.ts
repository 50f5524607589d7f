/**
 * Index keys: several columns as bytes in the order of the index.
 *
 * Each column is one byte and then, if it has a value, the value's form (see
 * `key_bytes.ts`), every byte of it inverted if the column is descending.
 *
 * | byte | meaning |
 * | ---: | --- |
 * |    0 | NULL, where NULLs come first |
 * |    1 | a value follows |
 * |    2 | NULL, where NULLs come last |
 *
 * Invariants:
 * 1. Keys of one index compare as bytes in the order of the index.
 * 2. The key of the first columns is the beginning of the key of all, and no
 *    key of other values begins with it.
 *
 * @module
 */
import { ByteWriter } from "../../base/bytes.ts";
import { invariant } from "../../base/invariant.ts";
import { type Column, valueAt } from "../chunk/chunk.ts";
import type { DataType, Nullable, SqlValue } from "../types/data_type.ts";
import {
  invertBytes,
  type KeyForm,
  keyFormOf,
  writeKeyValue,
} from "./key_bytes.ts";
import { KeyReader, readKeyValue } from "./key_reader.ts";

/** A column of a key. */
export interface KeyColumn {
  /** The type of its values. */
  readonly type: DataType;
  /** Whether the order is descending; default false. */
  readonly descending?: boolean;
  /** Whether NULLs come first; default: as `descending`. */
  readonly nullsFirst?: boolean;
}

/** One end of a range of a column. */
export interface KeyBound {
  /** The value. */
  readonly value: SqlValue;
  /** Whether the value itself is in the range. */
  readonly inclusive: boolean;
}

/** Keys from `start` (included) to `end` (excluded). */
export interface KeyRange {
  /** The least key. */
  readonly start: Uint8Array;
  /** The least key beyond; absent: to the end. */
  readonly end: Uint8Array | undefined;
}

const NULL_FIRST = 0;
const VALUE = 1;
const NULL_LAST = 2;

/** A column with everything decided. */
interface Part {
  readonly type: DataType;
  readonly form: KeyForm;
  readonly descending: boolean;
  readonly nullMark: number;
}

/**
 * Writes and reads keys of an index.
 *
 * @example
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { compareBytes } from "../../base/bytes.ts";
 * import { int4 } from "../types/int_types.ts";
 * import { text } from "../types/text_types.ts";
 * import { KeyCodec } from "./key_encoding.ts";
 *
 * const codec = new KeyCodec([{ type: text }, { type: int4, descending: true }]);
 * const a = codec.encode(["ab", 7]);
 * assert(compareBytes(a, codec.encode(["ab", 5])) < 0);
 * assert(compareBytes(a, codec.encode(["b", 9])) < 0);
 * assertEquals(codec.decode(a), ["ab", 7]);
 * ```
 */
export class KeyCodec {
  readonly #parts: readonly Part[];
  readonly #source: string;
  readonly #writer = new ByteWriter(32);

  /**
   * A codec of keys with these columns; `source` names keys in errors.
   *
   * @throws {SqlError} `42704` for a type without order.
   */
  constructor(columns: readonly KeyColumn[], source = "key") {
    this.#source = source;
    this.#parts = columns.map((column): Part => {
      const descending = column.descending ?? false;
      return {
        type: column.type,
        form: keyFormOf(column.type),
        descending,
        nullMark: column.nullsFirst ?? descending ? NULL_FIRST : NULL_LAST,
      };
    });
  }

  /** How many columns a key has. */
  get columnCount(): number {
    return this.#parts.length;
  }

  /** Writes one value, or NULL, of column `position`. */
  writeColumn(writer: ByteWriter, position: number, value: Nullable): void {
    const part = this.#parts[position]!;
    if (value === null) return writer.u8(part.nullMark);
    writer.u8(VALUE);
    const start = writer.length;
    writeKeyValue(writer, part.form, value);
    if (part.descending) invertBytes(writer, start);
  }

  /** Writes the key of row `row` of `columns`, which are the key's in order. */
  writeRow(
    writer: ByteWriter,
    columns: readonly Column[],
    row: number,
  ): void {
    for (let i = 0; i < this.#parts.length; i++) {
      this.writeColumn(writer, i, valueAt(columns[i]!, row));
    }
  }

  /** The key of `values`: of the first columns if there are fewer. */
  encode(values: readonly Nullable[]): Uint8Array<ArrayBuffer> {
    invariant(values.length <= this.#parts.length, "too many values in a key");
    const writer = this.#writer;
    writer.reset();
    for (let i = 0; i < values.length; i++) {
      this.writeColumn(writer, i, values[i]!);
    }
    return writer.toBytes();
  }

  /**
   * The values of the key in `bytes` from `start` (default 0) to `end` (default
   * the length): all columns, and nothing behind them.
   *
   * @throws {KriyaError} `corrupt`.
   */
  decode(
    bytes: Uint8Array,
    start = 0,
    end: number = bytes.length,
  ): Nullable[] {
    const values: Nullable[] = [];
    const stop = this.decodePrefix(bytes, start, end, values);
    if (stop < end) {
      throw new KeyReader(bytes, this.#source, stop, end)
        .corrupt(`${end - stop} bytes left over in a key`);
    }
    return values;
  }

  /**
   * Appends the values of the first `count` columns (default all) to `values`
   * and returns where they end; what stands behind (a tuple id) is the caller's.
   *
   * @throws {KriyaError} `corrupt`.
   */
  decodePrefix(
    bytes: Uint8Array,
    start: number,
    end: number,
    values: Nullable[],
    count: number = this.#parts.length,
  ): number {
    const reader = new KeyReader(bytes, this.#source, start, end);
    for (let i = 0; i < count; i++) {
      const part = this.#parts[i]!;
      const at = reader.offset;
      const mark = reader.byte();
      if (mark === part.nullMark) {
        values.push(null);
        continue;
      }
      if (mark !== VALUE) throw reader.corrupt("bad mark in a key", at);
      reader.mask = part.descending ? 255 : 0;
      values.push(readKeyValue(reader, part.form, part.type));
      reader.mask = 0;
    }
    return reader.offset;
  }

  /**
   * The keys whose first columns equal `equal` (NULL equals NULL here) and
   * whose next column lies between `lower` and `upper`, each as values compare
   * (`lower` is the smaller one in a descending column too); no bound on a
   * side: to the last value. NULLs of that column are outside of the range
   * unless neither bound is given. What follows a key does not matter.
   */
  range(
    equal: readonly Nullable[],
    lower?: KeyBound,
    upper?: KeyBound,
  ): KeyRange {
    const prefix = this.encode(equal);
    if (lower === undefined && upper === undefined) {
      return { start: prefix, end: keyAfter(prefix) };
    }
    const { descending } = this.#parts[equal.length]!;
    const first = descending ? upper : lower;
    const last = descending ? lower : upper;
    const values = new Uint8Array(prefix.length + 1);
    values.set(prefix);
    values[prefix.length] = VALUE;
    let start: Uint8Array = values;
    if (first !== undefined) {
      const key = this.encode([...equal, first.value]);
      start = first.inclusive ? key : keyAfter(key) ?? key;
    }
    let end = keyAfter(values);
    if (last !== undefined) {
      const key = this.encode([...equal, last.value]);
      end = last.inclusive ? keyAfter(key) : key;
    }
    return { start, end };
  }
}

/**
 * The least byte string that is greater than all that begin with `prefix`, or
 * `undefined` if there is none.
 */
export function keyAfter(
  prefix: Uint8Array,
): Uint8Array<ArrayBuffer> | undefined {
  for (let i = prefix.length - 1; i >= 0; i--) {
    if (prefix[i] === 255) continue;
    const after = prefix.slice(0, i + 1) as Uint8Array<ArrayBuffer>;
    after[i]!++;
    return after;
  }
  return undefined;
}
