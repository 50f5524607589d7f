/**
 * PGlite as the oracle of operators: which there are, which one an expression
 * means, and what it gives for random operands, errors included.
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
import { concreteType } from "../../tests/support/concrete_types.ts";
import { roundToFloat16 } from "../../vector/types/float16.ts";
import { SparseVector } from "../../vector/types/sparse_vector.ts";
import { SqlArray } from "../types/array/array_value.ts";
import { castValue } from "../types/cast.ts";
import type { DataType, Nullable, SqlValue } from "../types/data_type.ts";
import { anyEnum } from "../types/pseudo_types.ts";
import { record } from "../types/row/row_type.ts";
import { text, unknown } from "../types/text_types.ts";
import { createFunctionRegistry } from "./default_registry.ts";
import type { FunctionContext, OperatorDefinition } from "./registry.ts";

const SEED = seedOr(20240609);

/** One of so many pairs of operands is asked about in a run: which, the seed says. */
const SHARE = 5;

const oracle = await SqlOracle.create();
const registry = createFunctionRegistry();

// PGlite keeps its module and timers for the life of the process.
const leaky = { sanitizeResources: false, sanitizeOps: false };

const SYMBOLS = [
  ...new Set(registry.operators().map((operator) => operator.name)),
];

const TYPES: readonly DataType[] = [...COLUMN_TYPES, unknown];

/** NULL of a type, as SQL. */
function nullOf(type: DataType): string {
  return type === unknown ? "NULL" : `NULL::"${type.name}"`;
}

Deno.test({
  ...leaky,
  name: "every operator is PostgreSQL's, with its result, commutator, negator",
  async fn(): Promise<void> {
    const rows = await oracle.query<Record<string, string | null>>(
      `SELECT o.oprname || ' ' || coalesce(l.typname, '') || ' ' || r.typname k,
         t.typname t, c.oprname c, n.oprname n
       FROM pg_operator o LEFT JOIN pg_type l ON l.oid = o.oprleft
       JOIN pg_type r ON r.oid = o.oprright
       JOIN pg_type t ON t.oid = o.oprresult
       LEFT JOIN pg_operator c ON c.oid = o.oprcom
       LEFT JOIN pg_operator n ON n.oid = o.oprnegate`,
    );
    const theirs = new Map(rows.map((row) => [row.k, row]));
    for (const operator of registry.operators()) {
      const key = `${operator.name} ${
        operator.left?.name ?? ""
      } ${operator.right.name}`;
      const row = theirs.get(key);
      assert(row !== undefined, `no operator ${key}`);
      assertEquals(
        [key, operator.function.returnType.name, operator.negator ?? null],
        [key, row.t, row.n],
      );
      if (operator.commutator !== undefined) {
        assertEquals([key, operator.commutator], [key, row.c]);
      }
    }
  },
});

/** Symbols that the grammar takes between operands only. */
const BINARY_ONLY = new Set("= <> < <= > >= * / % ^".split(" "));

/**
 * Symbols that PostgreSQL also has operators of other types for (arrays,
 * ranges, geometry, JSON paths): what it says of operands of unknown type
 * depends on those.
 */
const SHARED = new Set("@> <@ && ?| <-> #".split(" "));

/** Whether PostgreSQL's answer comes from operators that we do without. */
function isForeign(
  symbol: string,
  types: readonly DataType[],
  theirs: Outcome,
): boolean {
  const names = types.map((type) => type.name);
  if (names.includes("bytea") && /^!?~~$/.test(symbol)) return true;
  // Text search.
  if (symbol === "@@" && !names.includes("jsonb")) return true;
  return SHARED.has(symbol) && names.includes("unknown") &&
    "code" in theirs && theirs.code === "42725";
}

