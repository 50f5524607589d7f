import { assert, assertEquals, assertThrows } from "@std/assert";
import { fc } from "fast-check";
import { SqlError } from "../errors/sql_error.ts";
import { cutHistory } from "./history_clause.ts";
import { loadParser, parse } from "./parser.ts";

Deno.test("a clause is taken out, and everything else stays where it is", () => {
  const cases: readonly [string, string, string][] = [
    ["SELECT a FROM t AS OF SYSTEM TIME '-1h' WHERE b", "'-1h'", "WHERE b"],
    [
      "SELECT 1 as of/**/system\ntime now() - ('1 h'::interval)",
      "now() - ('1 h'::interval)",
      "SELECT 1",
    ],
    ["TABLE t AS OF SYSTEM TIME f(a, (b)) LIMIT 3", "f(a, (b))", "LIMIT 3"],
    ["BEGIN AS OF SYSTEM TIME '-1s', READ ONLY", "'-1s'", "READ ONLY"],
  ];
  for (const [text, time, rest] of cases) {
    const cut = cutHistory(text)!;
    const { asOf } = cut.parts[0]!;
    assert(asOf?.kind === "time");
    assertEquals(asOf.expression, time);
    assertEquals(cut.text.length, text.length);
    assertEquals(cut.text.lastIndexOf(rest), text.lastIndexOf(rest));
    assert(!/ as of /i.test(cut.text));
  }
});

Deno.test("parameters of the time alone leave the statement", () => {
  const text =
    "SELECT $4, $2 FROM t AS OF SYSTEM TIME $3::text || $1 || $2 WHERE $4";
  const cut = cutHistory(text)!;
  assertEquals(cut.parts[0]!.asOf, {
    kind: "time",
    expression: "$3::text || $1 || $2",
    parameters: [1, 2, 3],
    own: [1, 3],
  });
  assertEquals(
    cut.text.replaceAll(/ +/g, " "),
    "SELECT $2, $1 FROM t WHERE $2",
  );
  const long = cutHistory("SELECT $10 AS OF SYSTEM TIME $1")!;
  assertEquals(long.text.trim(), "SELECT $9");
});

Deno.test("statements keep their places beside CREATE SNAPSHOT", async () => {
  await loadParser();
  const text =
    `SELECT 1;; CREATE SNAPSHOT "A b"; /* x */ DROP SNAPSHOT IF EXISTS c;
    SELECT 2 AS OF SNAPSHOT "A b";`;
  const [one, create, drop, two, none] = parse(text);
  assertEquals(one!.asOf, undefined);
  assertEquals(create!.syntax, {
    kind: "create_snapshot",
    name: "A b",
    ifNotExists: false,
  });
  assertEquals(create!.text, 'CREATE SNAPSHOT "A b"');
  assertEquals(drop!.syntax, {
    kind: "drop_snapshot",
    name: "c",
    ifExists: true,
  });
  assertEquals(two!.asOf, { kind: "snapshot", name: "A b" });
  assertEquals(two!.text, 'SELECT 2 AS OF SNAPSHOT "A b"');
  assertEquals(none, undefined);
});

Deno.test("any words give statements or a SqlError, in place", async () => {
  await loadParser();
  const words = fc.constantFrom(
    "SELECT",
    "1",
    "AS",
    "OF",
    "SYSTEM",
    "TIME",
    "SNAPSHOT",
    "CREATE",
    "DROP",
    "BEGIN",
    "name",
    '"q"',
    "'-1h'",
    "(",
    ")",
    ";",
    "$1",
    "FROM",
    "t",
    "WHERE",
    "COPY",
    "$$x",
    "/*",
    ",",
  );
  fc.assert(fc.property(fc.array(words, { maxLength: 14 }), (list) => {
    const text = list.join(" ");
    try {
      for (const statement of parse(text)) {
        assert(text.includes(statement.text));
      }
    } catch (error) {
      assert(error instanceof SqlError, String(error));
      assert((error.position ?? 1) <= text.length + 1);
    }
  }));
  const error = assertThrows(
    () => parse("SELECT 1; SELECT x FROM t AS OF SNAPSHOT s WHERE )"),
    SqlError,
  );
  assertEquals(error.position, 50);
});
