import { assert, assertEquals } from "@std/assert";
import { fc } from "fast-check";
import { ByteWriter } from "../../base/bytes.ts";
import { COLUMN_TYPES, nullableOf } from "../../tests/support/sql_values.ts";
import { columnOf } from "../chunk/chunk.ts";
import type { Nullable } from "../types/data_type.ts";
import { RowCodec, type RowColumn } from "./row_encoding.ts";
import { SingleRowWriter } from "./single_row.ts";

/** All types; every fourth column was dropped. */
const COLUMNS: readonly RowColumn[] = COLUMN_TYPES.map((type, i) => ({
  number: 1 + i + Math.floor(i / 3),
  type,
}));

const POSITIONS = COLUMNS.map((_, i) => i);

const ROW: fc.Arbitrary<Nullable[]> = fc.tuple(
  ...COLUMNS.map(({ type }) => nullableOf(type)),
);

/** The row as the codec of chunks writes it. */
function encoded(
  values: readonly Nullable[],
  columns: readonly RowColumn[] = COLUMNS,
): Uint8Array {
  const writer = new ByteWriter();
  new RowCodec(columns).encodeRow(
    writer,
    columns.map(({ type }, i) => columnOf(type, [values[i]!])),
    0,
  );
  return writer.toBytes();
}

const READER = new RowCodec(COLUMNS).reader(POSITIONS);

function decoded(bytes: Uint8Array): Nullable[] {
  return READER.decode(bytes, 0, bytes.length);
}

Deno.test("a single row is what a chunk of one row would be", () => {
  const single = new SingleRowWriter(COLUMNS);
  fc.assert(fc.property(ROW, (values) => {
    const writer = new ByteWriter(1);
    single.write(writer, values);
    assertEquals(decoded(writer.toBytes()), decoded(encoded(values)));
  }));
});

Deno.test("a row that is replaced in some columns keeps the others", () => {
  const single = new SingleRowWriter(COLUMNS);
  const mask = fc.tuple(...COLUMNS.map(() => fc.boolean()));
  fc.assert(fc.property(ROW, ROW, mask, (old, wanted, changes) => {
    const values = wanted.map((value, i) => changes[i] ? value : undefined);
    const writer = new ByteWriter(1);
    assert(single.replace(writer, values, encoded(old)));
    const now = old.map((value, i) => changes[i] ? wanted[i]! : value);
    assertEquals(decoded(writer.toBytes()), decoded(encoded(now)));
  }));
});

Deno.test("a row from before the last column is not replaced in parts", () => {
  const single = new SingleRowWriter(COLUMNS);
  const old = encoded(
    COLUMNS.slice(0, 2).map(() => null),
    COLUMNS.slice(0, 2),
  );
  const writer = new ByteWriter();
  assert(!single.replace(writer, POSITIONS.map(() => undefined), old));
  assertEquals(writer.length, 0);
});
