import { assertEquals } from "@std/assert";
import { fc } from "fast-check";
import { COLUMN_TYPES, nullableOf } from "../../tests/support/sql_values.ts";
import { bool } from "../types/bool_type.ts";
import type { Nullable } from "../types/data_type.ts";
import { float8 } from "../types/float_types.ts";
import { int4 } from "../types/int_types.ts";
import { text } from "../types/text_types.ts";
import {
  ColumnBuilder,
  columnOf,
  isNull,
  selectedCount,
  valueAt,
} from "./chunk.ts";

Deno.test("[L-157] a column gives back its values, numbers from typed arrays", () => {
  for (const type of COLUMN_TYPES) {
    fc.assert(
      fc.property(
        fc.array(nullableOf(type), { maxLength: 100, size: "max" }),
        fc.nat({ max: 40 }),
        (values, capacity) => {
          const builder = new ColumnBuilder(type, capacity);
          for (const value of values) builder.append(value);
          assertEquals(builder.count, values.length);
          const column = builder.finish();
          values.forEach((value, row) => {
            assertEquals(isNull(column, row), value === null);
            assertEquals(valueAt(column, row), value);
          });
          assertEquals(
            column.validity === undefined,
            values.every((value) => value !== null),
          );
        },
      ),
      { seed: 61, numRuns: 30 },
    );
  }
  assertEquals(columnOf(int4, [1]).values instanceof Int32Array, true);
  assertEquals(columnOf(float8, [1]).values instanceof Float64Array, true);
  assertEquals(columnOf(bool, [true]).values instanceof Uint8Array, true);
});

Deno.test("ColumnBuilder takes NULL as the first, a middle and the last value", () => {
  const rows: readonly (readonly Nullable[])[] = [
    [null],
    [null, 1, 2],
    [1, null, 2],
    [1, 2, null],
    [...new Array<Nullable>(32).fill(7), null],
    [null, ...new Array<Nullable>(64).fill(7)],
  ];
  for (const values of rows) {
    for (const type of [int4, text]) {
      const given = values.map((value) =>
        value === null || type === int4 ? value : String(value)
      );
      const column = columnOf(type, given);
      assertEquals(given.map((_, row) => valueAt(column, row)), given);
    }
  }
});

Deno.test("selectedCount counts the selection, or all rows", () => {
  const columns = [columnOf(int4, [1, 2, 3])];
  assertEquals(selectedCount({ columns, rowCount: 3 }), 3);
  const selection = new Uint32Array([2]);
  assertEquals(selectedCount({ columns, rowCount: 3, selection }), 1);
});
