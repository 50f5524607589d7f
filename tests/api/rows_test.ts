import { assertEquals } from "@std/assert";
import { open } from "../../mod.ts";

Deno.test("rows come out as objects of their fields", async () => {
  const db = await open("memory:");
  await db.query("CREATE TABLE t (id int PRIMARY KEY, s text, at timestamptz)");
  await db.query("INSERT INTO t VALUES (1, 'a', $1), (2, NULL, NULL)", [
    new Date(0),
  ]);
  const { rows, fields } = await db.query(
    "SELECT t, ROW(id, s) AS r, array_agg(t) OVER () AS all FROM t WHERE id = 1",
  );
  const row = { id: 1, s: "a", at: new Date(0) };
  assertEquals(rows, [{ t: row, r: { f1: 1, f2: "a" }, all: [row] }]);
  const type = await db.query(
    "SELECT oid, typarray FROM pg_type WHERE oid = 't'::regtype",
  );
  const { oid, typarray } = type.rows[0]!;
  assertEquals(fields.map(({ dataTypeID }) => dataTypeID), [
    oid,
    2249,
    typarray,
  ]);
  const joined = await db.query(
    "SELECT b FROM t a LEFT JOIN t b ON b.id = a.id + 1 ORDER BY a.id",
  );
  assertEquals(joined.rows, [{ b: { id: 2, s: null, at: null } }, { b: null }]);
  await db.close();
});