Deno.test({
  ...leaky,
  name: "an expression means the operator that PostgreSQL takes it for",
  async fn(): Promise<void> {
    const names: string[] = [];
    const ours: Outcome[] = [];
    const cases: (readonly [string, readonly DataType[]])[] = [];
    let seen = 0;
    const add = (
      symbol: string,
      left: DataType | undefined,
      right: DataType,
    ): void => {
      if (seen++ % SHARE !== SEED % SHARE) return;
      const operand = left === undefined ? "" : nullOf(left);
      names.push(`pg_typeof(${operand} ${symbol} ${nullOf(right)})`);
      cases.push([symbol, left === undefined ? [right] : [left, right]]);
      ours.push(
        outcomeOf(() =>
          registry.resolveOperator(symbol, left, right).function.returnType
            .displayName
        ),
      );
    };
    for (const symbol of SYMBOLS) {
      for (const right of TYPES) {
        if (!BINARY_ONLY.has(symbol)) add(symbol, undefined, right);
        for (const left of TYPES) add(symbol, left, right);
      }
    }
    const theirs = await oracle.evaluate(names);
    const kept = names.map((_, i) => i).filter((i) =>
      !isForeign(...cases[i]!, theirs[i]!)
    );
    const pick = <T>(items: readonly T[]): T[] => kept.map((i) => items[i]!);
    assertEquals(differences(pick(names), pick(ours), pick(theirs)), []);
    assert(kept.length > 10_000 / SHARE);
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

function asText(value: Nullable, type: DataType): string | null {
  if (value === null) return null;
  const target = { type: text, typmod: -1 };
  return castValue(value, type, target, "explicit") as string | null;
}

/** Operands that an operator has more to say about than about random ones. */
const SPECIAL: Readonly<Record<string, fc.Arbitrary<SqlValue>>> = {
  pattern: fc.array(fc.constantFrom("%", "_", "a", "b", "\\%", "é", "\\\\"), {
    maxLength: 6,
  }).map((parts) => parts.join("")),
  word: fc.array(fc.constantFrom("a", "b", "A", "é", "%", "_", "\\"), {
    maxLength: 6,
  }).map((parts) => parts.join("")),
  regex: fc.array(
    fc.constantFrom("a", "b", ".", "a*", "b+", "[ab]", "(a|b)", "^", "$", "é"),
    { maxLength: 5 },
  ).map((parts) => parts.join("")),
  key: fc.constantFrom("a", "b", "é", "", "0", "x y"),
  keys: fc.array(fc.constantFrom("a", "b", "0", "1", "-1"), { maxLength: 3 })
    .map((parts) => SqlArray.of(parts)),
  path: fc.constantFrom(
    "$",
    "$.a",
    "$.*",
    "$[*]",
    "$[0].b",
    "lax $.**",
    "strict $.a",
    '$."x y"',
    "$.a > 1",
    '$[*] ? (@ == "a")',
    "$ ? (@ > 0)",
    "exists($.a)",
    "$.size() > 1",
  ),
  bits: fc.oneof(
    { weight: 9, arbitrary: fc.integer({ min: 0, max: 2 ** 20 - 1 }) },
    { weight: 1, arbitrary: fc.constant(2 ** 20) },
  ).map((bits) => bits.toString(2).padStart(20, "0")),
  shift: fc.integer({ min: 0, max: 70 }),
  step: fc.integer({ min: -4, max: 4 }),
  // Products beyond 285 years of microseconds are too long for us only.
  factor: fc.oneof(
    fc.integer({ min: -100, max: 100 }).map((value) => value / 8),
    fc.double({ min: -9, max: 9, noNaN: true }),
    fc.constantFrom(0, NaN, Infinity, -Infinity),
  ),
  days: fc.integer({ min: -4_000_000, max: 4_000_000 }),
  json: fc.letrec<{ node: unknown }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 2 },
      fc.constantFrom(null, true, 0, 1, 1.5, "a", "b", "x y"),
      fc.array(tie("node"), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom("a", "b", "é", "0"), tie("node"), {
        maxKeys: 3,
      }),
    ),
  })).node.map((node) => JSON.stringify(node)),
  triple: fc.array(
    fc.oneof(
      fc.float({ min: -1000, max: 1000, noNaN: true }),
      fc.constantFrom(0, 1, Math.fround(1e38), Math.fround(1e-30)),
    ),
    { minLength: 2, maxLength: 3 },
  ).map((values) => Float32Array.from(values)),
};

/** Which special operands an operator is tried with. */
function operandsOf(
  operator: OperatorDefinition,
): readonly fc.Arbitrary<SqlValue>[] {
  const { name, left, right } = operator;
  if (/~/.test(name) && !/<~>|~=/.test(name) && left !== undefined) {
    const pattern = /~~/.test(name) ? SPECIAL.pattern! : SPECIAL.regex!;
    return [SPECIAL.word!, pattern];
  }
  return [left, right].filter((type) => type !== undefined)
    .map((type, place) => operandOf(operator, concreteType(type), place));
}

