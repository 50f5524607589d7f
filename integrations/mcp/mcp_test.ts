import { assert, assertEquals, assertRejects } from "@std/assert";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { fileURLToPath } from "node:url";
import { type Database, open } from "@kriyadb/kriyadb";
import { mcpServer, type McpToolOptions } from "@kriyadb/kriyadb/mcp";

interface Answer {
  readonly isError: boolean;
  // deno-lint-ignore no-explicit-any
  readonly value: any;
}

/** What a client of the protocol is told by a tool. */
async function call(
  client: Client,
  name: string,
  given: Record<string, unknown> = {},
): Promise<Answer> {
  const result = await client.callTool({ name, arguments: given });
  const [content] = result.content as { type: string; text: string }[];
  return {
    isError: result.isError === true,
    value: JSON.parse(content!.text),
  };
}

const TABLES = `
  CREATE SCHEMA shop;
  CREATE TABLE shop."Items" (
    id int PRIMARY KEY, name text NOT NULL DEFAULT 'none',
    big bigint, e vector(2), CHECK (id > 0)
  );
  COMMENT ON TABLE shop."Items" IS 'what is sold';
  COMMENT ON COLUMN shop."Items".name IS 'as on the label';
  CREATE INDEX near ON shop."Items" USING hnsw (e vector_cosine_ops);
  INSERT INTO shop."Items" VALUES (1, 'a red rose', 5, '[1,0]'),
    (2, 'fast cars', 9007199254740993, '[0,1]'), (3, 'slow car', NULL, NULL);
  CREATE VIEW names AS SELECT name FROM shop."Items"`;

async function withClient(
  test: (client: Client, db: Database) => Promise<void>,
  options: McpToolOptions = {},
): Promise<void> {
  await using db = await open("memory:");
  await db.exec(TABLES);
  const [mine, theirs] = InMemoryTransport.createLinkedPair();
  const server = mcpServer(db, options);
  await server.connect(mine);
  const client = new Client({ name: "test", version: "1" });
  await client.connect(theirs);
  try {
    await test(client, db);
  } finally {
    await client.close();
  }
}

Deno.test("[O-006] mcp: tables are listed and described", () =>
  withClient(async (client) => {
    const { tools } = await client.listTools() as {
      tools: { name: string; annotations?: { readOnlyHint?: boolean } }[];
    };
    assertEquals(tools.map(({ name }) => name), [
      "list_tables",
      "describe_table",
      "query",
      "search",
    ]);
    assert(tools.every(({ annotations }) => annotations?.readOnlyHint));
    const { value } = await call(client, "list_tables");
    assertEquals(
      value.tables.map((
        { schema, name, kind, comment }: Record<string, unknown>,
      ) => [schema, name, kind, comment]),
      [
        ["public", "names", "view", null],
        ["shop", "Items", "table", "what is sold"],
      ],
    );
    for (const table of ['shop."Items"', "shop.Items"]) {
      const { value, isError } = await call(client, "describe_table", {
        table,
      });
      if (isError) {
        assertEquals(value.code, "42P01");
        continue;
      }
      assertEquals(value.columns[1], {
        name: "name",
        type: "text",
        nullable: false,
        default: "'none'::text",
        comment: "as on the label",
      });
      assertEquals(value.indexes.length, 2);
      assert(
        value.constraints.some(({ definition }: Record<string, string>) =>
          definition === "CHECK ((id > 0))"
        ),
      );
    }
  }));

Deno.test("[O-006] mcp: queries give rows, and change nothing", () =>
  withClient(async (client, db) => {
    const { value } = await call(client, "query", {
      sql: `-- all of them
        (SELECT id, big, e FROM shop."Items" WHERE id < $1 ORDER BY id)`,
      parameters: [3],
    });
    assertEquals(value.rows, [
      { id: 1, big: 5, e: "[1,0]" },
      { id: 2, big: "9007199254740993", e: "[0,1]" },
    ]);
    const folder = await Deno.makeTempDir();
    for (
      const sql of [
        `DELETE FROM shop."Items"`,
        `WITH gone AS (DELETE FROM shop."Items" RETURNING 1) SELECT * FROM gone`,
        `SELECT 1 AS n INTO made`,
        `COPY shop."Items" TO '${folder}/stolen'`,
        `/* harmless */ DO $$ BEGIN DELETE FROM shop."Items"; END $$`,
        `EXPLAIN ANALYZE DELETE FROM shop."Items"`,
        `COMMIT`,
        `SELECT 1; DELETE FROM shop."Items"`,
      ]
    ) {
      const { isError, value } = await call(client, "query", { sql });
      assert(isError, sql);
      assert(["25006", "42601"].includes(value.code), `${sql}: ${value.code}`);
    }
    assertEquals(await Array.fromAsync(Deno.readDir(folder)), []);
    await Deno.remove(folder);
    const { rows } = await db.query(`SELECT count(*)::int FROM shop."Items"`);
    assertEquals(rows, [{ count: 3 }]);
    const wrong = await call(client, "query", { sql: "SELECT nothing" });
    assertEquals([wrong.isError, wrong.value.error, wrong.value.code], [
      true,
      'column "nothing" does not exist',
      "42703",
    ]);
  }));

