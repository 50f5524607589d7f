import { assert, assertEquals } from "@std/assert";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  bufferOf,
  errorOf,
  newCopy,
  newCursor,
  newPool,
  type PgEvent,
  type PgResult,
  vectors,
  withClient,
} from "../support/node_postgres.ts";
import { withServed } from "../support/served_database.ts";

Deno.test("[K-130] node-postgres queries by text, with parameters, by name", async () => {
  await withServed(({ url }) =>
    withClient(url(), async (client) => {
      await client.query(
        "CREATE TABLE items (id serial PRIMARY KEY, name text, price numeric, made date, tags text[], data jsonb, ok bool, n int8, at timestamptz)",
      );
      const inserted = await client.query(
        "INSERT INTO items (name, price, made, tags, data, ok, n, at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8) RETURNING id",
        [
          "Größe",
          "12.50",
          "2024-02-29",
          ["a", 'b"c', null],
          { a: [1, null] },
          true,
          "9007199254740993",
          new Date(0),
        ],
      );
      assertEquals(inserted.command, "INSERT");
      assertEquals(inserted.rowCount, 1);
      assertEquals(inserted.rows, [{ id: 1 }]);
      const query = {
        name: "by id",
        text: "SELECT * FROM items WHERE id = $1",
      };
      for (let i = 0; i < 3; i++) {
        const { rows, fields } = await client.query({ ...query, values: [1] });
        assertEquals(rows[0].name, "Größe");
        assertEquals(rows[0].price, "12.50");
        assertEquals(rows[0].tags, ["a", 'b"c', null]);
        assertEquals(rows[0].data, { a: [1, null] });
        assertEquals(rows[0].ok, true);
        assertEquals(rows[0].n, "9007199254740993");
        assertEquals(rows[0].at, new Date(0));
        assertEquals(fields.map(({ dataTypeID }) => dataTypeID).slice(0, 3), [
          23,
          25,
          1700,
        ]);
      }
      const known = await client.query(
        `SELECT 'items'::regclass::oid::int AS oid, attnum::int AS number, attname
         FROM pg_attribute WHERE attrelid = 'items'::regclass AND attnum > 0 ORDER BY attnum`,
      );
      const own = await client.query(
        "SELECT price, 1 AS one, i.name AS called FROM items i",
      );
      // Where columns are from, as PostgreSQL tells: tools look there.
      assertEquals(
        own.fields.map(({ tableID, columnID }) => [tableID, columnID]),
        [[known.rows[0].oid, 3], [0, 0], [known.rows[0].oid, 2]],
      );
      assertEquals(known.rows[2].attname, "price");
      const many = await client.query("SELECT 1 AS a; SELECT 2 AS b");
      assertEquals(
        (many as unknown as PgResult[]).map(({ rows }) => rows),
        [[{ a: 1 }], [{ b: 2 }]],
      );
    })
  );
});

Deno.test("[K-130] node-postgres gets errors with their fields, and goes on", async () => {
  await withServed(({ url }) =>
    withClient(url(), async (client) => {
      await client.query("CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL)");
      await client.query("INSERT INTO t VALUES (1, 1)");
      const error = await errorOf(
        client.query("INSERT INTO t VALUES ($1, 2)", [1]),
      );
      assertEquals(error.code, "23505");
      assertEquals(error.severity, "ERROR");
      assertEquals(error.constraint, "t_pkey");
      assertEquals(error.table, "t");
      assertEquals(error.schema, "public");
      assertEquals(error.detail, "Key (id)=(1) already exists.");
      const syntax = await errorOf(client.query("SELECT '🙂' FORM t"));
      assertEquals([syntax.code, syntax.position], ["42601", "17"]);
      const value = await errorOf(client.query("SELECT $1::int", ["x"]));
      assertEquals(value.code, "22P02");
      assertEquals((await client.query("SELECT 1 AS n")).rows, [{ n: 1 }]);
    })
  );
});

Deno.test("[K-130] node-postgres sees no other client's transaction, settings or temporary tables", async () => {
  await withServed(({ url }) =>
    withClient(url(), (one) =>
      withClient(url(), async (other) => {
        await one.query("CREATE TABLE t (n int)");
        await one.query("BEGIN");
        await one.query("INSERT INTO t VALUES (1)");
        await one.query("SET application_name = 'one'");
        await one.query("CREATE TEMP TABLE own (n int)");
        const count = "SELECT count(*)::int AS n FROM t";
        assertEquals((await other.query(count)).rows, [{ n: 0 }]);
        assertEquals((await other.query("SHOW application_name")).rows, [
          { application_name: "" },
        ]);
        assertEquals((await errorOf(other.query("TABLE own"))).code, "42P01");
        await one.query("COMMIT");
        assertEquals((await other.query(count)).rows, [{ n: 1 }]);
        assertEquals(
          (await other.query("SHOW transaction_isolation")).rows,
          [{ transaction_isolation: "read committed" }],
        );
      }))
  );
});

