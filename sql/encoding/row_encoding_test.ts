import { assert, assertEquals, assertThrows } from "@std/assert";
import { fc } from "fast-check";
import { ByteWriter } from "../../base/bytes.ts";
import { KriyaError } from "../../base/errors.ts";
import { COLUMN_TYPES, nullableOf } from "../../tests/support/sql_values.ts";
import { ColumnBuilder, columnOf, valueAt } from "../chunk/chunk.ts";
import type { DataType, Nullable } from "../types/data_type.ts";
import { int2, int4, int8 } from "../types/int_types.ts";
import { text } from "../types/text_types.ts";
import { bytea } from "../types/bytea_type.ts";
import { bit } from "../types/bit_types.ts";
import { halfvec, vector } from "../types/vector_type.ts";
import { RowCodec, type RowColumn } from "./row_encoding.ts";

function encode(codec: RowCodec, values: readonly Nullable[]): Uint8Array {
  const writer = new ByteWriter(1);
  const columns = codec.columns.map((column, i) =>
    columnOf(column.type, [values[i]!])
  );
  codec.encodeRow(writer, columns, 0);
  return writer.toBytes();
}

function decode(codec: RowCodec, bytes: Uint8Array): Nullable[] {
  return codec.columns.map((_, position) =>
    codec.decodeValue(bytes, 0, bytes.length, position)
  );
}

/** Columns with gaps between their numbers, as after DROP COLUMN. */
const arbitraryColumns = fc.array(
  fc.tuple(
    fc.constantFrom(...COLUMN_TYPES),
    fc.integer({ min: 1, max: 3 }),
  ),
  { minLength: 1, maxLength: 12 },
).map((parts) => {
  let number = 0;
  return parts.map(([type, step]): RowColumn => {
    number += step;
    return { number, type };
  });
});

function arbitraryRow(columns: readonly RowColumn[]): fc.Arbitrary<Nullable[]> {
  return fc.tuple(...columns.map((column) => nullableOf(column.type)));
}

const arbitraryTable = arbitraryColumns.chain((columns) =>
  fc.tuple(
    fc.constant(columns),
    fc.array(arbitraryRow(columns), { minLength: 1, maxLength: 5 }),
  )
);

Deno.test("[L-141] RowCodec reads back every row it wrote, any columns wanted", () => {
  fc.assert(
    fc.property(
      arbitraryTable,
      fc.infiniteStream(fc.boolean()),
      ([columns, rows], picks) => {
        const codec = new RowCodec(columns);
        const wanted = columns.map((_, i) => i)
          .filter(() => picks.next().value as boolean)
          .reverse();
        const reader = codec.reader(wanted);
        const builders = wanted.map((i) =>
          new ColumnBuilder(columns[i]!.type, 1)
        );
        const writer = new ByteWriter(1);
        const values = columns.map((column, i) =>
          columnOf(column.type, rows.map((row) => row[i]!))
        );
        const starts = rows.map((_, row) => {
          const start = writer.length;
          codec.encodeRow(writer, values, row);
          return start;
        });
        const bytes = writer.toBytes();
        rows.forEach((_, row) => {
          const end = starts[row + 1] ?? bytes.length;
          reader.decodeInto(bytes, starts[row]!, end, builders);
        });
        wanted.forEach((position, i) => {
          const column = builders[i]!.finish();
          rows.forEach((row, r) => {
            assertEquals(valueAt(column, r), row[position]!);
          });
        });
      },
    ),
    { seed: 7, numRuns: 400 },
  );
});

Deno.test("RowCodec gives columns added later their missing value, and skips dropped ones", () => {
  const before = new RowCodec([
    { number: 1, type: int4 },
    { number: 2, type: text },
    { number: 3, type: int8 },
  ]);
  const bytes = encode(before, [1, "dropped", 3]);
  const after = new RowCodec([
    { number: 1, type: int4 },
    { number: 3, type: int8 },
    { number: 4, type: text, missing: "new" },
    { number: 5, type: text },
  ]);
  assertEquals(decode(after, bytes), [1, 3, "new", null]);
  // A NULL written on purpose stays NULL, whatever the missing value.
  const rewritten = encode(after, [1, 3, null, "x"]);
  assertEquals(decode(after, rewritten), [1, 3, null, "x"]);
});

