/**
 * Rows in keys: their bytes order as the rows do, and are read back; those of a
 * type that got another field stay what they are.
 */
import { assertEquals, assertThrows } from "@std/assert";
import { fc } from "fast-check";
import { compareBytes } from "../../base/bytes.ts";
import { KriyaError } from "../../base/errors.ts";
import type { Nullable, RowField } from "../types/data_type.ts";
import { int4 } from "../types/int_types.ts";
import { rowType } from "../types/row/row_type.ts";
import { SqlRow } from "../types/row/row_value.ts";
import { text } from "../types/text_types.ts";
import { KeyCodec } from "./key_encoding.ts";

const FIELDS: readonly RowField[] = [
  { name: "a", type: { type: int4, typmod: -1 } },
  { name: "b", type: { type: text, typmod: -1 } },
  { name: "c", type: { type: int4, typmod: -1 } },
];
const NAMES = { oid: 70000, name: "t", displayName: "t" };
const type = rowType(NAMES, FIELDS);

const arbitraryRow = fc.tuple(
  fc.option(fc.integer({ min: -2, max: 2 })),
  fc.option(fc.constantFrom("", "a", "ab")),
  fc.option(fc.integer({ min: -2, max: 2 })),
).map((values) => new SqlRow(FIELDS, values));

Deno.test("bytes of rows order as the rows, and decode to the same", () => {
  const up = new KeyCodec([{ type }, { type: int4 }]);
  const down = new KeyCodec([{ type, descending: true }, { type: int4 }]);
  fc.assert(
    fc.property(arbitraryRow, arbitraryRow, (a, b) => {
      const order = Math.sign(type.compare(a, b));
      for (const [codec, sign] of [[up, 1], [down, -1]] as const) {
        const keys = [a, b].map((row) => codec.encode([row, 7]));
        assertEquals(
          Math.sign(compareBytes(keys[0]!, keys[1]!)),
          order * sign + 0,
        );
        const [back, next] = codec.decode(keys[0]!);
        assertEquals((back as SqlRow).values, a.values);
        assertEquals(next, 7);
      }
    }),
    { seed: 5, numRuns: 2000 },
  );
});

Deno.test("a row has the same key when its type gets another field", () => {
  const short = rowType(NAMES, FIELDS.slice(0, 2));
  const before = new KeyCodec([{ type: short }]);
  const after = new KeyCodec([{ type }]);
  for (const values of [[1, "x"], [null, "x"], [1, null], [null, null]]) {
    const row = new SqlRow(short.fields!, values as Nullable[]);
    const longer = new SqlRow(FIELDS, [...values, null] as Nullable[]);
    assertEquals(before.encode([row]), after.encode([longer]));
  }
});

Deno.test("a row in a key that has more fields than its type is corrupt", () => {
  const codec = new KeyCodec([{ type }]);
  const key = codec.encode([new SqlRow(FIELDS, [1, "x", 2])]);
  const short = new KeyCodec([{ type: rowType(NAMES, FIELDS.slice(0, 2)) }]);
  assertThrows(() => short.decode(key), KriyaError, "bad row");
});
