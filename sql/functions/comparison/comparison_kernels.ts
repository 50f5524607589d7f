/**
 * Comparison of columns: one loop for each operator and kind of values, so that
 * each stays monomorphic.
 *
 * Only `=`, `<` and `<=` have loops. `>` and `>=` exchange the operands, `<>`
 * inverts `=`. Rows that are NULL or not selected are compared as they lie
 * there where that is harmless (typed arrays) and skipped where it is not.
 *
 * @module
 */
import type { Column } from "../../chunk/chunk.ts";
import { DecimalColumn } from "../../chunk/decimal_column.ts";
import type { DataType, SqlValue } from "../../types/data_type.ts";
import { bool } from "../../types/bool_type.ts";
import type { ColumnForm } from "../registry.ts";

/** An operator of comparison. */
export type Comparison = "=" | "<>" | "<" | "<=" | ">" | ">=";

type Numbers = Int32Array | Float64Array | Uint8Array;
type Loop = "=" | "<" | "<=";

/** Integers, booleans and dates: JavaScript's own comparison. */
function compareIntegers(
  loop: Loop,
  a: Numbers,
  b: Numbers,
  out: Uint8Array,
  rowCount: number,
): void {
  switch (loop) {
    case "=":
      for (let i = 0; i < rowCount; i++) out[i] = a[i]! === b[i]! ? 1 : 0;
      return;
    case "<":
      for (let i = 0; i < rowCount; i++) out[i] = a[i]! < b[i]! ? 1 : 0;
      return;
    case "<=":
      for (let i = 0; i < rowCount; i++) out[i] = a[i]! <= b[i]! ? 1 : 0;
      return;
  }
}

/** Floats: NaN equals itself and is greater than everything else. */
function compareFloats(
  loop: Loop,
  a: Numbers,
  b: Numbers,
  out: Uint8Array,
  rowCount: number,
): void {
  switch (loop) {
    case "=":
      for (let i = 0; i < rowCount; i++) {
        const x = a[i]!;
        const y = b[i]!;
        out[i] = x === y || (x !== x && y !== y) ? 1 : 0;
      }
      return;
    case "<":
      for (let i = 0; i < rowCount; i++) {
        const x = a[i]!;
        const y = b[i]!;
        out[i] = x < y || (y !== y && x === x) ? 1 : 0;
      }
      return;
    case "<=":
      for (let i = 0; i < rowCount; i++) {
        const x = a[i]!;
        const y = b[i]!;
        out[i] = x <= y || y !== y ? 1 : 0;
      }
      return;
  }
}

type References = readonly (SqlValue | null)[];

/** The rows a loop over references visits: selected ones that are not NULL. */
function forEachRow(
  rowCount: number,
  rows: Uint32Array | undefined,
  validity: Uint32Array | undefined,
  visit: (row: number) => void,
): void {
  const count = rows === undefined ? rowCount : rows.length;
  for (let i = 0; i < count; i++) {
    const row = rows === undefined ? i : rows[i]!;
    if (
      validity === undefined ||
      ((validity[row >>> 5]! >>> (row & 31)) & 1) !== 0
    ) visit(row);
  }
}

/** Values whose equality is `===`: text, uuid, int8, timestamps. */
function equalReferences(
  a: References,
  b: References,
  out: Uint8Array,
  rowCount: number,
): void {
  for (let i = 0; i < rowCount; i++) out[i] = a[i] === b[i] ? 1 : 0;
}

/** Numbers and bigints, mixed or not: JavaScript's own order. */
function orderBigNumbers(
  orEqual: boolean,
  a: References,
  b: References,
  out: Uint8Array,
  rowCount: number,
): void {
  if (orEqual) {
    for (let i = 0; i < rowCount; i++) {
      out[i] = (a[i] as number) <= (b[i] as number) ? 1 : 0;
    }
    return;
  }
  for (let i = 0; i < rowCount; i++) {
    out[i] = (a[i] as number) < (b[i] as number) ? 1 : 0;
  }
}

/** Types whose equal values are identical. */
export const IDENTICAL: ReadonlySet<string> = new Set([
  "int8",
  "timestamp",
  "timestamptz",
  "timetz",
  "text",
  "name",
  "uuid",
  "money",
  "xid8",
  "pg_lsn",
]);
const BIG_NUMBERS = new Set([
  "int8",
  "timestamp",
  "timestamptz",
  "money",
  "xid8",
  "pg_lsn",
]);

function invert(out: Uint8Array, rowCount: number): void {
  for (let i = 0; i < rowCount; i++) out[i] = 1 - out[i]!;
}

/** The column form of `operator` between two columns of `type`. */
export function comparisonKernel(
  type: DataType,
  operator: Comparison,
): ColumnForm {
  const exchanged = operator === ">" || operator === ">=";
  const loop: Loop = operator === "=" || operator === "<>"
    ? "="
    : operator === "<" || operator === ">"
    ? "<"
    : "<=";
  const compare = pickLoop(type, loop);
  return (args, rowCount, rows, validity): Column => {
    const first = args[exchanged ? 1 : 0]!;
    const second = args[exchanged ? 0 : 1]!;
    const out = new Uint8Array(rowCount);
    compare(first, second, out, rowCount, rows, validity);
    if (operator === "<>") invert(out, rowCount);
    return { type: bool, values: out, validity };
  };
}

type ColumnLoop = (
  a: Column,
  b: Column,
  out: Uint8Array,
  rowCount: number,
  rows: Uint32Array | undefined,
  validity: Uint32Array | undefined,
) => void;

function pickLoop(type: DataType, loop: Loop): ColumnLoop {
  switch (type.storage) {
    case "boolean":
    case "int32":
      return (a, b, out, rowCount) =>
        compareIntegers(
          loop,
          a.values as Numbers,
          b.values as Numbers,
          out,
          rowCount,
        );
    case "float64":
      return (a, b, out, rowCount) =>
        compareFloats(
          loop,
          a.values as Numbers,
          b.values as Numbers,
          out,
          rowCount,
        );
    case "reference":
      return pickReferenceLoop(type, loop);
  }
}

function pickReferenceLoop(type: DataType, loop: Loop): ColumnLoop {
  if (loop === "=" && IDENTICAL.has(type.name)) {
    return (a, b, out, rowCount) =>
      equalReferences(
        a.values as References,
        b.values as References,
        out,
        rowCount,
      );
  }
  if (BIG_NUMBERS.has(type.name)) {
    return (a, b, out, rowCount) =>
      orderBigNumbers(
        loop === "<=",
        a.values as References,
        b.values as References,
        out,
        rowCount,
      );
  }
  const { compare } = type;
  const limit = loop === "<" ? -1 : 0;
  const isEqual = loop === "=";
  return (a, b, out, rowCount, rows, validity) => {
    if (a instanceof DecimalColumn && b instanceof DecimalColumn) {
      const scale = Math.max(a.scale, b.scale);
      const left = a.digitsAt(scale);
      const right = b.digitsAt(scale);
      if (left !== undefined && right !== undefined) {
        return compareIntegers(loop, left, right, out, rowCount);
      }
    }
    const left = a.values as References;
    const right = b.values as References;
    forEachRow(rowCount, rows, validity, (row) => {
      const order = compare(left[row]!, right[row]!);
      out[row] = (isEqual ? order === 0 : Math.sign(order) <= limit) ? 1 : 0;
    });
  };
}
