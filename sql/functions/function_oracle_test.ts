/**
 * PGlite as the oracle of functions: each is declared as PostgreSQL's, and gives
 * the same for random arguments, errors included.
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
} from "../../tests/support/sql_oracle.ts";
import { argumentsFor } from "../../tests/support/function_arguments.ts";
import { castValue } from "../types/cast.ts";
import type { DataType, Nullable, SqlValue } from "../types/data_type.ts";
import { concreteType } from "../../tests/support/concrete_types.ts";
import { float8 } from "../types/float_types.ts";
import { Interval } from "../types/interval.ts";
import { MULTIRANGE_TYPES } from "../types/range/range_type.ts";
import { text } from "../types/text_types.ts";
import { catalogFunctions } from "./system/catalog_functions.ts";
import { privilegeFunctions } from "./system/privilege_functions.ts";
import { sessionFunctions } from "./system/session_functions.ts";
import { sequenceFunctions } from "./system/sequence_functions.ts";
import { createFunctionRegistry } from "./default_registry.ts";
import type { FunctionContext, FunctionDefinition } from "./registry.ts";

const SEED = seedOr(20240610);

const oracle = await SqlOracle.create();
const registry = createFunctionRegistry();

// PGlite keeps its module and timers for the life of the process.
const leaky = { sanitizeResources: false, sanitizeOps: false };

/** Functions of ours alone. */
const OWN = new Set([
  "lsm_s3_status",
  "lsm_s3_flush",
  "lsm_recall",
  "lsm_recall_segments",
  "pg_constraint_columns",
  "pg_index_builds",
  "lsm_table_activity",
  "lsm_plan_quality",
]);

/** Functions that ask the catalog, which there is none of here. */
const ASKING = new Set(
  [
    ...catalogFunctions,
    ...privilegeFunctions,
    ...sequenceFunctions,
    ...sessionFunctions,
  ].map(({ name }) => name),
);

/** Functions that are grammar or catalog entries of another kind there. */
const UNDECLARED = new Set([
  // Declared with one variadic text[] there, as single texts here.
  "json_extract_path",
  "json_extract_path_text",
  "jsonb_extract_path",
  "jsonb_extract_path_text",
  // Of type name[] there.
  "current_schemas",
  // Of pg_node_tree there, which is text here.
  "pg_get_expr",
  // Of regclass there, where sequences are named by text here.
  "nextval",
  "currval",
  "setval",
  "pg_sequence_is_called",
  "pg_sequence_place",
  "pg_sequence_last_value",
  // Of type record there.
  "pg_show_all_settings",
  "pg_input_error_info",
  "pg_available_extensions",
  "pg_lock_status",
  "pg_prepared_statement",
  "pg_cursor",
  // Strict there, and a row of NULLs for one; here it gives that row itself.
  "pg_identify_object",
  // Default arguments there.
  "make_interval",
  "json_populate_record",
  "json_populate_recordset",
  "jsonb_set",
  "jsonb_insert",
  "jsonb_strip_nulls",
  "json_strip_nulls",
  "jsonb_set_lax",
  "random_normal",
  "pg_terminate_backend",
  ..."exists match query query_first query_array".split(" ")
    .flatMap((name) => [`jsonb_path_${name}`, `jsonb_path_${name}_tz`]),
  "normalize",
  "is_normalized",
  "parse_ident",
  // Variadic there.
  ...MULTIRANGE_TYPES.map(({ name }) => name),
]);

Deno.test({
  ...leaky,
  name: "every function is declared as PostgreSQL's",
  async fn(): Promise<void> {
    const rows = await oracle.query<
      { k: string; r: string; s: boolean; v: string }
    >(
      `SELECT p.proname || '(' || coalesce((SELECT string_agg(t.typname, ','
           ORDER BY n) FROM unnest(p.proargtypes) WITH ORDINALITY u(o, n)
           JOIN pg_type t ON t.oid = o), '') || ')' k,
         r.typname r, proisstrict s, provolatile v
       FROM pg_proc p JOIN pg_type r ON r.oid = prorettype`,
    );
    const theirs = new Map(rows.map((row) => [row.k, row]));
    const volatilities = {
      i: "immutable",
      s: "stable",
      v: "volatile",
    } as const;
    const wrong: string[] = [];
    for (const definition of registry.functions()) {
      const { name, argumentTypes, returnType, strict } = definition;
      if (OWN.has(name) || UNDECLARED.has(name)) continue;
      const key = `${name}(${argumentTypes.map((t) => t.name).join(",")})`;
      const row = theirs.get(key);
      const declared = row === undefined
        ? "nothing"
        : `${row.r} ${row.s} ${volatilities[row.v as "i" | "s" | "v"]}`;
      const ours = `${returnType.name} ${strict} ${definition.volatility}`;
      if (ours !== declared) wrong.push(`${key}: ${ours}, not ${declared}`);
    }
    assertEquals(wrong, []);
    assert(registry.functions().length > 250);
  },
});

