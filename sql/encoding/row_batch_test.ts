import { assert, assertEquals } from "@std/assert";
import { fc } from "fast-check";
import { ByteWriter } from "../../base/bytes.ts";
import { KriyaError } from "../../base/errors.ts";
import { COLUMN_TYPES, nullableOf } from "../../tests/support/sql_values.ts";
import { ColumnBuilder, columnOf, valueAt } from "../chunk/chunk.ts";
import type { Nullable } from "../types/data_type.ts";
import { int2, int4 } from "../types/int_types.ts";
import { text } from "../types/text_types.ts";
import { RowBatch, type RowBytes } from "./row_batch.ts";
import { RowCodec, type RowColumn } from "./row_encoding.ts";

/** A run whose values are `rows`. */
function runOf(rows: readonly Uint8Array[]): RowBytes {
  const writer = new ByteWriter(64);
  const valueStarts = rows.map((row) => {
    const start = writer.length;
    writer.raw(row);
    return start;
  });
  return {
    values: writer.toBytes(),
    valueStarts: Uint32Array.from(valueStarts),
    valueEnds: Uint32Array.from(
      rows.map((row, i) => valueStarts[i]! + row.length),
    ),
  };
}

function encode(
  columns: readonly RowColumn[],
  values: readonly Nullable[],
): Uint8Array {
  const writer = new ByteWriter(1);
  new RowCodec(columns).encodeRow(
    writer,
    columns.map(({ type }, i) => columnOf(type, [values[i]!])),
    0,
  );
  return writer.toBytes();
}

/** Columns, some of which came after some of the rows, and the rows. */
const arbitraryTable = fc.array(
  fc.tuple(fc.constantFrom(...COLUMN_TYPES), fc.integer({ min: 1, max: 3 })),
  { minLength: 1, maxLength: 10 },
).chain((parts) => {
  let number = 0;
  const columns = parts.map(([type, step]): RowColumn => {
    number += step;
    return { number, type };
  });
  return fc.tuple(
    fc.constant(columns),
    fc.array(
      fc.tuple(
        fc.tuple(...columns.map(({ type }) => nullableOf(type))),
        fc.integer({ min: 1, max: columns.length }),
        fc.boolean(),
      ),
      { minLength: 1, maxLength: 30 },
    ),
  );
});

Deno.test("RowBatch reads of any rows what RowReader reads of each", () => {
  fc.assert(
    fc.property(
      arbitraryTable,
      fc.infiniteStream(fc.boolean()),
      ([columns, rows], picks) => {
        const encoded = rows.map(([values, written]) =>
          encode(columns.slice(0, written), values)
        );
        const chosen = Uint32Array.from(
          rows.map((_, row) => row).filter(() => picks.next().value as boolean),
        );
        const some = picks.next().value as boolean ? chosen : undefined;
        const batch = new RowBatch(columns, rows.length + 1);
        const first = rows.length > 1 && some === undefined ? 1 : 0;
        batch.take(runOf(encoded), first, rows.length);
        assertEquals(batch.rowCount, rows.length - first);
        columns.forEach(({ type }, i) => {
          const column = batch.column(i, some);
          const builder = new ColumnBuilder(type, 1);
          const wanted = some ?? encoded.slice(first).map((_, row) => row);
          builder.appendColumn(column, some, wanted.length);
          builder.appendColumn(column, some, wanted.length);
          const copied = builder.finish();
          wanted.forEach((row, place) => {
            const bytes = encoded[first + row]!;
            const value = new RowCodec(columns)
              .decodeValue(bytes, 0, bytes.length, i);
            assertEquals(valueAt(column, row), value);
            assertEquals(valueAt(copied, place), value);
            assertEquals(valueAt(copied, wanted.length + place), value);
          });
        });
      },
    ),
    { seed: 7, numRuns: 500 },
  );
});

Deno.test("RowBatch gives columns added later their missing value", () => {
  const before: RowColumn[] = [{ number: 1, type: int4 }];
  const after: RowColumn[] = [
    ...before,
    { number: 2, type: text, missing: "new" },
    { number: 3, type: int2, missing: 7 },
  ];
  const batch = new RowBatch(after, 4);
  const rows = [encode(before, [1]), encode(after, [2, null, null])];
  batch.take(runOf([...rows, encode(after, [3, "x", 0])]), 0, 3);
  const values = (index: number): Nullable[] =>
    [0, 1, 2].map((row) => valueAt(batch.column(index, undefined), row));
  assertEquals(values(0), [1, 2, 3]);
  assertEquals(values(1), ["new", null, "x"]);
  assertEquals(values(2), [7, null, 0]);
});

Deno.test("RowBatch fails as corrupt on damaged rows, and never otherwise", () => {
  let corrupt = 0;
  const damaged = (columns: readonly RowColumn[], run: RowBytes): void => {
    try {
      const { length } = run.valueStarts;
      const batch = new RowBatch(columns, length, "sst/9");
      batch.take(run, 0, length);
      columns.forEach((_, i) => batch.column(i, undefined));
    } catch (error) {
      assert(error instanceof KriyaError, String(error));
      assertEquals(error.kind, "corrupt");
      assert(/^Cannot read "sst\/9" at byte \d+: /.test(error.message));
      corrupt++;
    }
  };
  fc.assert(
    fc.property(
      arbitraryTable,
      fc.nat(),
      fc.integer({ min: 0, max: 7 }),
      fc.uint8Array({ maxLength: 60 }),
      ([columns, rows], place, bit, noise) => {
        const encoded = rows.map(([values]) => encode(columns, values));
        damaged(columns, runOf([noise]));
        const [one] = encoded;
        damaged(columns, runOf([one!.subarray(0, place % one!.length)]));
        const last = encoded.at(-1)!.slice();
        last[place % last.length]! ^= 1 << bit;
        damaged(columns, runOf([...encoded.slice(0, -1), last]));
      },
    ),
    { seed: 11, numRuns: 500 },
  );
  assert(corrupt > 500, `${corrupt} corrupt`);
});
