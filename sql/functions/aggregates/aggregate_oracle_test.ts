/**
 * PGlite as the oracle of aggregates: which there are, what type each gives, and
 * what it gives for random groups, row by row and by columns.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { fc } from "fast-check";
import {
  differences,
  type Outcome,
  outcomeOf,
  quoteLiteral,
  seedOr,
  SqlOracle,
} from "../../../tests/support/sql_oracle.ts";
import { arbitraryOf } from "../../../tests/support/sql_values.ts";
import { concreteType } from "../../../tests/support/concrete_types.ts";
import { columnOf } from "../../chunk/chunk.ts";
import { castValue } from "../../types/cast.ts";
import type { DataType, Nullable, SqlValue } from "../../types/data_type.ts";
import { int4 } from "../../types/int_types.ts";
import { record } from "../../types/row/row_type.ts";
import { anyElement, anyEnum, anyType } from "../../types/pseudo_types.ts";
import { text } from "../../types/text_types.ts";
import { createFunctionRegistry } from "../default_registry.ts";
import type { AggregateDefinition, FunctionContext } from "../registry.ts";

const SEED = seedOr(20240612);

const oracle = await SqlOracle.create();
const context: FunctionContext = {
  transactionTimestamp: 0,
  clock: () => 0,
  random: () => 0,
  randomBytes: (bytes) => bytes,
  setting: () => undefined,
  catalog: () => null,
  host: () => Promise.resolve(null),
};

const registry = createFunctionRegistry();

// PGlite keeps its module and timers for the life of the process.
const leaky = { sanitizeResources: false, sanitizeOps: false };

Deno.test({
  ...leaky,
  name: "every aggregate is declared as PostgreSQL's",
  async fn(): Promise<void> {
    const rows = await oracle.query<{ k: string; r: string }>(
      `SELECT p.proname || '(' || coalesce((SELECT string_agg(t.typname, ','
           ORDER BY n) FROM unnest(p.proargtypes) WITH ORDINALITY u(o, n)
           JOIN pg_type t ON t.oid = o), '') || ')' k, r.typname r
       FROM pg_proc p JOIN pg_type r ON r.oid = prorettype WHERE prokind = 'a'`,
    );
    const theirs = new Map(rows.map((row) => [row.k, row.r]));
    const wrong: string[] = [];
    for (const { name, argumentTypes, returnType } of registry.aggregates()) {
      const key = `${name}(${argumentTypes.map((t) => t.name).join(",")})`;
      const declared = theirs.get(key);
      const ours = returnType === anyElement ? "anyelement" : returnType.name;
      if (ours !== declared) wrong.push(`${key}: ${ours}, not ${declared}`);
    }
    assertEquals(wrong, []);
    assert(registry.aggregates().length > 70);
  },
});

function asText(value: Nullable, type: DataType): string | null {
  if (value === null) return null;
  const target = { type: text, typmod: -1 };
  return castValue(value, type, target, "explicit") as string | null;
}

/** The types an aggregate is tried with where it takes any. */
function concreteTypes(definition: AggregateDefinition): readonly DataType[] {
  return definition.argumentTypes.map((type, place) =>
    type === anyType || type === anyElement
      ? (place === 0 ? text : int4)
      : concreteType(type)
  );
}

/** Values whose sums stay in range most of the time. */
function values(name: string, type: DataType): fc.Arbitrary<SqlValue> {
  if (type.name === "float4" || type.name === "float8") {
    const numbers = fc.oneof(
      { weight: 9, arbitrary: fc.integer({ min: -4000, max: 4000 }) },
      { weight: 1, arbitrary: fc.constantFrom(0.5, 0.25, NaN, Infinity) },
    );
    return numbers.map((value) => value / 4);
  }
  if (type.name === "interval") {
    return arbitraryOf(type);
  }
  if (type.name === "vector") {
    return fc.array(fc.integer({ min: -9, max: 9 }), {
      minLength: 3,
      maxLength: 3,
    }).map((items) => Float32Array.from(items));
  }
  if (type === text) {
    return fc.constantFrom("a", "b", "", "é", "x,y", name === "" ? "" : '"');
  }
  return arbitraryOf(type);
}

