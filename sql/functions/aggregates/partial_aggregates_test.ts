import { assert, assertEquals } from "@std/assert";
import { SeededRandom } from "../../../testing/seeded_random.ts";
import { testSeed } from "../../../tests/support/test_seed.ts";
import type { DataType, Nullable } from "../../types/data_type.ts";
import { createFunctionRegistry } from "../default_registry.ts";
import { NO_CONTEXT } from "../no_context.ts";
import type { AggregateDefinition } from "../registry.ts";
import { partialForm } from "./partial_aggregates.ts";

/** Texts of values, by type. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  any: ["1", "2"],
  bool: ["true", "false"],
  int2: ["1", "-7", "32767"],
  int4: ["1", "-7", "2147483647", "-2147483648"],
  int8: ["1", "-7", "9223372036854775807", "4503599627370497"],
  numeric: ["1", "-2.50", "1e30", "0.0000001", "NaN", "Infinity", "-Infinity"],
  float4: ["1.5", "-7", "1e10", "NaN", "Infinity"],
  float8: ["1.5", "-7", "1e10", "NaN", "-Infinity"],
  interval: ["1 day", "2 months -3 hours", "1.5 sec"],
  money: ["1.50", "-7"],
  text: ["a", "B", "ab", ""],
  date: ["2024-01-01", "infinity", "0044-03-15 BC"],
  inet: ["10.0.0.1", "::1"],
};

/** The result of an aggregate over rows. */
function over(
  definition: AggregateDefinition,
  rows: readonly (readonly Nullable[])[],
): Nullable {
  const state = definition.create(NO_CONTEXT);
  for (const row of rows) {
    if (!definition.strict || !row.includes(null)) state.step(row);
  }
  return state.finish();
}

function text(type: DataType, value: Nullable): string | null {
  return value === null ? null : type.output(value);
}

/** Equal, or floats that another order of sums has made. */
function isSame(a: string | null, b: string | null, isFloat: boolean): boolean {
  if (a === b) return true;
  if (!isFloat || a === null || b === null) return false;
  const [x, y] = [Number(a), Number(b)];
  return Math.abs(x - y) <= 1e-6 * Math.max(Math.abs(x), Math.abs(y));
}

Deno.test("[O-113] an aggregate in two steps gives what it gives in one, however its rows are parted", () => {
  const random = new SeededRandom(`partial ${testSeed()}`);
  let tested = 0;
  for (const definition of createFunctionRegistry().aggregates()) {
    const form = partialForm(definition);
    if (form === undefined) continue;
    const [type] = definition.argumentTypes;
    const texts = VALUES[type?.name ?? "any"] ?? [];
    const isFloat = definition.returnType.name.startsWith("float");
    for (let round = 0; round < 30; round++) {
      const rows = Array.from(
        { length: random.below(12) },
        (): Nullable[] =>
          type === undefined ? [] : [
            random.chance(0.2) || texts.length === 0
              ? null
              : type.name === "any"
              ? 1
              : type.input(texts[random.below(texts.length)]!, -1),
          ],
      );
      const parts: Nullable[][][] = [[], [], []];
      for (const row of rows) parts[random.below(3)]!.push(row);
      const states = parts.map((part) =>
        form.states.map((state) => over(state, part))
      );
      const { returnType } = definition;
      const once = text(returnType, over(definition, rows));
      const twice = text(returnType, over(form.final, states));
      assert(
        isSame(once, twice, isFloat),
        `${definition.name}(${type?.name}): ${once}, ${twice} of ${
          rows.map(([value]) => value && text(type!, value)).join()
        }`,
      );
      tested++;
    }
  }
  assert(tested > 30 * 60, `${tested}`);
});

Deno.test("an aggregate that gathers its rows is not done in two steps", () => {
  const names = new Set(
    createFunctionRegistry().aggregates()
      .filter((each) => partialForm(each) === undefined)
      .map(({ name }) => name),
  );
  for (const name of ["array_agg", "string_agg", "json_agg"]) {
    assertEquals(names.has(name), true, name);
  }
});
