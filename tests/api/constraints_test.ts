import { assertEquals } from "@std/assert";
import { open, type SqlError } from "../../mod.ts";
import { rejectsWith } from "../support/databases.ts";

/** What an error says of the place it is about. */
function placeOf(
  { schema, table, column, constraint, detail }: SqlError,
): unknown {
  return { schema, table, column, constraint, detail };
}

Deno.test("an error of a constraint says which, of what table, and shows the row", async () => {
  await using db = await open("memory:");
  await db.exec(
    `CREATE SCHEMA s;
     CREATE TABLE s.t (
       a int PRIMARY KEY, b text NOT NULL,
       c int GENERATED ALWAYS AS (a * 2) STORED, d int GENERATED ALWAYS AS (a + 1) VIRTUAL,
       CONSTRAINT small CHECK (a < 10))`,
  );
  const long = "é".repeat(40);
  assertEquals(
    placeOf(
      await rejectsWith(
        db.query("INSERT INTO s.t VALUES (20, $1)", [long]),
        "23514",
      ),
    ),
    {
      schema: "s",
      table: "t",
      column: undefined,
      constraint: "small",
      detail: `Failing row contains (20, ${"é".repeat(32)}..., 40, virtual).`,
    },
  );
  assertEquals(
    placeOf(await rejectsWith(db.query("INSERT INTO s.t VALUES (1)"), "23502")),
    {
      schema: "s",
      table: "t",
      column: "b",
      constraint: undefined,
      detail: "Failing row contains (1, null, 2, virtual).",
    },
  );
  await db.query("INSERT INTO s.t VALUES (1, 'x')");
  assertEquals(
    placeOf(
      await rejectsWith(db.query("INSERT INTO s.t VALUES (1, 'y')"), "23505"),
    ),
    {
      schema: "s",
      table: "t",
      column: undefined,
      constraint: "t_pkey",
      detail: "Key (a)=(1) already exists.",
    },
  );
});

Deno.test("of many rows the first that breaks a rule is told, whatever rule it breaks", async () => {
  await using db = await open("memory:");
  await db.exec(
    "CREATE TABLE t (a int NOT NULL, b int CHECK (b > 0), c int CHECK (c > 0))",
  );
  const rows = (bad: string): string =>
    `INSERT INTO t SELECT i, i, i FROM generate_series(1, 3000) AS g(i)
     UNION ALL SELECT ${bad}`;
  for (
    const [bad, constraint] of [
      ["1, 1, 0 UNION ALL SELECT 1, 0, 1", "t_c_check"],
      ["1, 0, 1 UNION ALL SELECT NULL, 1, 1", "t_b_check"],
      ["1, 0, 0", "t_b_check"],
      ["NULL, 0, 0", undefined],
    ] as const
  ) {
    const error = await rejectsWith(
      db.query(rows(bad)),
      constraint === undefined ? "23502" : "23514",
    );
    assertEquals(error.constraint, constraint);
  }
  assertEquals((await db.query("SELECT count(*) FROM t")).rows, [{ count: 0 }]);
});
