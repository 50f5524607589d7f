/**
 * The JavaScript values of results and parameters, as options say.
 */
import { PGlite } from "@electric-sql/pglite";
import { assertEquals } from "@std/assert";
import { open } from "../../mod.ts";
import { BinaryValue } from "../../sql/encoding/binary/binary_values.ts";
import { rejectsWithCode } from "../support/databases.ts";

const VALUES = `SELECT 7::int8 AS i, 9007199254740993 AS big, 1.50 AS n,
  date '2024-01-02' AS d, timestamptz '2024-01-02 03:04:05.678901+00' AS t,
  '{"a": [1]}'::jsonb AS j, '\\x0102'::bytea AS b, '[1,2.5]'::vector AS v,
  ARRAY[[1::int8, NULL], [2, 3]] AS a, (1::int8, '[1]'::json) AS r`;

Deno.test("values have their usual forms where nothing is said", async () => {
  await using db = await open("memory:");
  const { rows } = await db.query(VALUES);
  assertEquals(rows, [{
    i: 7,
    big: 9007199254740993n,
    n: "1.50",
    d: "2024-01-02",
    t: new Date("2024-01-02T03:04:05.678Z"),
    j: { a: [1] },
    b: Uint8Array.of(1, 2),
    v: Float32Array.of(1, 2.5),
    a: [[1, null], [2, 3]],
    r: { f1: 1, f2: [1] },
  }]);
});

Deno.test("types say which forms values have, in arrays and rows too", async () => {
  await using db = await open("memory:", { types: { int8: "bigint" } });
  assertEquals((await db.query("SELECT 7::int8 AS i")).rows, [{ i: 7n }]);
  const { rows } = await db.query(VALUES, [], {
    types: {
      int8: "string",
      numeric: "number",
      date: "date",
      timestamptz: "string",
      json: "text",
      bytea: "hex",
      vector: "array",
    },
  });
  assertEquals(rows, [{
    i: "7",
    big: "9007199254740993",
    n: 1.5,
    d: new Date("2024-01-02T00:00:00Z"),
    t: "2024-01-02 03:04:05.678901+00",
    j: '{"a": [1]}',
    b: "\\x0102",
    v: [1, 2.5],
    a: [["1", null], ["2", "3"]],
    r: { f1: "1", f2: "[1]" },
  }]);
  const infinite = await db.query(
    "SELECT date 'infinity' AS a, date '-infinity' AS b, NULL::date AS c",
    [],
    { types: { date: "date" } },
  );
  assertEquals(infinite.rows, [{ a: Infinity, b: -Infinity, c: null }]);
});

Deno.test("parsers and serializers go by OID, as PGlite's do", async () => {
  const parsers = {
    20: (text: string) => BigInt(text) * 2n,
    1700: (text: string, oid: number) => [text, oid],
    1082: (text: string) => text.replaceAll("-", "/"),
  };
  await using db = await open("memory:", { parsers });
  const { rows } = await db.query(
    "SELECT 5::int8 AS i, 1.50 AS n, ARRAY[date '2024-01-02', NULL] AS d, 1 AS o",
  );
  assertEquals(rows, [
    { i: 10n, n: ["1.50", 1700], d: ["2024/01/02", null], o: 1 },
  ]);
  const serializers = {
    25: (value: unknown) => (value as string).toUpperCase(),
    23: () => null,
  };
  const given = await db.query(
    "SELECT $1::text AS a, $2::int AS b, $3::text AS c, $4::bool AS d",
    ["x", 3, null, true],
    { serializers, rowMode: "array" },
  );
  assertEquals(given.rows as unknown, [["X", null, null, true]]);
});

Deno.test("results are given in binary form, and parameters taken in it", async () => {
  await using db = await open("memory:");
  const { rows } = await db.query(
    "SELECT 258 AS i, 'é' AS t, ARRAY[1, NULL] AS a, NULL::int AS n",
    [],
    { resultFormat: "binary", rowMode: "array" },
  );
  assertEquals(rows as unknown, [[
    Uint8Array.of(0, 0, 1, 2),
    Uint8Array.of(0xc3, 0xa9),
    // deno-fmt-ignore
    Uint8Array.of(
      0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 23, 0, 0, 0, 2, 0, 0, 0, 1,
      0, 0, 0, 4, 0, 0, 0, 1, 255, 255, 255, 255,
    ),
    null,
  ]]);
  const taken = await db.query("SELECT $1::int + 1 AS i, $2::text AS t", [
    new BinaryValue(Uint8Array.of(0, 0, 1, 2)),
    new BinaryValue(Uint8Array.of(0xc3, 0xa9)),
  ]);
  assertEquals(taken.rows, [{ i: 259, t: "é" }]);
  await rejectsWithCode(
    db.query("SELECT $1::int", [new BinaryValue(Uint8Array.of(1))]),
    "08P01",
  );
});

