/**
 * Every column form against its scalar form: random columns with NULLs,
 * rubbish in the places of NULLs and of rows that are not selected, and
 * selections. The same values, the same NULLs, the same first error.
 *
 * @module
 */
import { SparseVector } from "../../vector/types/sparse_vector.ts";
import { assert, assertEquals } from "@std/assert";
import { fc } from "fast-check";
import { outcomeOf } from "../../tests/support/sql_oracle.ts";
import { arbitraryOf } from "../../tests/support/sql_values.ts";
import {
  allocateValidity,
  allocateValues,
  type Column,
  type ColumnValues,
  valueAt,
} from "../chunk/chunk.ts";
import type { DataType, Nullable, SqlValue } from "../types/data_type.ts";
import { createFunctionRegistry } from "./default_registry.ts";
import type { FunctionContext, FunctionDefinition } from "./registry.ts";

const registry = createFunctionRegistry();

const context: FunctionContext = {
  transactionTimestamp: 0,
  clock: () => 0,
  random: () => 0,
  randomBytes: (bytes) => bytes,
  setting: () => undefined,
  host: () => Promise.resolve(null),
};

/** The functions that have a column form, with what they are called here. */
const definitions: readonly (readonly [string, FunctionDefinition])[] = [
  ...registry.operators().map((operator) => operator.function),
  ...registry.functions(),
].filter((definition) => definition.column !== undefined)
  .map((definition) => [
    `${definition.name}(${
      definition.argumentTypes.map((type) => type.name).join(", ")
    })`,
    definition,
  ]);

const NUMBERS = new Set(["int2", "int4", "int8", "float4", "float8"]);

/** Values that meet each other more often than arbitrary ones. */
function values(type: DataType, name: string): fc.Arbitrary<SqlValue> {
  if (type.name === "sparsevec") {
    return fc.integer({ min: -9, max: 18 }).map((value) =>
      SparseVector.ofDense(
        new Float32Array(value > 15 ? 2 : 3).fill(value > 9 ? 0 : value / 2),
      )
    );
  }
  if (type.name === "bit") {
    return fc.integer({ min: 0, max: 9 }).map((value) => value.toString(2))
      .map((bits) => bits.padStart(3, "0")) as fc.Arbitrary<SqlValue>;
  }
  if (type.name === "vector" || type.name === "halfvec") {
    return fc.tuple(
      fc.integer({ min: 3, max: 30 }),
      fc.integer({ min: -9, max: 9 }),
    ).map(([dims, value]) =>
      new Float32Array(dims > 28 ? 2 : 3).fill(value / 2)
    );
  }
  if (/~/.test(name)) {
    return fc.array(fc.constantFrom("a", "b", "%", "_", "é"), { maxLength: 4 })
      .map((parts) => parts.join(""));
  }
  const small = fc.integer({ min: -3, max: 3 }) as fc.Arbitrary<SqlValue>;
  if (type.name === "int8" && /[-+*]/.test(name)) {
    // Results that are in range, but no safe integers.
    const large = name === "*"
      ? [2 ** 27 + 1, -(2 ** 28)]
      : [2 ** 52 + 1, 2 ** 53 - 1, -(2 ** 53 - 1), 2n ** 60n];
    return fc.oneof(
      { weight: 150, arbitrary: small },
      { weight: 50, arbitrary: fc.constantFrom<SqlValue>(...large) },
      { weight: 1, arbitrary: arbitraryOf(type) },
    );
  }
  return NUMBERS.has(type.name)
    ? fc.oneof(
      { weight: 20, arbitrary: small },
      { weight: 1, arbitrary: arbitraryOf(type) },
    )
    : arbitraryOf(type);
}

/** A column; `rubbish` lies where NULLs are. */
function makeColumn(
  type: DataType,
  cells: readonly Nullable[],
  rubbish: readonly SqlValue[],
): Column {
  const data: ColumnValues = allocateValues(type, cells.length);
  const validity = allocateValidity(cells.length);
  cells.forEach((cell, row) => {
    const content = cell ??
      (type.storage === "reference" ? null : rubbish[row]!);
    if (type.storage === "boolean") {
      (data as Uint8Array)[row] = content === true ? 1 : 0;
    } else {
      (data as (SqlValue | null)[])[row] = content;
    }
    if (cell !== null) validity[row >>> 5]! |= 1 << (row & 31);
  });
  const full = cells.every((cell) => cell !== null);
  return { type, values: data, validity: full ? undefined : validity };
}

/** Both validities, as the caller of a strict function combines them. */
function combine(columns: readonly Column[]): Uint32Array | undefined {
  const given = columns.map((column) => column.validity)
    .filter((validity) => validity !== undefined);
  if (given.length === 0) return undefined;
  return given[0]!.map((word, i) =>
    given.slice(1).reduce((all, validity) => all & validity[i]!, word)
  );
}

function show(type: DataType, value: Nullable): string | null {
  return value === null ? null : type.output(value);
}

for (const [name, definition] of definitions) {
  Deno.test(`${name}: the column form gives what the scalar form gives`, () => {
    const { argumentTypes, returnType } = definition;
    const scalar = definition.scalar!;
    let compared = 0;
    const cell = fc.tuple(
      ...argumentTypes.map((type) =>
        fc.tuple(
          fc.option(values(type, definition.name), { nil: null, freq: 6 }),
          values(type, definition.name),
        )
      ),
    );
    fc.assert(
      fc.property(
        fc.array(cell, { minLength: 1, maxLength: 70, size: "max" }),
        fc.option(fc.array(fc.nat({ max: 69 })), { nil: undefined }),
        (cells, picked) => {
          const columns = argumentTypes.map((type, i) =>
            makeColumn(
              type,
              cells.map((row) => row[i]![0]),
              cells.map((row) => row[i]![1]),
            )
          );
          const rows = picked === undefined ? undefined : Uint32Array.from(
            [...new Set(picked)].filter((row) => row < cells.length),
          );
          const selected = [...rows ?? cells.keys()];
          const expected = outcomeOf(() =>
            JSON.stringify(selected.map((row) => {
              const args = cells[row]!.map(([value]) => value);
              if (args.includes(null)) return null;
              return show(returnType, scalar(args, context));
            }))
          );
          const actual = outcomeOf(() => {
            const column = definition.column!(
              columns,
              cells.length,
              rows,
              combine(columns),
              context,
            );
            assertEquals(column.type, returnType);
            return JSON.stringify(
              selected.map((row) => show(returnType, valueAt(column, row))),
            );
          });
          assertEquals(actual, expected);
          if ("value" in actual) compared += selected.length;
        },
      ),
      { seed: 21, numRuns: 60 },
    );
    assert(compared > 30, `only ${compared} values compared`);
  });
}

Deno.test("comparison, arithmetic, matching and distances have column forms", () => {
  const names = new Set(definitions.map(([name]) => name));
  for (
    const wanted of [
      "=(int4, int4)",
      "<(text, text)",
      "+(int4, int4)",
      "*(float8, float8)",
      "~~(text, text)",
      "<->(vector, vector)",
      "<=>(vector, vector)",
      "l2_distance(vector, vector)",
    ]
  ) assert(names.has(wanted), wanted);
});
