import { assertEquals } from "@std/assert";
import { fc } from "fast-check";
import {
  dateOfDay,
  DAY_MIN,
  dayOfDate,
  daysInMonth,
  formatTime,
  joinTimestamp,
  splitTimestamp,
} from "./calendar.ts";

Deno.test("dateOfDay and dayOfDate are inverse, and count day by day", () => {
  fc.assert(
    fc.property(fc.integer({ min: DAY_MIN, max: 2_145_031_948 }), (day) => {
      const { year, month, day: dayOfMonth } = dateOfDay(day);
      assertEquals(dayOfDate(year, month, dayOfMonth), day);
      assertEquals(dayOfMonth <= daysInMonth(year, month), true);
    }),
    { seed: 71, numRuns: 2000 },
  );
  assertEquals(dateOfDay(0), { year: 2000, month: 1, day: 1 });
  assertEquals(dateOfDay(59), { year: 2000, month: 2, day: 29 });
  assertEquals(dateOfDay(-1), { year: 1999, month: 12, day: 31 });
});

Deno.test("a Date of JavaScript agrees about the calendar", () => {
  fc.assert(
    fc.property(fc.integer({ min: -800_000, max: 800_000 }), (day) => {
      const date = new Date(Date.UTC(2000, 0, 1) + day * 86_400_000);
      assertEquals(dateOfDay(day), {
        year: date.getUTCFullYear(),
        month: date.getUTCMonth() + 1,
        day: date.getUTCDate(),
      });
    }),
    { seed: 72, numRuns: 1000 },
  );
});

Deno.test("splitTimestamp and joinTimestamp are inverse beyond safe integers", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: DAY_MIN, max: 106_751_982 }),
      fc.integer({ min: 0, max: 86_399 }),
      fc.integer({ min: 0, max: 999_999 }),
      (day, seconds, fraction) => {
        const micros = seconds * 1_000_000 + fraction;
        const value = joinTimestamp(day, micros);
        assertEquals(splitTimestamp(value), { day, micros });
        assertEquals(
          typeof value === "number",
          Number.isSafeInteger(day * 86_400_000_000 + micros),
        );
      },
    ),
    { seed: 73, numRuns: 1000 },
  );
});

Deno.test("formatTime prints fractions as far as there are any", () => {
  assertEquals(formatTime(0), "00:00:00");
  assertEquals(formatTime(3_723_000_001), "01:02:03.000001");
  assertEquals(formatTime(3_723_500_000), "01:02:03.5");
});
