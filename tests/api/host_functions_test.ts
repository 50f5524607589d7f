/** Functions and aggregates that an application writes in TypeScript. */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { open, SqlError } from "../../mod.ts";

async function values(
  db: Awaited<ReturnType<typeof open>>,
  text: string,
  parameters: unknown[] = [],
): Promise<unknown[]> {
  const { rows } = await db.query(text, parameters, { rowMode: "array" });
  return rows as unknown as unknown[];
}

Deno.test("a function is called wherever functions are", async () => {
  await using db = await open("memory:");
  db.function(
    "twice",
    { arguments: ["int"], returns: "int", strict: true },
    (n) => n * 2,
  );
  await db.exec(`
    CREATE TABLE t (id int PRIMARY KEY, CHECK (twice(id) < 100));
    INSERT INTO t SELECT generate_series(1, 5);
  `);
  assertEquals(
    await values(db, "SELECT twice(id) FROM t WHERE twice(id) > $1", [6]),
    [[8], [10]],
  );
  assertEquals(await values(db, "SELECT twice(NULL), twice('7')"), [
    [null, 14],
  ]);
  const error = await assertRejects(
    () => db.query("INSERT INTO t VALUES (50)"),
    SqlError,
  );
  assertEquals(error.code, "23514");
});

Deno.test("values come as in result rows and go back as parameters", async () => {
  await using db = await open("memory:");
  const seen: unknown[] = [];
  db.function(
    "see",
    {
      arguments: ["text[]", "timestamptz", "jsonb", "numeric", "vector"],
      returns: "jsonb",
    },
    (...args) => {
      seen.push(...args);
      return { length: args.length };
    },
  );
  assertEquals(
    await values(
      db,
      "SELECT see('{a,NULL}', '2024-01-02', '{\"a\": [1]}', 1.50, NULL)",
    ),
    [[{ length: 5 }]],
  );
  assertEquals(seen, [
    ["a", null],
    new Date("2024-01-02T00:00:00Z"),
    { a: [1] },
    "1.50",
    null,
  ]);
});

Deno.test("a function may have overloads and be replaced, also in a prepared statement", async () => {
  await using db = await open("memory:");
  db.function("f", { arguments: ["int"], returns: "text" }, () => "int");
  db.function("f", { arguments: ["text"], returns: "text" }, () => "text");
  db.function(
    "f",
    { arguments: ["int", "int"], returns: "text", variadic: true },
    (...args) => `${args.length} ints`,
  );
  assertEquals(await values(db, "SELECT f(1), f('x'::text), f(1, 2, 3)"), [
    ["int", "text", "3 ints"],
  ]);
  const prepared = await db.prepare<{ f: string }>("SELECT f(1)");
  db.function("f", { arguments: ["int"], returns: "text" }, () => "new");
  assertEquals((await prepared.query([])).rows, [{ f: "new" }]);
});

Deno.test("an immutable function of constants is called once", async () => {
  await using db = await open("memory:");
  let calls = 0;
  const count = (): number => ++calls;
  db.function(
    "once",
    { arguments: ["int"], returns: "int", volatility: "immutable" },
    count,
  );
  db.function("each", { arguments: ["int"], returns: "int" }, count);
  await db.query("SELECT once(1) FROM generate_series(1, 10)");
  assertEquals(calls, 1);
  await db.query("SELECT each(1) FROM generate_series(1, 10)");
  assertEquals(calls, 11);
});

Deno.test("what a function throws fails the statement", async () => {
  await using db = await open("memory:");
  const cause = new TypeError("no such thing");
  db.function("bad", { arguments: [], returns: "int" }, () => {
    throw cause;
  });
  db.function("worse", { arguments: [], returns: "int" }, () => {
    throw new SqlError("22023", "my own words");
  });
  db.function("wrong", { arguments: [], returns: "int4" }, () => 2 ** 40);
  db.function(
    "later",
    { arguments: [], returns: "jsonb" },
    () => Promise.resolve(1),
  );
  const codes: [string, string][] = [];
  for (const name of ["bad", "worse", "wrong", "later"]) {
    const error = await assertRejects(
      () => db.query(`SELECT ${name}()`),
      SqlError,
    );
    codes.push([error.code, error.message]);
    if (name === "bad") assertEquals(error.cause, cause);
  }
  assertEquals(codes, [
    ["38000", "no such thing"],
    ["22023", "my own words"],
    ["22003", 'value "1099511627776" is out of range for type integer'],
    ["39000", "function later gave a promise"],
  ]);
  assertEquals(await values(db, "SELECT 1"), [[1]]);
});

