/**
 * What the analyzer finds out, beyond what the oracle of statements shows:
 * types of parameters, forms of definitions, texts of defaults.
 *
 * @module
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { ArrayDatabase } from "../../tests/support/array_database.ts";
import { SqlError } from "../errors/sql_error.ts";
import { loadParser, parse } from "../parser/parser.ts";
import { formatType } from "../types/type_registry.ts";
import { analyze } from "./analyzer.ts";
import type { BoundStatement } from "./bound_tree.ts";

await loadParser();

const database = new ArrayDatabase();
await database.run(
  "CREATE TABLE t (id int PRIMARY KEY, a smallint, b text, n numeric(5,1), " +
    "e vector(3), d timestamptz DEFAULT now())",
);

function parameterTypes(sql: string): string[] {
  return database.bind(sql).parameterTypes.map(formatType);
}

function bindAs<K extends BoundStatement["kind"]>(
  kind: K,
  sql: string,
): Extract<BoundStatement, { kind: K }> {
  const bound = database.bind(sql);
  if (bound.kind !== kind) throw new TypeError(bound.kind);
  return bound as Extract<BoundStatement, { kind: K }>;
}

Deno.test("parameters take their types from where they stand", () => {
  const cases: readonly (readonly [string, string[]])[] = [
    ["INSERT INTO t VALUES ($1, $2, $3, $4, $5)", [
      "integer",
      "smallint",
      "text",
      "numeric",
      "vector",
    ]],
    ["INSERT INTO t (b, id) VALUES ($1, $2), ($3, 2)", [
      "text",
      "integer",
      "text",
    ]],
    ["UPDATE t SET n = $1 WHERE id = $2", ["numeric", "integer"]],
    ["SELECT id FROM t ORDER BY e <-> $1 LIMIT $2", ["vector", "bigint"]],
    ["SELECT $1", ["text"]],
    ["SELECT $1::uuid", ["uuid"]],
    ["SELECT 1 WHERE $1", ["boolean"]],
    ["SELECT id FROM t WHERE id = $1 AND b LIKE $2", ["integer", "text"]],
    ["SELECT id FROM t WHERE a IN ($1, 2)", ["integer"]],
    ["SELECT id FROM t WHERE a IN ($1, a)", ["smallint"]],
    ["SELECT CASE WHEN id = 1 THEN $1 ELSE n END FROM t", ["numeric"]],
    ["DELETE FROM t WHERE d < $1", ["timestamp with time zone"]],
    ["INSERT INTO t (id, b) SELECT $1, $2", ["integer", "text"]],
  ];
  for (const [sql, types] of cases) {
    assertEquals(parameterTypes(sql), types, sql);
  }
});

Deno.test("types that were declared are kept", () => {
  const { catalog, types, functions, access } = database;
  const int8 = { type: types.byName("int8")!, typmod: -1 };
  const bound = analyze(parse("SELECT $1 + 1, $2")[0]!.syntax, {
    catalog,
    types,
    functions,
    access,
    parameterTypes: [int8, undefined],
  });
  assertEquals(bound.parameterTypes.map(formatType), ["bigint", "text"]);
});

Deno.test("DEFAULT is kept as text that means the same", () => {
  const { columns } = bindAs(
    "create_table",
    `CREATE TABLE u (a int DEFAULT 1 + 2 * 3, b text DEFAULT 'it''s',
      c timestamptz DEFAULT current_timestamp, d int8 DEFAULT -5,
      e varchar(3) DEFAULT 'abc' || NULL, f bool DEFAULT (NOT false),
      g text DEFAULT CASE WHEN 1 IN (1, 2) THEN E'\\\\' END, h int)`,
  );
  assertEquals(columns.map(({ defaultSql }) => defaultSql), [
    "(1 + (2 * 3))",
    "'it''s'::text",
    "now()",
    "'-5'::integer",
    "('abc'::text || NULL::text)",
    "(NOT false)",
    "CASE WHEN (1 IN (1, 2)) THEN E'\\\\'::text ELSE NULL::text END",
    undefined,
  ]);
});

Deno.test("defaults are filled in, once bound for a column", async () => {
  const own = new ArrayDatabase();
  await own.run(
    "CREATE TABLE u (id int, a int DEFAULT 1 + 2, b varchar(2) DEFAULT 'xy')",
  );
  await own.run("INSERT INTO u (id) VALUES (1), (2)");
  await own.run("INSERT INTO u VALUES (3, DEFAULT, NULL), (4, 5, DEFAULT)");
  await own.run("INSERT INTO u DEFAULT VALUES");
  await own.run("UPDATE u SET a = DEFAULT, b = 'z' WHERE id = 4");
  assertEquals((await own.run("SELECT * FROM u ORDER BY id")).rows, [
    ["1", "3", "xy"],
    ["2", "3", "xy"],
    ["3", "3", null],
    ["4", "3", "z"],
    [null, "3", "xy"],
  ]);
});

Deno.test("keys of CREATE TABLE: names, order, columns", () => {
  const bound = bindAs(
    "create_table",
    `CREATE TABLE Orders (a int UNIQUE, b int, UNIQUE (b, a),
      CONSTRAINT mine UNIQUE (b), PRIMARY KEY (b, a)) WITH (x = 1, y)`,
  );
  assertEquals(
    bound.constraints.map((key) =>
      "columns" in key
        ? [key.form, key.name, key.defaultName, key.columns].join(" ")
        : key.form
    ),
    [
      "primary_key  orders_pkey 1,0",
      "unique  orders_a_key 0",
      "unique mine orders_b_key 1",
    ],
  );
  assertEquals(bound.columns.map(({ notNull }) => notNull), [true, true]);
  assertEquals(bound.options, { x: "1", y: "true" });
  assertEquals(bound.accessMethod, "lsm_s3");
});

Deno.test("[K-111] an index without a name is named after table and column", () => {
  const bound = bindAs("create_index", "CREATE INDEX ON t USING lsm_hnsw (e)");
  assertEquals(bound.name, undefined);
  assertEquals(bound.defaultName, "t_e_idx");
  assertEquals(bound.columns, [{
    columnNumber: 5,
    operatorClass: "lsm_vector_l2_ops",
    descending: false,
    nullsFirst: false,
  }]);
});

Deno.test("names that the database gives have at most 63 bytes", () => {
  const long = "a".repeat(60);
  const table = bindAs(
    "create_table",
    `CREATE TABLE ${long} ("${"é".repeat(31)}" int UNIQUE)`,
  );
  const [key] = table.constraints;
  assertEquals(new TextEncoder().encode(key!.defaultName).length <= 63, true);
  assertEquals(
    key!.defaultName,
    `${"a".repeat(29)}_${"é".repeat(14)}_key`,
  );
});

Deno.test("what depends on the moment of analysis is not to be kept", () => {
  assertEquals(database.bind("SELECT now()").cacheable, true);
  assertEquals(database.bind("SELECT 'now'::timestamptz").cacheable, false);
  assertEquals(database.bind("SELECT '2020-01-01'::date").cacheable, true);
  assertEquals(database.bind("SELECT d < 'today' FROM t").cacheable, false);
});

Deno.test("result fields know the column they come from", () => {
  const { fields } = bindAs("select", "SELECT x.b AS c, b || '' FROM t AS x");
  assertEquals(
    fields.map(({ name, table, column }) => [name, table?.name, column?.name]),
    [["c", "t", "b"], ["?column?", undefined, undefined]],
  );
});

Deno.test("expressions that nest too deep, or mean too many, are refused", () => {
  const fits = `SELECT ${"(".repeat(900)}1${" + 1)".repeat(900)}`;
  assertEquals(database.plan(fits).kind, "select");
  const between = (depth: number): string =>
    depth === 0 ? "true" : `(${between(depth - 1)} BETWEEN false AND true)`;
  const error = assertThrows(
    () => database.bind(`SELECT ${between(40)}`),
    SqlError,
  );
  assertEquals((error as SqlError).code, "54001");
});

Deno.test("IN lists and VALUES of many parameters are bound in time", () => {
  const numbers = Array.from({ length: 20_000 }, (_, i) => `$${i + 1}`);
  const start = performance.now();
  const list = `SELECT id FROM t WHERE id IN (${numbers.join(", ")})`;
  assertEquals(database.plan(list).parameterTypes.length, 20_000);
  const rows = numbers.map((number) => `(${number})`).join(", ");
  assertEquals(
    database.plan(`INSERT INTO t (id) VALUES ${rows}`).parameterTypes.length,
    20_000,
  );
  assert(performance.now() - start < 5000);
});