Deno.test("RowCodec reads an integer column that was widened", () => {
  const narrow = new RowCodec([{ number: 1, type: int2 }]);
  const wide = new RowCodec([{ number: 1, type: int8 }]);
  for (const value of [0, 1, -1, 127, 128, -128, -129, 32767, -32768]) {
    assertEquals(decode(wide, encode(narrow, [value])), [value]);
  }
  assertThrows(
    () => decode(narrow, encode(wide, [32768])),
    KriyaError,
    "int2 of 4 bytes",
  );
});

Deno.test("RowCodec packs bit strings, and reads those of before as text", () => {
  const bits = new RowCodec([{ number: 1, type: bit }]);
  const before = new RowCodec([{ number: 1, type: text }]);
  for (const value of ["", "0", "1", "10110", "00000000", "111111110"]) {
    const bytes = encode(bits, [value]);
    assertEquals(decode(bits, bytes), [value]);
    assertEquals(decode(bits, encode(before, [value])), [value]);
  }
  assertEquals(encode(bits, ["1".repeat(1024)]).length, 3 + 1 + 128);
  assertThrows(() => decode(bits, encode(before, ["012"])), KriyaError);
});

Deno.test("RowCodec takes 2 bytes a component of a half vector", () => {
  const codec = new RowCodec([{ number: 1, type: halfvec }]);
  const value = new Float32Array(100).fill(0.5);
  assertEquals(encode(codec, [value]).length, 3 + 200);
  assertEquals(decode(codec, encode(codec, [value])), [value]);
});

Deno.test("RowCodec takes values of any size", () => {
  const codec = new RowCodec([
    { number: 1, type: text },
    { number: 2, type: bytea },
    { number: 3, type: vector },
    { number: 300, type: int4 },
  ]);
  for (const size of [0, 1, 85, 86, 255, 256, 21845, 21846, 70000]) {
    const row = [
      "é".repeat(size),
      new Uint8Array(size).fill(7),
      new Float32Array(Math.max(1, Math.min(size, 16000))).fill(0.5),
      size,
    ];
    assertEquals(decode(codec, encode(codec, row)), row);
  }
});

Deno.test("RowCodec writes a small row in few bytes", () => {
  const codec = new RowCodec([
    { number: 1, type: int4 },
    { number: 2, type: text },
    { number: 3, type: int4 },
  ]);
  // Version, count, three ends, 1 + 3 + 0 bytes of values.
  assertEquals(
    [...encode(codec, [5, "abc", 0])],
    [1, 3, 1, 4, 4, 5, 97, 98, 99],
  );
  // The bitmap comes with the first NULL.
  assertEquals(
    [...encode(codec, [null, "abc", 0])],
    [0x41, 3, 0b110, 0, 3, 3, 97, 98, 99],
  );
});

Deno.test("RowReader fails as corrupt on damaged rows, and never otherwise", () => {
  let corrupt = 0;
  const damaged = (
    codec: RowCodec,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void => {
    const all = codec.columns.map((_, i) => i);
    const types: DataType[] = codec.columns.map((column) => column.type);
    const builders = types.map((type) => new ColumnBuilder(type, 1));
    try {
      codec.reader(all, "sst/9").decodeInto(bytes, start, end, builders);
    } catch (error) {
      assert(error instanceof KriyaError, String(error));
      assertEquals(error.kind, "corrupt");
      assert(
        /^Cannot read "sst\/9" at byte \d+: /.test(error.message),
      );
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
        const codec = new RowCodec(columns);
        const bytes = encode(codec, rows[0]!);
        damaged(codec, noise, 0, noise.length);
        damaged(codec, bytes, 0, place % bytes.length);
        const flipped = bytes.slice();
        flipped[place % bytes.length]! ^= 1 << bit;
        damaged(codec, flipped, 0, flipped.length);
      },
    ),
    { seed: 11, numRuns: 600 },
  );
  assert(corrupt > 600, `${corrupt} corrupt`);
});
