import { assertEquals, assertRejects } from "@std/assert";
import postgres from "postgres";
import vectors from "pgvector/pg";
import { withServed } from "../support/served_database.ts";

/** Runs `work` with postgres.js. */
async function withSql(
  url: string,
  work: (sql: postgres.Sql) => Promise<void>,
): Promise<void> {
  const sql = postgres(url, { max: 3, onnotice: () => {} });
  try {
    await work(sql);
  } finally {
    await sql.end();
  }
}

Deno.test("[K-130] postgres.js runs templates, with types it asks the catalog for", async () => {
  await withServed(({ url }) =>
    withSql(url(), async (sql) => {
      await sql`CREATE TABLE t (id int PRIMARY KEY, name text, tags text[], data jsonb, at timestamptz, made date)`;
      const row = {
        id: 1,
        name: "Größe",
        tags: ["a", "b"],
        data: { x: [1] },
        at: new Date(0),
        made: "2024-02-29",
      };
      const given = { ...row, data: sql.json(row.data) };
      const [inserted] = await sql`INSERT INTO t ${sql(given)} RETURNING *`;
      assertEquals({ ...inserted }, {
        ...row,
        made: new Date("2024-02-29T00:00:00.000Z"),
      });
      const many = Array.from({ length: 50 }, (_, i) => [i + 2, `n ${i}`]);
      await sql`INSERT INTO t (id, name) VALUES ${sql(many)}`;
      const found = await sql`SELECT id FROM t WHERE id = ANY(${[
        3,
        5,
      ]}) ORDER BY id`;
      assertEquals(found.map(({ id }) => id), [3, 5]);
      assertEquals(found.count, 2);
      const lists = await sql`SELECT id FROM t WHERE id IN ${sql([2, 4])}`;
      assertEquals(lists.length, 2);
    })
  );
});

Deno.test("[K-130] postgres.js has transactions, savepoints, pipelines, cursors and errors", async () => {
  await withServed(({ url }) =>
    withSql(url(), async (sql) => {
      await sql`CREATE TABLE t (n int PRIMARY KEY)`;
      await sql.begin(async (tx) => {
        await tx`INSERT INTO t VALUES (1)`;
        await tx.savepoint(async (inner) => {
          await inner`INSERT INTO t VALUES (2)`;
          throw new Error("back");
        }).catch(() => {});
        await tx`INSERT INTO t VALUES (3)`;
      });
      await sql.begin((tx) => [
        tx`INSERT INTO t VALUES (4)`,
        tx`INSERT INTO t VALUES (5)`,
      ]);
      const error = await assertRejects(
        () => sql.begin((tx) => tx`INSERT INTO t VALUES (6), (1)`),
        postgres.PostgresError,
      );
      assertEquals([error.code, error.constraint_name], ["23505", "t_pkey"]);
      assertEquals(
        (await sql`SELECT n FROM t ORDER BY n`).map(({ n }) => n),
        [1, 3, 4, 5],
      );
      const seen: number[] = [];
      await sql`SELECT i FROM generate_series(1, 7) i`.cursor(3, (rows) => {
        seen.push(rows.length);
      });
      assertEquals(seen, [3, 3, 1]);
      const described = await sql`SELECT ${1}::int8 AS a, ''::text AS b`
        .describe();
      assertEquals(described.types, [20]);
      assertEquals(described.columns.map(({ name, type }) => [name, type]), [
        ["a", 20],
        ["b", 25],
      ]);
      const values = await sql.unsafe("SELECT 1 AS a; SELECT 2 AS b");
      assertEquals(JSON.stringify(values), '[[{"a":1}],[{"b":2}]]');
    })
  );
});

Deno.test("[K-130] postgres.js hears NOTIFY, and stops a query", async () => {
  await withServed(({ url }) =>
    withSql(url(), async (sql) => {
      const heard = Promise.withResolvers<string>();
      const { unlisten } = await sql.listen("news", heard.resolve);
      await sql.notify("news", "it rains");
      assertEquals(await heard.promise, "it rains");
      await unlisten();
      const sleeping = sql`SELECT pg_sleep(60)`;
      const stopped = assertRejects(
        () => sleeping.execute(),
        postgres.PostgresError,
        "canceling statement due to user request",
      );
      await new Promise((resolve) => setTimeout(resolve, 50));
      sleeping.cancel();
      await stopped;
    })
  );
});

Deno.test("[K-130] postgres.js with pgvector finds neighbours", async () => {
  await withServed(({ url }) =>
    withSql(url(), async (sql) => {
      await sql`CREATE TABLE items (id int, embedding vector(3))`;
      for (let i = 0; i < 10; i++) {
        await sql`INSERT INTO items VALUES (${i}, ${vectors.toSql([i, 1, 2])})`;
      }
      const near = await sql`SELECT id FROM items ORDER BY embedding <-> ${
        vectors.toSql([4.2, 1, 2])
      } LIMIT 2`;
      assertEquals(near.map(({ id }) => id), [4, 5]);
    })
  );
});