function literal(value: Nullable, type: DataType): string {
  return value === null
    ? `NULL::"${type.name}"`
    : `${quoteLiteral(type.output(value))}::"${type.name}"`;
}

/** Runs an aggregate over rows, one by one. */
function run(definition: AggregateDefinition, rows: Nullable[][]): Nullable {
  const state = definition.create(context);
  for (const row of rows) {
    if (definition.strict && row.includes(null)) continue;
    state.step(row);
  }
  return state.finish();
}

/** Runs an aggregate over the same rows by columns, in two chunks. */
function runColumns(
  definition: AggregateDefinition,
  types: readonly DataType[],
  rows: Nullable[][],
): Nullable {
  const state = definition.create(context);
  const half = rows.length >> 1;
  for (const part of [rows.slice(0, half), rows.slice(half)]) {
    const columns = types.map((type, i) =>
      columnOf(type, part.map((row) => row[i]!))
    );
    const even = Uint32Array.from(part.keys().filter((i) => i % 2 === 0));
    const odd = Uint32Array.from(part.keys().filter((i) => i % 2 === 1));
    if (part.length > 3) {
      state.stepColumns!(columns, part.length, even);
      state.stepColumns!(columns, part.length, odd);
    } else {
      state.stepColumns!(columns, part.length, undefined);
    }
  }
  return state.finish();
}

/** The rows in the order in which `runColumns` takes them. */
function columnOrder(rows: Nullable[][]): Nullable[][] {
  const half = rows.length >> 1;
  return [rows.slice(0, half), rows.slice(half)].flatMap((part) =>
    part.length > 3
      ? [
        ...part.filter((_, i) => i % 2 === 0),
        ...part.filter((_, i) => i % 2 === 1),
      ]
      : part
  );
}

function groups(
  definition: AggregateDefinition,
  types: readonly DataType[],
): Nullable[][][] {
  const row = fc.tuple(
    ...types.map((type) =>
      fc.option(values(definition.name, type), { nil: null, freq: 5 })
    ),
  );
  return [
    [],
    ...fc.sample(fc.array(row, { maxLength: 12 }), { seed: SEED, numRuns: 25 }),
  ];
}

for (const name of new Set(registry.aggregates().map((a) => a.name))) {
  Deno.test({
    ...leaky,
    name: `${name}() over groups gives what PostgreSQL's gives`,
    async fn(): Promise<void> {
      const names: string[] = [];
      const ours: Outcome[] = [];
      for (const declared of registry.aggregates()) {
        // Enumerations and rows are of a database; their tests are SQL.
        const isOwn = declared.returnType === anyEnum ||
          declared.returnType === record;
        if (declared.name !== name || isOwn) continue;
        const types = concreteTypes(declared);
        const definition = declared.specialize?.(types) ?? declared;
        for (const rows of groups(definition, types)) {
          names.push(callOver(name, types, rows));
          ours.push(
            outcomeOf(() =>
              asText(run(definition, rows), definition.returnType)
            ),
          );
          if (definition.create(context).stepColumns === undefined) continue;
          assertEquals(
            outcomeOf(() =>
              asText(
                runColumns(definition, types, rows),
                definition.returnType,
              )
            ),
            outcomeOf(() =>
              asText(run(definition, columnOrder(rows)), definition.returnType)
            ),
          );
        }
      }
      const theirs = await oracle.evaluate(names);
      assertEquals(differences(names, ours, theirs), []);
    },
  });
}

/** The aggregate over literal rows, as a scalar subquery. */
function callOver(
  name: string,
  types: readonly DataType[],
  rows: Nullable[][],
): string {
  const list = rows.map((row, n) =>
    `(${[n, ...row.map((value, i) => literal(value, types[i]!))].join(", ")})`
  );
  const fields = types.map((_, i) => `c${i}`);
  const empty = [0, ...types.map((type) => `NULL::"${type.name}"`)].join(", ");
  const source = rows.length === 0
    ? `(SELECT ${empty} WHERE false)`
    : `(VALUES ${list.join(", ")})`;
  const args = types.length === 0 ? "*" : fields.join(", ");
  const order = types.length === 0 ? "" : " ORDER BY n";
  return `SELECT ${name}(${args}${order}) FROM ${source} AS t(${
    ["n", ...fields].join(", ")
  })`;
}
