/**
 * PGlite as the oracle of calls by name: which function `name(types…)` means,
 * by the type it gives, and what is said where there is none or there are too
 * many.
 *
 * Two functions of one name that we both have and that give different types
 * tell themselves apart this way; overloads that only PostgreSQL has are left
 * out.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import {
  differences,
  type Outcome,
  outcomeOf,
  SqlOracle,
} from "../../tests/support/sql_oracle.ts";
import type { DataType } from "../types/data_type.ts";
import { bool } from "../types/bool_type.ts";
import { bytea } from "../types/bytea_type.ts";
import { float4, float8 } from "../types/float_types.ts";
import { int2, int4, int8 } from "../types/int_types.ts";
import { interval } from "../types/interval_type.ts";
import { jsonb } from "../types/json_types.ts";
import { numeric } from "../types/numeric_type.ts";
import { date, timestamp, timestamptz } from "../types/temporal_types.ts";
import { MULTIRANGE_TYPES, RANGE_TYPES } from "../types/range/range_type.ts";
import { bpchar, name, text, unknown, varchar } from "../types/text_types.ts";
import { uuid } from "../types/uuid_type.ts";
import { halfvec, sparsevec, vector } from "../types/vector_type.ts";
import { catalogFunctions } from "./system/catalog_functions.ts";
import { sequenceFunctions } from "./system/sequence_functions.ts";
import { createFunctionRegistry } from "./default_registry.ts";

const oracle = await SqlOracle.create();
const registry = createFunctionRegistry();

// PGlite keeps its module and timers for the life of the process.
const leaky = { sanitizeResources: false, sanitizeOps: false };

const TYPES: readonly DataType[] = [
  unknown,
  bool,
  int2,
  int4,
  int8,
  float4,
  float8,
  numeric,
  text,
  varchar,
  bpchar,
  name,
  bytea,
  uuid,
  date,
  timestamp,
  timestamptz,
  interval,
  jsonb,
  vector,
  halfvec,
  sparsevec,
];

/**
 * Functions of ours alone, functions that PostgreSQL has more overloads of, and
 * functions that its grammar spells in another way.
 */
const FEWER = new Set(
  ("lsm_s3_flush lsm_s3_status lsm_recall lsm_recall_segments trunc substring ltrim rtrim btrim like_escape " +
    "position extract timezone age jsonb_build_object json_build_object " +
    "random pg_typeof array_fill json_object " +
    // Casts of text to a type of that name.
    "point lseg box circle path polygon " +
    "jsonb_object normalize").split(" ").concat(
      [...catalogFunctions, ...sequenceFunctions].map(({ name }) => name),
      [...RANGE_TYPES, ...MULTIRANGE_TYPES].map(({ name }) => name),
      // Their configuration is taken by name only, a relation as regclass.
      ("to_tsvector to_tsquery plainto_tsquery phraseto_tsquery " +
        "websearch_to_tsquery ts_headline pg_table_size pg_relation_size " +
        "pg_total_relation_size pg_indexes_size pg_notify set_config")
        .split(" "),
    ),
);

/** All ways to fill `count` places, thinned out beyond two. */
function combinations(count: number): DataType[][] {
  if (count === 1) return TYPES.map((type) => [type]);
  const pairs = TYPES.flatMap((a) => TYPES.map((b) => [a, b]));
  if (count === 2) return pairs;
  return TYPES.map((type) => new Array<DataType>(count).fill(type));
}

function nullOf(type: DataType): string {
  return type === unknown ? "NULL" : `NULL::${type.name}`;
}

function compare(
  called: string,
  types: readonly DataType[],
  resolve: () => DataType,
): { readonly call: string; readonly ours: Outcome } {
  const args = types.map(nullOf).join(", ");
  return {
    call: `pg_typeof(${called}(${args}))`,
    ours: outcomeOf(() => resolve().displayName),
  };
}

Deno.test({
  ...leaky,
  name: "a call means the function that PostgreSQL takes it for",
  async fn(): Promise<void> {
    // A set-returning function would give no rows for NULL.
    const scalars = registry.functions().filter((f) => f.set === undefined);
    const cases = [...new Set(scalars.map((f) => f.name))]
      .filter((called) => !FEWER.has(called))
      .flatMap((called) => {
        const counts = new Set(
          registry.functions().filter((f) => f.name === called)
            .map((f) => f.argumentTypes.length),
        );
        return [...counts].filter((count) => count > 0).flatMap((count) =>
          combinations(count).map((types) =>
            compare(
              called,
              types,
              () => registry.resolveFunction(called, types).function.returnType,
            )
          )
        );
      });
    await expectSame(cases);
    assert(cases.length > 5000, `${cases.length} calls`);
  },
});

Deno.test({
  ...leaky,
  name: "an aggregate call means the aggregate that PostgreSQL takes it for",
  async fn(): Promise<void> {
    const cases = "sum avg min max bool_and bit_or variance stddev_pop count"
      .split(" ").flatMap((called) =>
        TYPES.map((type) =>
          compare(
            called,
            [type],
            () =>
              registry.resolveAggregate(called, [type]).aggregate.returnType,
          )
        )
      );
    await expectSame(cases);
  },
});

async function expectSame(
  cases: readonly { readonly call: string; readonly ours: Outcome }[],
): Promise<void> {
  const calls = cases.map(({ call }) => call);
  const theirs = await oracle.evaluate(calls);
  const ours = cases.map((item) => item.ours);
  assertEquals(differences(calls, ours, theirs), []);
}
