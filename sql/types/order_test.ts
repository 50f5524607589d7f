import { assertEquals } from "@std/assert";
import { fc } from "fast-check";
import { compareBytes, utf8Encode } from "../../base/bytes.ts";
import { arbitraryOf, COLUMN_TYPES } from "../../tests/support/sql_values.ts";
import { Interval } from "./interval.ts";
import { interval } from "./interval_type.ts";
import { jsonb } from "./json_types.ts";
import { Numeric } from "./numeric.ts";
import { numeric } from "./numeric_type.ts";
import { compareText } from "./text_order.ts";
import { text } from "./text_types.ts";

for (const type of COLUMN_TYPES) {
  Deno.test(`the order of ${type.name} is total, and equal values hash alike`, () => {
    const values = arbitraryOf(type);
    fc.assert(
      fc.property(values, values, values, (a, b, c) => {
        const order = Math.sign(type.compare(a, b));
        assertEquals(Math.sign(type.compare(b, a)), -order + 0);
        assertEquals(type.compare(a, a), 0);
        if (order <= 0 && type.compare(b, c) <= 0) {
          assertEquals(type.compare(a, c) <= 0, true);
        }
        assertEquals(
          Object.is(type.hashKey(a), type.hashKey(b)) ||
            type.hashKey(a) === type.hashKey(b),
          type.name === "json" ? a === b : order === 0,
        );
      }),
      { seed: 41, numRuns: 300 },
    );
  });
}

Deno.test("text orders by its UTF-8 bytes", () => {
  const tails = fc.oneof(
    arbitraryOf(text).map(String),
    fc.array(
      fc.constantFrom("a", "é", "\ud7ff", "\ue000", "\uffff", "\u{10000}"),
      {
        maxLength: 4,
      },
    ).map((parts) => parts.join("")),
  );
  const starts = fc.constantFrom(
    "",
    "abc",
    "abcd",
    "\u{1f600}abcd",
    "\uffffabc",
  );
  fc.assert(
    fc.property(starts, tails, tails, (start, x, y) => {
      const a = start + x;
      const b = start + y;
      const bytes = compareBytes(utf8Encode(a), utf8Encode(b));
      assertEquals(Math.sign(compareText(a, b)), Math.sign(bytes));
    }),
    { seed: 42, numRuns: 3000 },
  );
});

Deno.test("equal values in different forms hash alike", () => {
  const same = (
    type: typeof numeric,
    forms: readonly Parameters<typeof numeric.compare>[0][],
  ): void => {
    assertEquals(new Set(forms.map((form) => type.hashKey(form))).size, 1);
  };
  same(numeric, ["1", "1.0", "1.000", "10e-1"].map(Numeric.parse));
  same(jsonb, ['{"a": 1.0}', '{"a": 1}', '{"a": 1.00}']);
  same(interval, [
    Interval.of({ months: 1, days: 0, micros: 0 }),
    Interval.of({ months: 0, days: 30, micros: 0 }),
    Interval.of({ months: 0, days: 29, micros: 86_400_000_000 }),
  ]);
});
