import { assert, assertEquals } from "@std/assert";
import { open } from "../../mod.ts";

Deno.test("EXPLAIN ANALYZE counts the rows that a scan's own filter left out, of each loop", async () => {
  await using db = await open("memory:");
  await db.exec(`
    CREATE TABLE items (id int PRIMARY KEY, kind int, note text);
    INSERT INTO items
      SELECT n, n % 10, 'note ' || n FROM generate_series(1, 1000) n;
    CREATE INDEX ON items (kind);
    ANALYZE items`);
  const plan = async (text: string): Promise<string> => {
    const { rows } = await db.query(
      `EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, BUFFERS OFF) ${text}`,
    );
    return rows.map((row) => row["QUERY PLAN"]).join("\n");
  };
  assertEquals(
    await plan("SELECT FROM items WHERE note LIKE '%7'"),
    [
      "Seq Scan on items  (actual rows=100.00 loops=1)",
      "  Filter: (note ~~ '%7'::text)",
      "  Rows Removed by Filter: 900",
    ].join("\n"),
  );
  assertEquals(
    (await plan("SELECT FROM items WHERE note LIKE '%'")).includes("Removed"),
    false,
  );
  await db.query("SET enable_seqscan = off");
  for (
    const [condition, removed] of [
      ["id BETWEEN 1 AND 50", 50],
      ["id = 7", 1],
      ["kind = 3", 100],
    ] as const
  ) {
    const text = await plan(
      `SELECT FROM items WHERE ${condition} AND note < 'a'`,
    );
    assert(text.includes("Index") || text.includes("Bitmap"), text);
    assert(text.includes(`Rows Removed by Filter: ${removed}`), text);
  }
});