const context: FunctionContext = {
  transactionTimestamp: 0,
  clock: () => 0,
  random: () => 0,
  randomBytes: (bytes) => bytes,
  setting: () => undefined,
  host: () => Promise.resolve(null),
};

/** A value as an SQL literal of its type. */
function literal(value: SqlValue, type: DataType): string {
  return `${quoteLiteral(type.output(value))}::"${type.name}"`;
}

function asText(value: Nullable, type: DataType): string | null {
  if (value === null) return null;
  const target = { type: text, typmod: -1 };
  return castValue(value, type, target, "explicit") as string | null;
}

/** Results of floats may differ from another platform's in the last digits. */
function nearly(ours: Outcome, theirs: Outcome): Outcome {
  if (!("value" in ours) || !("value" in theirs)) return ours;
  const a = Number(ours.value);
  const b = Number(theirs.value);
  return Math.abs(a - b) <= Math.abs(b) * 1e-14 ? theirs : ours;
}

/** Functions that the session answers. */
const ASKS_SESSION: ReadonlySet<string> = new Set([
  "current_setting",
  "current_schemas",
]);

/** Why a function is not compared by value, or what of it is not. */
function isCompared(definition: FunctionDefinition): boolean {
  const { name, argumentTypes, volatility, scalar } = definition;
  if (OWN.has(name) || ASKING.has(name) || scalar === undefined) return false;
  if (argumentTypes.some((type) => type.category === "P")) return false;
  // What time it is, who asks: other tests'.
  if (argumentTypes.length === 0 || name === "age") return name === "pi";
  return volatility !== "volatile" && !ASKS_SESSION.has(name);
}

/** Cases where another answer is ours by decision or by the platform. */
function isDifferentByDecision(
  name: string,
  args: readonly SqlValue[],
): boolean {
  // Case is Unicode's here, ASCII's in the oracle's collation "C".
  // Weeks of intervals whose days are no days of a month mean nothing.
  if (name === "to_char" && args[0] instanceof Interval) {
    return /I[YWD]|I(?![A-Z])/i.test(String(args[1]));
  }
  // What fails below a level is forgotten there.
  if (name.startsWith("jsonb_path_")) {
    return /^strict .*\*\*.*\.(?!"|\*)/.test(String(args[1]));
  }
  // Points on a circle have the last digits of the platform's sine.
  if (name === "polygon" && (args.at(-1) as Float64Array).length === 3) {
    return true;
  }
  const foldsCase = /^(lower|upper|initcap|casefold)$/.test(name);
  return foldsCase && /[^\0-\x7f]/.test(String(args[0]));
}

/** The function for integers, where it takes arrays of any type. */
function concrete(definition: FunctionDefinition): FunctionDefinition {
  const { argumentTypes, returnType, specialize } = definition;
  const types = argumentTypes.map(concreteType);
  const takesArrays = [...argumentTypes, returnType].some((type) =>
    type.category === "P" && concreteType(type).element !== undefined
  );
  return takesArrays ? specialize?.(types) ?? definition : definition;
}

const definitions = registry.functions().map(concrete).filter(isCompared);

for (const name of new Set(definitions.map((definition) => definition.name))) {
  Deno.test({
    ...leaky,
    name: `${name}() gives what PostgreSQL's gives`,
    async fn(): Promise<void> {
      const names: string[] = [];
      const ours: Outcome[] = [];
      const inexact: boolean[] = [];
      for (const definition of definitions) {
        if (definition.name !== name) continue;
        const { argumentTypes, returnType } = definition;
        const samples = fc.sample(argumentsFor(definition), {
          seed: SEED,
          numRuns: 60,
        });
        for (const args of samples) {
          if (isDifferentByDecision(name, args)) continue;
          const list = args.map((value, i) =>
            literal(value, argumentTypes[i]!)
          );
          names.push(`${name}(${list.join(", ")})`);
          inexact.push(returnType === float8);
          const { scalar } = definition.specialize?.(argumentTypes) ??
            definition;
          ours.push(
            outcomeOf(() => asText(scalar!(args, context), returnType)),
          );
        }
      }
      const calls = names.map(spell);
      const theirs = await oracle.evaluate(calls);
      const compared = ours.map((outcome, i) =>
        inexact[i] === true ? nearly(outcome, theirs[i]!) : outcome
      );
      assertEquals(differences(names, compared, theirs), []);
    },
  });
}

/** Names that are words of the grammar are called through their schema. */
function spell(call: string): string {
  return /^(extract|normalize|overlay|position|substring|left|right|timezone)\(/
      .test(
        call,
      )
    ? `pg_catalog.${call}`
    : call;
}
