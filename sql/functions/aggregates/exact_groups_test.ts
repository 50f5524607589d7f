import { assertEquals } from "@std/assert";
import { fc } from "fast-check";
import { columnOf, valueAt } from "../../chunk/chunk.ts";
import type { Nullable } from "../../types/data_type.ts";
import { int8, normalizeInt8 } from "../../types/int_types.ts";
import { Numeric } from "../../types/numeric.ts";
import { numeric } from "../../types/numeric_type.ts";
import { createFunctionRegistry } from "../default_registry.ts";
import type { FunctionContext } from "../registry.ts";

const context: FunctionContext = {
  transactionTimestamp: 0,
  clock: () => 0,
  random: () => 0,
  randomBytes: (bytes) => bytes,
  setting: () => undefined,
  catalog: () => null,
  host: () => Promise.resolve(null),
};

const integers = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(normalizeInt8),
);

const numerics = fc.oneof(
  { weight: 5, arbitrary: fc.integer().map((n) => Numeric.ofSafe(n, 2)) },
  fc.tuple(fc.maxSafeInteger(), fc.nat({ max: 20 })).map(([n, scale]) =>
    Numeric.ofSafe(n, scale)
  ),
  fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }).map((n) =>
    Numeric.of(n, 3)
  ),
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      Numeric.NAN,
      Numeric.INFINITY,
      Numeric.NEGATIVE_INFINITY,
      Numeric.ofSafe(0, 5),
    ),
  },
);

const registry = createFunctionRegistry();

for (
  const { type, values } of [
    { type: int8, values: integers },
    { type: numeric, values: numerics },
  ]
) {
  for (const name of ["sum", "avg"]) {
    Deno.test(`${name}(${type.name}) of many groups at once is what a state for each gives`, () => {
      const definition = [...registry.aggregates()].find((each) =>
        each.name === name && each.argumentTypes[0] === type
      )!;
      const rows = fc.array(
        fc.tuple(
          fc.oneof({ weight: 6, arbitrary: values }, fc.constant(null)),
          fc.nat({ max: 5 }),
          fc.boolean(),
        ),
        { maxLength: 60 },
      );
      fc.assert(
        fc.property(fc.array(rows, { maxLength: 3 }), (chunks) => {
          const groups = definition.grouped!();
          const states = Array.from(
            { length: 7 },
            () => definition.create(context),
          );
          chunks.forEach((chunk, i) => {
            groups.grow(i === 0 ? 6 : 7);
            const selected = chunk.flatMap(([, , is], row) => is ? [row] : []);
            groups.step(
              [columnOf(type, chunk.map(([value]): Nullable => value))],
              chunk.length,
              Uint32Array.from(selected),
              Int32Array.from(chunk.map(([, group]) => group)),
            );
            for (const row of selected) {
              const [value, group] = chunk[row]!;
              if (value !== null) states[group]!.step([value]);
            }
          });
          groups.grow(7);
          const column = groups.finish(7);
          states.forEach((state, group) => {
            const wanted = state.finish() as Numeric | null;
            const found = valueAt(column, group) as Numeric | null;
            assertEquals(found?.toString(), wanted?.toString());
          });
        }),
        { seed: 3, numRuns: 300 },
      );
    });
  }
}