function operandOf(
  { name, left, right }: OperatorDefinition,
  type: DataType,
  place: number,
): fc.Arbitrary<SqlValue> {
  const isInterval = left?.name === "interval" || right.name === "interval";
  if (type.name === "_text") return SPECIAL.keys!;
  if (place === 1 && /^(<<|>>)$/.test(name) && type.category === "N") {
    return SPECIAL.shift!;
  }
  if (type.name === "jsonb" || type.name === "json") {
    return SPECIAL.json!.map((json) => type.input(json as string, -1));
  }
  if (type.name === "jsonpath") return SPECIAL.path!;
  if (left?.name === "jsonb" || left?.name === "json") {
    return type.name === "int4" ? SPECIAL.step! : SPECIAL.key!;
  }
  if (type.name === "float8" && /[*/]/.test(name) && isInterval) {
    return SPECIAL.factor!;
  }
  if (left?.name === "date" && type.name === "int4") return SPECIAL.days!;
  if (type.name === "vector") return SPECIAL.triple!;
  if (type.name === "halfvec") {
    return SPECIAL.triple!.map((value) =>
      (value as Float32Array).map((x) => roundToFloat16(x / 16) || 0)
        .map((x) => Number.isFinite(x) ? x : 65_504)
    );
  }
  if (type.name === "sparsevec") {
    return SPECIAL.triple!.map((value) =>
      SparseVector.ofDense((value as Float32Array).map((x) => x % 3))
    );
  }
  if (/^<[~%]>$/.test(name)) return SPECIAL.bits!;
  if (name === "^" && type.name === "numeric") {
    return fc.tuple(
      fc.integer({ min: -300, max: 300 }),
      fc.integer({ min: 0, max: 2 }),
    ).map(([value, scale]) => type.input(String(value / 10 ** scale), -1));
  }
  return arbitraryOf(type);
}

/** A value as an SQL literal of its type. */
function literal(value: SqlValue, type: DataType): string {
  return `${quoteLiteral(type.output(value))}::"${type.name}"`;
}

/** Functions of floats may differ from another platform's in the last digits. */
function nearly(ours: Outcome, theirs: Outcome): Outcome {
  if (!("value" in ours) || !("value" in theirs)) return ours;
  const a = Number(ours.value);
  const b = Number(theirs.value);
  return Math.abs(a - b) <= Math.abs(b) * 1e-15 ? theirs : ours;
}

for (const symbol of SYMBOLS) {
  Deno.test({
    ...leaky,
    name: `${symbol} gives what PostgreSQL's gives`,
    async fn(): Promise<void> {
      const names: string[] = [];
      const ours: Outcome[] = [];
      let inexact = false;
      for (const operator of registry.operators()) {
        if (operator.name !== symbol) continue;
        // Rows have no literals, and enumerations have to be made first: those
        // of tests/sql/rows.slt and enums.slt.
        if (operator.right === record || operator.right === anyEnum) continue;
        const types = [operator.left, operator.right]
          .filter((type) => type !== undefined).map(concreteType);
        const definition = operator.function.specialize?.(types) ??
          operator.function;
        inexact ||= symbol === "^" || symbol === "||/" ||
          operator.right.category === "G";
        const samples = fc.sample(fc.tuple(...operandsOf(operator)), {
          seed: SEED,
          numRuns: operator.right.name === "numeric" ? 400 : 40,
        });
        for (const args of samples) {
          const operands = args.map((value, i) => literal(value, types[i]!));
          names.push(
            operands.length === 1
              ? `${symbol} (${operands[0]})`
              : `(${operands[0]}) ${symbol} (${operands[1]})`,
          );
          ours.push(outcomeOf(() =>
            asText(
              definition.scalar!(args, context),
              definition.returnType,
            )
          ));
        }
      }
      const theirs = await oracle.evaluate(names);
      const compared = inexact
        ? ours.map((outcome, i) => nearly(outcome, theirs[i]!))
        : ours;
      assertEquals(differences(names, compared, theirs), []);
    },
  });
}