const TABLE = `CREATE TABLE b (i int, n numeric, t text, a text[], d date,
  ts timestamptz, j jsonb, u uuid, y bytea, v varchar(3), iv interval)`;
const ROWS = `INSERT INTO b VALUES
  (1, 12345.6789, 'é', '{a,NULL}', '2024-01-02', '2024-01-02 03:04:05+00', '{"a": 1}',
   'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '\\x00ff', 'abc', '1 mon 2 days 00:00:03'),
  (NULL, 'NaN', '', '{}', 'infinity', '-infinity', 'null', NULL, '', '', '-1 day'),
  (-2147483648, -0.00001, NULL, '{{a,b},{c,d}}', '0044-03-15 BC', NULL, '[1, "x"]', NULL, NULL, NULL, NULL)`;

// PGlite keeps its module and timers for the life of the process.
const leaky = { sanitizeResources: false, sanitizeOps: false };

Deno.test(
  "binary COPY writes PostgreSQL's bytes and reads them",
  leaky,
  async () => {
    const postgres = await PGlite.create();
    await postgres.exec(`${TABLE}; ${ROWS}`);
    const { blob } = await postgres.query(
      "COPY b TO '/dev/blob' (FORMAT binary)",
    );
    const theirs = new Uint8Array(await blob!.arrayBuffer());
    await using db = await open("memory:");
    await db.exec(`${TABLE}; ${ROWS}`);
    const ours = await new Response(
      db.copyTo("COPY b TO STDOUT (FORMAT binary)"),
    ).bytes();
    assertEquals(ours, theirs);

    const before = await db.query("SELECT * FROM b", [], {
      resultFormat: "text",
    });
    await db.exec("DELETE FROM b");
    const pieces = async function* (): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < theirs.length; at += 7) {
        yield await Promise.resolve(theirs.subarray(at, at + 7));
      }
    };
    const copied = await db.copyFrom(
      "COPY b FROM STDIN (FORMAT binary)",
      pieces(),
    );
    assertEquals(copied.command, "COPY 3");
    const after = await db.query("SELECT * FROM b", [], {
      resultFormat: "text",
    });
    assertEquals(after.rows, before.rows);
  },
);

Deno.test(
  "binary COPY refuses what PostgreSQL refuses, in its words",
  leaky,
  async () => {
    const postgres = await PGlite.create();
    await using db = await open("memory:");
    const table = "CREATE TABLE k (a int, b varchar(2))";
    await postgres.exec(table);
    await db.exec(table);
    const header = [
      ...new TextEncoder().encode("PGCOPY\n"),
      ...[255, 13, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    ];
    const row = [0, 2, 0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 1, 65];
    const end = [255, 255];
    const cases: number[][] = [
      [],
      [1, 2, 3],
      header.slice(0, 12),
      header.slice(0, 16),
      header.with(11, 1),
      header.with(12, 1),
      [...header, ...row],
      [...header, ...row, ...end],
      [...header, ...row, ...end, 1],
      [...header, 0, 1, 0, 0, 0, 4, 0, 0, 0, 1, ...end],
      [...header, ...row.slice(0, 9)],
      [...header, ...row.with(5, 3), ...end],
      [...header, ...row.slice(0, 10), 0, 0, 0, 3, 65, 66, 67, ...end],
      [...header, ...row.with(14, 255), ...end],
      [...header, ...row, 0, 2, 255, 255, 255, 255, 255, 255, 255, 255, ...end],
      [...header, 0, 2, 255, 255, 255, 254, ...end],
    ];
    const outcome = async (work: () => Promise<number>): Promise<unknown> => {
      try {
        return await work();
      } catch (error) {
        const { code, message, where } = error as Record<string, string>;
        return { code, message, where };
      }
    };
    for (const bytes of cases) {
      const data = Uint8Array.from(bytes);
      assertEquals(
        await outcome(async () =>
          (await db.copyFrom("COPY k FROM STDIN BINARY", data)).affectedRows
        ),
        await outcome(async () =>
          (await postgres.query("COPY k FROM '/dev/blob' BINARY", [], {
            blob: new Blob([data]),
          })).affectedRows!
        ),
        bytes.join(" "),
      );
    }
  },
);
