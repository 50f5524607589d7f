/**
 * PGlite as the oracle of casts: which there are, in which context, and what
 * they make of random values, with and without modifiers, errors included.
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
import { arbitraryOf, COLUMN_TYPES } from "../../tests/support/sql_values.ts";
import { canCoerce, castValue, findCast } from "./cast.ts";
import type { DataType, Nullable, SqlValue } from "./data_type.ts";
import { int4 } from "./int_types.ts";
import { bit, varbit } from "./bit_types.ts";
import { float8 } from "./float_types.ts";
import { numeric } from "./numeric_type.ts";
import { timestamp, timestamptz } from "./temporal_types.ts";
import { bpchar, text, varchar } from "./text_types.ts";
import { time } from "./time_type.ts";
import { halfvec, sparsevec, vector } from "./vector_type.ts";

const SEED = seedOr(20240608);

const oracle = await SqlOracle.create();

// PGlite keeps its module and timers for the life of the process.
const leaky = { sanitizeResources: false, sanitizeOps: false };

function asText(value: Nullable, type: DataType): string | null {
  if (value === null) return null;
  const target = { type: text, typmod: -1 };
  return castValue(value, type, target, "explicit") as string | null;
}

Deno.test({
  ...leaky,
  name: "casts exist in the contexts that pg_cast and text I/O give them",
  async fn(): Promise<void> {
    const rows = await oracle.query<{ s: string; t: string; c: string }>(
      `SELECT s.typname s, t.typname t, castcontext c FROM pg_cast
       JOIN pg_type s ON s.oid = castsource JOIN pg_type t ON t.oid = casttarget`,
    );
    const contexts = new Map(rows.map(({ s, t, c }) => [`${s} ${t}`, c]));
    const letters = { implicit: "i", assignment: "a", explicit: "e" } as const;
    let count = 0;
    for (const source of COLUMN_TYPES) {
      for (const target of COLUMN_TYPES) {
        if (source === target) continue;
        const pair = `${source.name} ${target.name}`;
        const cast = findCast(source, target);
        const ours = cast === undefined ? undefined : letters[cast.context];
        const listed = contexts.get(pair);
        // Those of arrays are as their elements'; the values show them.
        if (source.element !== undefined && target.element !== undefined) {
          continue;
        }
        const byText = target.category === "S"
          ? "a"
          : source.category === "S"
          ? "e"
          : undefined;
        assertEquals([pair, ours], [pair, listed ?? byText]);
        if (ours !== undefined) count++;
      }
    }
    assert(count > 150, `${count} casts`);
  },
});

/** The values of a type that casts from it are tried with. */
function samples(type: DataType): SqlValue[] {
  const random = fc.sample(arbitraryOf(type), { seed: SEED, numRuns: 60 });
  const extra: Record<string, readonly string[]> = {
    float8:
      "2.5 3.5 -2.5 0.5 1.5 32767.5 32767.4 2147483647.5 1e15 1e19 123456.789"
        .split(" ").concat(
          "1e-50 1e50 3.4028235677973366e38 1.5e-45".split(" "),
        ),
    float4: "2.5 3.5 0.1 16777216 1e10 9.2233720368547758e18".split(" "),
    numeric: "2.5 -2.5 0.5 1.4999 32767.5 2147483647.5 1e400 1e-400 1e39 1e-46"
      .split(" ").concat(["9223372036854775807.5", "9223372036854775807.4"]),
    bytea: [
      "\\x",
      "\\x01",
      "\\xffff",
      "\\x8000",
      "\\x010203",
      "\\x80000000",
      "\\xffffffffffffffff",
      "\\x0102030405060708",
      "\\x010203040506070809",
    ],
    jsonb: [
      "1",
      "1.5",
      "-0.5",
      '"a"',
      "true",
      "null",
      "[1]",
      "{}",
      "1e30",
      "40000",
      "3000000000",
    ],
    text: [
      "1",
      " 12 ",
      "1.5",
      "true",
      "abc",
      "2024-01-02",
      "\\x01",
      "{}",
      "a ",
      "-32768",
      "infinity",
      "x".repeat(100),
    ],
    bpchar: ["1  ", "a   ", "  ", "true "],
    timestamp: ["4714-11-24 BC", "294276-12-31 23:59:59.999999"],
    date: ["5874897-12-31", "4714-11-24 BC", "294277-01-01", "294276-12-31"],
  };
  return [
    ...random,
    ...(extra[type.name] ?? []).map((form) => type.input(form, -1)),
  ];
}

/** Text that is no time or array to us: PostgreSQL reads more of it. */
function isRubbish(name: string, outcome: Outcome): boolean {
  return "code" in outcome &&
    /'::"(text|varchar|bpchar|name)"\)::"?(date|time|timetz|timestamp|timestamptz|interval)"?(\(\d\))?$/
      .test(name);
}

/** A byte that is no letter of UTF-8, or corners by the last digits of a sine. */
function isInexact(name: string): boolean {
  return /^\('\\\d+'::"char"\)::"bpchar"$/.test(name) ||
    name.endsWith('::"circle")::"polygon"');
}

for (const source of COLUMN_TYPES) {
  Deno.test({
    ...leaky,
    name: `casts from ${source.name} give PostgreSQL's values and errors`,
    async fn(): Promise<void> {
      const names: string[] = [];
      const ours: Outcome[] = [];
      for (const target of COLUMN_TYPES) {
        if (!canCoerce(source, target, "explicit")) continue;
        for (const value of samples(source)) {
          const literal = `${
            quoteLiteral(source.output(value))
          }::"${source.name}"`;
          names.push(`(${literal})::"${target.name}"`);
          ours.push(outcomeOf(() =>
            asText(
              castValue(
                value,
                source,
                { type: target, typmod: -1 },
                "explicit",
              ),
              target,
            )
          ));
        }
      }
      const theirs = await oracle.evaluate(names);
      const compared = names.map((_, i) => i).filter((i) =>
        !isRubbish(names[i]!, ours[i]!) && !isInexact(names[i]!)
      );
      const pick = <T>(items: readonly T[]): T[] =>
        compared.map((i) => items[i]!);
      assertEquals(differences(pick(names), pick(ours), pick(theirs)), []);
      assert(pick(ours).filter((outcome) => "value" in outcome).length > 40);
    },
  });
}

