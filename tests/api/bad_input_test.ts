import { assertEquals } from "@std/assert";
import { type Database, open } from "../../mod.ts";
import {
  type ExpectedError,
  rejectsWith,
  withFolder,
} from "../support/databases.ts";

/** A statement that is wrong, and what is said about it. */
type BadStatement = readonly [
  text: string,
  parameters: readonly unknown[],
  code: string,
  message: string,
  position?: number | undefined,
  more?: Pick<ExpectedError, "detail" | "constraint">,
];

const SYNTAX: readonly BadStatement[] = [
  ["SELEC 1", [], "42601", 'syntax error at or near "SELEC"', 1],
  ["SELECT * FORM items", [], "42601", 'syntax error at or near "FORM"', 10],
  ["SELECT '\u{1F30A}', nope", [], "42703", 'column "nope" does not exist', 14],
  [
    "SELECT 'unfinished",
    [],
    "42601",
    'unterminated quoted string at or near "\'unfinished"',
    8,
  ],
  [
    "SELECT 1; SELECT 2",
    [],
    "42601",
    "cannot insert multiple commands into a prepared statement",
  ],
];

const NAMES: readonly BadStatement[] = [
  ["SELECT nope FROM items", [], "42703", 'column "nope" does not exist', 8],
  [
    "INSERT INTO items (id, nope) VALUES (1, 2)",
    [],
    "42703",
    'column "nope" of relation "items" does not exist',
    24,
  ],
  [
    "UPDATE items SET nope = 1",
    [],
    "42703",
    'column "nope" of relation "items" does not exist',
    18,
  ],
  ["SELECT * FROM nosuch", [], "42P01", 'relation "nosuch" does not exist', 15],
  [
    "SELECT nosuch(1)",
    [],
    "42883",
    "function nosuch(integer) does not exist",
    8,
  ],
  [
    "CREATE TABLE x (a nosuch)",
    [],
    "42704",
    'type "nosuch" does not exist',
    19,
  ],
  ["SELECT 1::nosuch", [], "42704", 'type "nosuch" does not exist', 11],
  [
    "CREATE TABLE x (a int) USING nosuch",
    [],
    "42704",
    'access method "nosuch" does not exist',
  ],
  [
    "CREATE INDEX ON items USING nosuch (e)",
    [],
    "42704",
    'access method "nosuch" does not exist',
  ],
  [
    "CREATE INDEX ON items USING lsm_hnsw (e nosuch_ops)",
    [],
    "42704",
    'operator class "nosuch_ops" does not exist for access method "lsm_hnsw"',
  ],
  [
    "CREATE TABLE x (a int) USING lsm_hnsw",
    [],
    "42809",
    'access method "lsm_hnsw" is not of type TABLE',
  ],
  [
    "CREATE INDEX ON items USING lsm_hnsw (e) WITH (m = 1)",
    [],
    "22023",
    'value 1 out of bounds for option "m"',
  ],
  [
    "CREATE TABLE items (a int)",
    [],
    "42P07",
    'relation "items" already exists',
  ],
];

const VECTORS: readonly BadStatement[] = [
  [
    "INSERT INTO items VALUES (9, 'x', '[1,2]')",
    [],
    "22000",
    "expected 3 dimensions, not 2",
  ],
  [
    "INSERT INTO items VALUES (9, 'x', $1)",
    [new Float32Array(4)],
    "22000",
    "expected 3 dimensions, not 4",
  ],
  [
    "UPDATE items SET e = '[1]' WHERE id = 1",
    [],
    "22000",
    "expected 3 dimensions, not 1",
  ],
  [
    "SELECT id FROM items ORDER BY e <-> '[1,2]' LIMIT 1",
    [],
    "22000",
    "different vector dimensions 3 and 2",
  ],
  [
    "SELECT id FROM items ORDER BY e <-> $1 LIMIT 1",
    [[1, 2, 3, 4]],
    "22000",
    "different vector dimensions 3 and 4",
  ],
  [
    "INSERT INTO items VALUES (9, 'x', '[1,2,NaN]')",
    [],
    "22000",
    "NaN not allowed in vector",
    35,
  ],
  [
    "INSERT INTO items VALUES (9, 'x', '[1,2,Infinity]')",
    [],
    "22000",
    "infinite value not allowed in vector",
    35,
  ],
  [
    "INSERT INTO items VALUES (9, 'x', $1)",
    [[1, NaN, 3]],
    "22000",
    "NaN not allowed in vector",
  ],
  [
    "INSERT INTO items VALUES (9, 'x', $1)",
    [new Float32Array([1, 2, 1 / 0])],
    "22000",
    "infinite value not allowed in vector",
  ],
  [
    "INSERT INTO items VALUES (9, 'x', 'three')",
    [],
    "22P02",
    'invalid input syntax for type vector: "three"',
    35,
  ],
  [
    "INSERT INTO items VALUES (9, 'x', '[1,2')",
    [],
    "22P02",
    'invalid input syntax for type vector: "[1,2"',
    35,
  ],
  [
    "SELECT id FROM items ORDER BY e <-> $1 LIMIT 1",
    ["no vector"],
    "22P02",
    'invalid input syntax for type vector: "no vector"',
  ],
  [
    "CREATE TABLE x (e vector(0))",
    [],
    "22023",
    "dimensions for type vector must be at least 1",
    19,
  ],
];

