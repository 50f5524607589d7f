import { assert, assertEquals } from "@std/assert";
import { fc } from "fast-check";
import { testSeed } from "../../../tests/support/test_seed.ts";
import { numericOperators } from "./numeric_operators.ts";
import { comparisonOperators } from "../comparison/comparison_operators.ts";
import { NO_CONTEXT } from "../no_context.ts";
import { NumericGroups } from "../aggregates/exact_groups.ts";
import type { Nullable } from "../../types/data_type.ts";
import { Numeric } from "../../types/numeric.ts";
import { numeric } from "../../types/numeric_type.ts";
import {
  allocateValidity,
  type Column,
  ColumnBuilder,
  valueAt,
} from "../../chunk/chunk.ts";
import { DecimalColumn } from "../../chunk/decimal_column.ts";

const ROWS = 40;

/** Digits of one scale, some of them NULL, some near what a double holds. */
const decimals = fc.record({
  scale: fc.nat(6),
  digits: fc.array(
    fc.option(
      fc.oneof(
        fc.integer({ min: -99999, max: 99999 }),
        fc.maxSafeInteger(),
      ),
      { freq: 5 },
    ),
    { minLength: ROWS, maxLength: ROWS },
  ),
});

function columnOf(
  { scale, digits }: { scale: number; digits: (number | null)[] },
): DecimalColumn {
  const validity = allocateValidity(ROWS);
  digits.forEach((each, i) => {
    if (each !== null) validity[i >>> 5]! |= 1 << (i & 31);
  });
  const numbers = Float64Array.from(digits, (each) => each ?? 0);
  return new DecimalColumn(
    numeric,
    numbers,
    scale,
    digits.includes(null) ? validity : undefined,
  );
}

function plain({ values, validity }: Column): Column {
  return { type: numeric, values: [...values as Nullable[]], validity };
}

function shown(column: Column, rows = ROWS): unknown[] {
  return Array.from({ length: rows }, (_, row) => {
    const value = valueAt(column, row);
    return value instanceof Numeric ? value.toString() : value;
  });
}

const KERNELS = [...numericOperators, ...comparisonOperators]
  .filter(({ function: { argumentTypes, column } }) =>
    argumentTypes.length === 2 && argumentTypes.every((type) =>
      type === numeric
    ) &&
    column !== undefined
  );

Deno.test("[L-201] operators over digits give what they give over values", () => {
  assert(KERNELS.length >= 9);
  fc.assert(
    fc.property(decimals, decimals, (one, other) => {
      const a = columnOf(one);
      const b = columnOf(other);
      const validity = allocateValidity(ROWS).map((_, i) =>
        (a.validity?.[i] ?? ~0) & (b.validity?.[i] ?? ~0)
      );
      for (const { function: { name, column } } of KERNELS) {
        if (name === "/" || name === "%") continue;
        const run = (x: Column, y: Column): unknown[] =>
          shown(column!([x, y], ROWS, undefined, validity, NO_CONTEXT));
        assertEquals(run(a, b), run(plain(a), plain(b)), name);
      }
    }),
    { seed: testSeed(), numRuns: 200 },
  );
});

Deno.test("sums of digits are those of values, whatever comes in between", () => {
  fc.assert(
    fc.property(fc.array(decimals, { maxLength: 5 }), (parts) => {
      const groups = Int32Array.from({ length: ROWS }, (_, i) => i % 3);
      const sums = [new NumericGroups(false), new NumericGroups(false)];
      for (const each of sums) each.grow(3);
      for (const part of parts) {
        const column = columnOf(part);
        sums[0]!.step([column], ROWS, undefined, groups);
        sums[1]!.step([plain(column)], ROWS, undefined, groups);
      }
      const [digits, values] = sums.map((each) => shown(each.finish(3), 3));
      assertEquals(digits, values);
    }),
    { seed: testSeed(), numRuns: 100 },
  );
});

Deno.test("a builder keeps digits of one scale, and values otherwise", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(decimals, fc.constant(null)), { maxLength: 6 }),
      fc.boolean(),
      (parts, some) => {
        const rows = Uint32Array.of(7, 3, 3, 30);
        const [digits, values] = [true, false].map((isDigits) => {
          const builder = new ColumnBuilder(numeric, 4);
          let count = 0;
          for (const part of parts) {
            if (part === null) {
              builder.append(count % 2 === 0 ? null : Numeric.parse("1.5"));
              count++;
              continue;
            }
            const column = isDigits ? columnOf(part) : plain(columnOf(part));
            const added = some ? rows.length : ROWS;
            builder.appendColumn(column, some ? rows : undefined, added);
            count += added;
          }
          const column = builder.finish();
          const scales = new Set(parts.map((part) => part?.scale));
          const isKept = column instanceof DecimalColumn;
          const isOne = scales.size === 1 && !scales.has(undefined);
          assertEquals(isKept, isDigits && isOne);
          return shown(column, count);
        });
        assertEquals(digits, values);
      },
    ),
    { seed: testSeed(), numRuns: 200 },
  );
});