Deno.test("[K-130] node-postgres reads a cursor a few rows at a time, and leaves it", async () => {
  await withServed(({ url }) =>
    withClient(url(), async (client) => {
      const cursor = client.query(
        newCursor("SELECT i FROM generate_series(1, $1::int) i", [5000]),
      );
      assertEquals((await cursor.read(2)).map(({ i }) => i), [1, 2]);
      assertEquals((await cursor.read(3)).map(({ i }) => i), [3, 4, 5]);
      await cursor.close();
      const short = client.query(newCursor("SELECT 1 AS n", []));
      assertEquals(await short.read(10), [{ n: 1 }]);
      assertEquals(await short.read(10), []);
      await short.close();
      assertEquals((await client.query("SELECT 2 AS n")).rows, [{ n: 2 }]);
    })
  );
});

Deno.test("[K-130] node-postgres copies in from a stream", async () => {
  await withServed(({ url }) =>
    withClient(url(), async (client) => {
      await client.query("CREATE TABLE t (id int, name text)");
      const lines = Array.from({ length: 3000 }, (_, i) => `${i}\tname ${i}\n`);
      await pipeline(
        Readable.from(lines.map((line) => bufferOf(line))),
        client.query(newCopy("COPY t FROM STDIN")),
      );
      const bad = client.query(newCopy("COPY t FROM STDIN"));
      const error = await errorOf(
        pipeline(Readable.from([bufferOf("x\ty\n")]), bad),
      );
      assertEquals(error.message, 'invalid input syntax for type integer: "x"');
      const { rows } = await client.query("SELECT count(*)::int AS n FROM t");
      assertEquals(rows, [{ n: 3000 }]);
    })
  );
});

Deno.test("[K-130] node-postgres hears NOTIFY and notices, and its pool is served", async () => {
  await withServed(async ({ url }) => {
    await withClient(url(), async (client) => {
      const notices: (string | undefined)[] = [];
      client.on("notice", ({ message }) => notices.push(message));
      const heard = Promise.withResolvers<unknown>();
      client.on("notification", heard.resolve);
      await client.query("LISTEN news");
      await client.query("DROP TABLE IF EXISTS nothing");
      assertEquals(notices, ['table "nothing" does not exist, skipping']);
      await withClient(
        url(),
        (other) => other.query("NOTIFY news, 'it rains'"),
      );
      const { channel, payload } = await heard.promise as PgEvent;
      assertEquals([channel, payload], ["news", "it rains"]);
    });
    const pool = newPool({ connectionString: url(), max: 5 });
    const sums = await Promise.all(
      Array.from(
        { length: 50 },
        (_, i) => pool.query("SELECT $1::int + 1 AS n", [i]),
      ),
    );
    assertEquals(sums.map(({ rows }) => rows[0].n), sums.map((_, i) => i + 1));
    await pool.end();
  });
});

Deno.test("[K-130] node-postgres with pgvector stores and finds neighbours by an index", async () => {
  await withServed(({ url }) =>
    withClient(url(), async (client) => {
      await client.query("CREATE EXTENSION IF NOT EXISTS vector");
      await vectors.registerTypes(client);
      await client.query("CREATE TABLE items (id int, embedding vector(3))");
      for (let i = 0; i < 20; i++) {
        await client.query("INSERT INTO items VALUES ($1, $2)", [
          i,
          vectors.toSql([i, 1, 2]),
        ]);
      }
      await client.query(
        "CREATE INDEX ON items USING hnsw (embedding vector_l2_ops)",
      );
      const { rows } = await client.query(
        "SELECT id, embedding FROM items ORDER BY embedding <-> $1 LIMIT 2",
        [vectors.toSql([7.1, 1, 2])],
      );
      assertEquals(rows, [
        { id: 7, embedding: [7, 1, 2] },
        { id: 8, embedding: [8, 1, 2] },
      ]);
      await client.query(
        "INSERT INTO items SELECT n, ARRAY[n, 1, 2]::vector FROM generate_series(20, 900) AS g(n)",
      );
      const plan = await client.query(
        "EXPLAIN SELECT id FROM items ORDER BY embedding <-> '[1,1,1]' LIMIT 2",
      );
      assert(JSON.stringify(plan.rows).includes("Index Scan"));
    })
  );
});

Deno.test("[K-130] node-postgres reads cursors that a function opens, by the names it gives", async () => {
  await withServed(({ url }) =>
    withClient(url(), async (client) => {
      await client.query(
        `CREATE FUNCTION pages() RETURNS SETOF refcursor LANGUAGE plpgsql AS $$
         DECLARE odd refcursor; even CURSOR FOR SELECT i FROM generate_series(2, 6, 2) i;
         BEGIN
           OPEN odd FOR SELECT i, i * i AS square FROM generate_series(1, 5, 2) i;
           RETURN NEXT odd;
           OPEN even;
           RETURN NEXT even;
         END $$`,
      );
      await client.query("BEGIN");
      const { rows, fields } = await client.query({
        text: "SELECT pages() AS name",
        values: [],
      });
      assertEquals(fields[0]!.dataTypeID, 1790);
      const [odd, even] = rows.map(({ name }) => String(name));
      const first = await client.query(`FETCH ALL IN "${odd}"`);
      assertEquals(first.rows.map(({ square }) => square), [1, 9, 25]);
      const second = await client.query(`FETCH 2 IN "${even}"`);
      assertEquals(second.rows, [{ i: 2 }, { i: 4 }]);
      await client.query("COMMIT");
      const gone = await errorOf(client.query(`FETCH ALL IN "${odd}"`));
      assertEquals(gone.code, "34000");
    })
  );
});
