import { assertEquals } from "@std/assert";
import { fc } from "fast-check";
import { columnOf } from "../../chunk/chunk.ts";
import type { DataType, Nullable } from "../../types/data_type.ts";
import { bool } from "../../types/bool_type.ts";
import { float8 } from "../../types/float_types.ts";
import { int4, int8 } from "../../types/int_types.ts";
import { text } from "../../types/text_types.ts";
import { rowKey } from "../row_key.ts";
import { KeyIndex, keyStorageOf } from "./key_index.ts";

const VALUES: readonly [DataType, fc.Arbitrary<Nullable>][] = [
  [int4, fc.option(fc.integer({ min: -9, max: 9 }))],
  [int4, fc.option(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }))],
  [
    float8,
    fc.option(fc.constantFrom(0, -0, NaN, 1.5, Infinity, 2 ** 53, 1e300)),
  ],
  [int8, fc.option(fc.constantFrom<Nullable>(1, 2n ** 60n, 2n ** 61n, 0))],
  [text, fc.option(fc.constantFrom("", "a", "b", "ab", "1"))],
  [bool, fc.option(fc.boolean())],
];

Deno.test("rows have one number if and only if they have one key, in the order they came", () => {
  const types = fc.array(fc.integer({ min: 0, max: VALUES.length - 1 }), {
    minLength: 1,
    maxLength: 3,
  });
  const table = types.chain((columns) =>
    fc.tuple(
      fc.constant(columns),
      fc.array(fc.tuple(...columns.map((c) => VALUES[c]![1])), {
        maxLength: 300,
      }),
    )
  );
  fc.assert(fc.property(table, ([columns, rows]) => {
    const all = columns.map((c, i) =>
      columnOf(VALUES[c]![0], rows.map((row) => row[i]!))
    );
    const index = new KeyIndex(
      columns.map((c) => keyStorageOf(VALUES[c]![0])),
    );
    const expected = new Map<unknown, number>();
    const half = rows.length >>> 1;
    const first = Uint32Array.from({ length: half }, (_, i) => i);
    const numbers = new Int32Array(rows.length);
    index.numbersOf(all, first, rows.length, numbers, false);
    for (const row of first) {
      const key = rowKey(all, row);
      if (!expected.has(key)) expected.set(key, expected.size);
      assertEquals(numbers[row], expected.get(key));
    }
    assertEquals(index.count, expected.size);
    index.numbersOf(all, undefined, rows.length, numbers, true);
    for (let row = 0; row < rows.length; row++) {
      assertEquals(numbers[row], expected.get(rowKey(all, row)) ?? -1);
    }
    index.numbersOf(all, undefined, rows.length, numbers, false);
    for (let row = 0; row < rows.length; row++) {
      const key = rowKey(all, row);
      if (!expected.has(key)) expected.set(key, expected.size);
      assertEquals(numbers[row], expected.get(key));
    }
  }));
});