const VALUES: readonly BadStatement[] = [
  [
    "INSERT INTO items VALUES (1, 'again', NULL)",
    [],
    "23505",
    'duplicate key value violates unique constraint "items_pkey"',
    undefined,
    { detail: "Key (id)=(1) already exists.", constraint: "items_pkey" },
  ],
  [
    "INSERT INTO items VALUES (7, 'x', NULL), (7, 'y', NULL)",
    [],
    "23505",
    'duplicate key value violates unique constraint "items_pkey"',
    undefined,
    { detail: "Key (id)=(7) already exists." },
  ],
  [
    "UPDATE items SET id = 2 WHERE id = 1",
    [],
    "23505",
    'duplicate key value violates unique constraint "items_pkey"',
  ],
  [
    "INSERT INTO items VALUES (9, NULL, NULL)",
    [],
    "23502",
    'null value in column "name" of relation "items" violates not-null constraint',
    undefined,
    { detail: "Failing row contains (9, null, null)." },
  ],
  [
    "INSERT INTO items VALUES (9, 'far too long', NULL)",
    [],
    "22001",
    "value too long for type character varying(5)",
  ],
  [
    "INSERT INTO items VALUES ('one', 'x', NULL)",
    [],
    "22P02",
    'invalid input syntax for type integer: "one"',
    27,
  ],
  ["SELECT 1 / (id - id) FROM items", [], "22012", "division by zero"],
  ["SELECT 2147483647 + id FROM items", [], "22003", "integer out of range"],
  [
    "SELECT name + 1 FROM items",
    [],
    "42883",
    "operator does not exist: character varying + integer",
    13,
  ],
  [
    "SELECT id FROM items WHERE name",
    [],
    "42804",
    "argument of WHERE must be type boolean, not type character varying",
    28,
  ],
  [
    "SET work_mem = 'much'",
    [],
    "22023",
    'invalid value for parameter "work_mem": "much"',
  ],
];

const ALL = [...SYNTAX, ...NAMES, ...VECTORS, ...VALUES];

const ROWS = [
  { id: 1, name: "one", e: Float32Array.of(1, 0, 0) },
  { id: 2, name: "two", e: Float32Array.of(0, 1, 0) },
];

async function makeItems(db: Database): Promise<void> {
  await db.exec(`
    CREATE TABLE items (id int PRIMARY KEY, name varchar(5) NOT NULL, e LsmVector(3))
      USING lsm_s3;
    CREATE INDEX ON items USING lsm_hnsw (e);
    INSERT INTO items VALUES (1, 'one', '[1,0,0]'), (2, 'two', '[0,1,0]');
  `);
}

/** Rows, key and index say the same, and a write goes through. */
async function checkWorks(db: Database, after: string): Promise<void> {
  const all = await db.query("SELECT * FROM items ORDER BY id");
  assertEquals(all.rows, ROWS, after);
  const nearest = await db.query(
    "SELECT id FROM items ORDER BY e <-> '[0.1,1,0]' LIMIT 9",
  );
  assertEquals(nearest.rows, [{ id: 2 }, { id: 1 }], after);
  await db.query("INSERT INTO items VALUES (9, 'nine', '[9,9,9]')");
  const found = await db.query(
    "SELECT id FROM items ORDER BY e <-> '[8,8,8]' LIMIT 1",
  );
  assertEquals(found.rows, [{ id: 9 }], after);
  await db.query("DELETE FROM items WHERE id = 9");
}

Deno.test("bad input is told with SQLSTATE, message and position, and the database works on", () =>
  withFolder(async (folder) => {
    const address = `file:${folder}/db`;
    {
      await using db = await open(address);
      await makeItems(db);
      for (const [text, values, code, message, position, more] of ALL) {
        const error = await rejectsWith(db.query(text, values), code, {
          message,
          ...more,
        });
        assertEquals(error.position, position, text);
        await checkWorks(db, text);
      }
    }
    await using db = await open(address);
    await checkWorks(db, "a reopen");
  }));

Deno.test("bad input in a transaction undoes all of it, and only it", async () => {
  await using db = await open("memory:");
  await makeItems(db);
  for (const [text, values, code] of ALL) {
    await db.query("BEGIN");
    await db.query("INSERT INTO items VALUES (9, 'nine', '[9,9,9]')");
    await db.query("SAVEPOINT before");
    await db.query(
      "UPDATE items SET e = '[5,5,5]', name = 'five' WHERE id = 1",
    );
    await rejectsWith(db.query(text, values), code);
    await rejectsWith(db.query("SELECT 1"), "25P02");
    await db.query("ROLLBACK TO before");
    const { rows } = await db.query(
      "SELECT id FROM items ORDER BY e <-> '[8,8,8]'",
    );
    assertEquals(rows[0], { id: 9 }, text);
    await db.query("ROLLBACK");
    await checkWorks(db, text);
  }
});

Deno.test("the position of an error in exec counts from the start of the text", async () => {
  await using db = await open("memory:");
  const text = "SELECT 1;\n  SELECT nope";
  const error = await rejectsWith(db.exec(text), "42703");
  assertEquals(text.slice(error.position! - 1), "nope");
  const wrong = "SELECT 1; SELEC 2";
  const syntax = await rejectsWith(db.exec(wrong), "42601");
  assertEquals(wrong.slice(syntax.position! - 1), "SELEC 2");
  await db.query("BEGIN");
  await rejectsWith(db.exec(wrong), "42601");
  await rejectsWith(db.query("SELECT 1"), "25P02");
  await db.query("ROLLBACK");
});