/** Types with modifiers, as SQL spells them. */
const MODIFIED: readonly (readonly [DataType, string, readonly number[]])[] = [
  [numeric, "numeric", [5, 2]],
  [numeric, "numeric", [3, -2]],
  [numeric, "numeric", [2, 5]],
  [numeric, "numeric", [3, 3]],
  [numeric, "numeric", [10]],
  [numeric, "numeric", [1000, 500]],
  [varchar, "varchar", [3]],
  [bpchar, "char", [4]],
  [time, "time", [1]],
  [timestamp, "timestamp", [0]],
  [timestamp, "timestamp", [3]],
  [timestamptz, "timestamptz", [2]],
  [vector, "vector", [3]],
  [halfvec, "halfvec", [3]],
  [sparsevec, "sparsevec", [9]],
  [bit, "bit", [5]],
  [bit, "bit", [40]],
  [varbit, "varbit", [4]],
];

Deno.test({
  ...leaky,
  name: "casts to types with modifiers fit values as PostgreSQL does",
  async fn(): Promise<void> {
    const names: string[] = [];
    const ours: Outcome[] = [];
    const sources = [
      numeric,
      float8,
      text,
      int4,
      timestamp,
      timestamptz,
      vector,
      halfvec,
      sparsevec,
      bit,
      varbit,
    ];
    for (const [type, word, modifiers] of MODIFIED) {
      const typmod = type.typmodInput!(modifiers);
      for (const source of sources) {
        if (!canCoerce(source, type, "explicit")) continue;
        for (const value of samples(source)) {
          const literal = `${
            quoteLiteral(source.output(value))
          }::"${source.name}"`;
          names.push(`(${literal})::${word}(${modifiers.join(",")})`);
          ours.push(
            outcomeOf(() =>
              asText(
                castValue(value, source, { type, typmod }, "explicit"),
                type,
              )
            ),
          );
        }
      }
    }
    const theirs = await oracle.evaluate(names);
    const compared = names.map((_, i) => i).filter((i) =>
      !isRubbish(names[i]!, ours[i]!)
    );
    const pick = <T>(items: readonly T[]): T[] =>
      compared.map((i) => items[i]!);
    assertEquals(differences(pick(names), pick(ours), pick(theirs)), []);
    assert(compared.length > 800, `${compared.length} compared`);
  },
});

Deno.test({
  ...leaky,
  name: "bad modifiers fail as in PostgreSQL",
  async fn(): Promise<void> {
    const cases: readonly (readonly [DataType, string, readonly number[]])[] = [
      [numeric, "numeric", [0]],
      [numeric, "numeric", [1001]],
      [numeric, "numeric", [5, 1001]],
      [numeric, "numeric", [5, -1001]],
      [numeric, "numeric", [5, 2, 1]],
      [varchar, "varchar", [0]],
      [varchar, "varchar", [10485761]],
      [bpchar, "char", [0]],
      [vector, "vector", [0]],
      [vector, "vector", [16001]],
      [halfvec, "halfvec", [0]],
      [halfvec, "halfvec", [16001]],
      [sparsevec, "sparsevec", [0]],
      [sparsevec, "sparsevec", [1_000_000_001]],
      [timestamptz, "timestamptz", [-1]],
    ];
    const names = cases.map(([, word, modifiers]) =>
      `NULL::${word}(${modifiers.join(",")})`
    );
    const ours = cases.map(([type, , modifiers]) =>
      outcomeOf(() => String(type.typmodInput!(modifiers)))
    );
    const theirs = await oracle.evaluate(names);
    // A negative precision is no syntax that the oracle's cast takes.
    const compared = names.map((_, i) => i).filter((i) =>
      !("code" in theirs[i]!) || theirs[i].code !== "42601"
    );
    assertEquals(
      differences(
        compared.map((i) => names[i]!),
        compared.map((i) => ours[i]!),
        compared.map((i) => theirs[i]!),
      ),
      [],
    );
    assert(compared.length >= 10);
  },
});

Deno.test({
  ...leaky,
  name: "assignment to a column checks length where an explicit cast cuts",
  async fn(): Promise<void> {
    const typmod = varchar.typmodInput!([3]);
    const store = (value: string, type: DataType): Outcome =>
      outcomeOf(() =>
        castValue(value, text, { type, typmod }, "assignment") as string
      );
    await oracle.query("CREATE TABLE a3 (v varchar(3), c char(3))");
    for (const value of ["ab", "abc", "abc   ", "abcd", "äöü", "äöüß"]) {
      for (const [type, column] of [[varchar, "v"], [bpchar, "c"]] as const) {
        let theirs: Outcome;
        try {
          const [row] = await oracle.query<{ o: string }>(
            `INSERT INTO a3 (${column}) VALUES (${quoteLiteral(value)})
             RETURNING concat('<', ${column}, '>') o`,
          );
          theirs = { value: row!.o.slice(1, -1) };
        } catch (error) {
          const { code, message } = error as { code: string; message: string };
          theirs = { code, message, detail: "", hint: "" };
        }
        assertEquals(store(value, type), theirs);
      }
    }
  },
});