Deno.test("an aggregate has groups, FILTER, DISTINCT, ORDER BY and windows", async () => {
  await using db = await open("memory:");
  db.aggregate("longest", {
    arguments: ["text"],
    returns: "text",
    strict: true,
    start: () => "",
    step: (best, word) => word.length > best.length ? word : best,
  });
  db.aggregate("list", {
    arguments: ["int"],
    returns: "text",
    start: (): (number | null)[] => [],
    step: (all, n) => [...all, n],
    finish: (all) => all.join(),
  });
  await db.exec(`
    CREATE TABLE t (g int, n int, w text);
    INSERT INTO t VALUES (1, 3, 'abc'), (1, 1, 'ab'), (2, 3, NULL), (2, 3, 'x');
  `);
  assertEquals(
    await values(
      db,
      "SELECT g, longest(w), list(n ORDER BY n), list(DISTINCT n), " +
        "list(n) FILTER (WHERE w IS NOT NULL) FROM t GROUP BY g ORDER BY g",
    ),
    [[1, "abc", "1,3", "1,3", "3,1"], [2, "x", "3,3", "3", "3"]],
  );
  assertEquals(
    await values(db, "SELECT longest(w), list(n) FROM t WHERE false"),
    [["", ""]],
  );
  assertEquals(
    await values(
      db,
      "SELECT list(n) OVER (ORDER BY n, w ROWS 1 PRECEDING) FROM t ORDER BY 1",
    ),
    [["1"], ["1,3"], ["3,3"], ["3,3"]],
  );
});

Deno.test("the database's own functions and unknown types are refused", async () => {
  await using db = await open("memory:");
  const refused = (
    name: string,
    args: readonly string[],
    returns: string,
  ): string | undefined =>
    assertThrows(
      () => db.function(name, { arguments: args, returns }, () => null),
      SqlError,
    ).code;
  assertEquals(refused("abs", ["int"], "int"), "42723");
  assertEquals(refused("sum", ["int"], "bigint"), "42723");
  assertEquals(refused("f", ["nothing"], "int"), "42704");
  assertEquals(refused("f", ["int"], "anyelement"), "42704");
  assertEquals(refused("", ["int"], "int"), "42602");
  const error = await assertRejects(() => db.query("SELECT f(1)"), SqlError);
  assertEquals(error.code, "42883");
});

Deno.test("an operator is used wherever operators are", async () => {
  await using db = await open("memory:");
  db.operator(
    "<~~>",
    { left: "text", right: "text", returns: "int", strict: true },
    (a, b) => Math.abs(a.length - b.length),
  );
  db.operator("!!!", { right: "int", returns: "int" }, (n) => (n ?? 0) * 10);
  await db.exec(`
    CREATE TABLE w (t text, CHECK (t <~~> 'abc' < 3));
    INSERT INTO w VALUES ('a'), ('abcd'), (NULL);
    CREATE VIEW far AS SELECT t, t <~~> 'abc' AS d FROM w;
  `);
  assertEquals(
    await values(db, "SELECT t, d FROM far ORDER BY t <~~> $1, t", ["abcd"]),
    [["abcd", 1], ["a", 2], [null, null]],
  );
  assertEquals(
    await values(db, "SELECT !!! 4, !!! NULL::int"),
    [[40, 0]],
  );
});

Deno.test("operators that cannot be registered", async () => {
  await using db = await open("memory:");
  const register = (symbol: string, right = "int") => (): void =>
    db.operator(symbol, { left: "int", right, returns: "int" }, () => 1);
  for (
    const [symbol, right, code] of [
      ["+", "int", "42723"],
      ["=", "int", "42602"],
      ["--", "int", "42602"],
      ["++", "int", "42602"],
      ["plus", "int", "42602"],
      ["", "int", "42602"],
      ["@@", "nosuch", "42704"],
    ] as const
  ) {
    assertEquals(assertThrows(register(symbol, right), SqlError).code, code);
  }
  register("@@")();
  db.operator("@@", { left: "int", right: "int", returns: "int" }, () => 2);
  assertEquals(await values(db, "SELECT 1 @@ 1"), [[2]]);
});