Deno.test("[O-006] mcp: answers are cut off, and statements stopped", () =>
  withClient(async (client) => {
    const { value } = await call(client, "query", {
      sql: "SELECT i FROM generate_series(1, 1000000) i",
    });
    assertEquals([value.rows.length, value.truncated], [5, true]);
    const wide = await call(client, "query", {
      sql: "SELECT repeat('x', 900) FROM generate_series(1, 3)",
    });
    assertEquals([wide.value.rows.length, wide.value.truncated], [1, true]);
    const slow = await call(client, "query", { sql: "SELECT pg_sleep(60)" });
    assertEquals([slow.isError, slow.value.code], [true, "57014"]);
  }, { rowsMax: 5, textMax: 1000, timeoutMs: 200 }));

Deno.test("[O-006] mcp: vectors and words are searched", () =>
  withClient(async (client) => {
    const table = 'shop."Items"';
    const near = await call(client, "search", {
      table,
      column: "e",
      vector: [0.1, 1],
      limit: 1,
    });
    assertEquals(near.value.rows.map(({ id }: { id: number }) => id), [2]);
    assert(near.value.rows[0].distance < 0.1);
    const words = await call(client, "search", {
      table,
      column: "name",
      text: "car -slow",
    });
    assertEquals(words.value.rows.map(({ id }: { id: number }) => id), [2]);
    for (
      const [given, code] of [
        [{ table, column: "e" }, "22023"],
        [{ table, column: 'e" --', vector: [1, 1] }, "42703"],
        [{ table: "x; DROP TABLE y", column: "e", vector: [1] }, "42P01"],
        [{ table, column: "e", vector: [1, 2], metric: "toString" }, "22023"],
        [{ table, column: "e", vector: [1] }, "22000"],
      ] as const
    ) {
      const { isError, value } = await call(client, "search", given);
      assert(isError);
      assertEquals(value.code, code, JSON.stringify(given));
    }
    await assertRejects(() => client.callTool({ name: "toString" }), Error);
  }));

Deno.test("[O-006] mcp: with write, statements change the database", () =>
  withClient(async (client, db) => {
    const { value } = await call(client, "query", {
      sql: `DELETE FROM shop."Items" WHERE id > $1 RETURNING id`,
      parameters: [2],
    });
    assertEquals(value, {
      command: "DELETE 1",
      affectedRows: 1,
      rows: [{ id: 3 }],
    });
    const { rows } = await db.query(`SELECT count(*)::int FROM shop."Items"`);
    assertEquals(rows, [{ count: 2 }]);
  }, { write: true }));

Deno.test("[O-006] mcp: kriya mcp serves a client over its standard streams", async () => {
  const folder = await Deno.makeTempDir();
  try {
    {
      await using db = await open(`file:${folder}/db`);
      await db.exec(TABLES);
    }
    const script = fileURLToPath(
      new URL("../../cli/kriya.ts", import.meta.url),
    );
    const config = fileURLToPath(new URL("../../deno.json", import.meta.url));
    const transport = new StdioClientTransport({
      command: Deno.execPath(),
      args: [
        ...["run", "-A", "--no-check", "--config", config, script],
        ...["mcp", `file:${folder}/db`],
      ],
    });
    const client = new Client({ name: "test", version: "1" });
    await client.connect(transport);
    const { value } = await call(client, "query", {
      sql: `SELECT name FROM shop."Items" WHERE id = 1`,
    });
    assertEquals(value.rows, [{ name: "a red rose" }]);
    const { isError } = await call(client, "query", {
      sql: `DELETE FROM shop."Items"`,
    });
    assert(isError);
    await client.close();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
