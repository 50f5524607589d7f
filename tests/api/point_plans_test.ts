/**
 * Statements about single rows answer the way beside their plans as by their
 * plans (`sql/executor/point/`): two databases are given the same statements at
 * random, one with a `statement_timeout`, under which the way beside is not
 * taken.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { open } from "../../mod.ts";
import type { DatabaseSession } from "../../mod.ts";
import { seededRandom } from "../support/seeded_random.ts";
import { testSeed } from "../support/test_seed.ts";

const TABLES = `
CREATE TABLE plain (
  id int PRIMARY KEY, n int NOT NULL DEFAULT 7, t text, v varchar(4),
  b boolean, f float8, d numeric(8, 2), at timestamptz, a int[], j jsonb);
CREATE INDEX ON plain (n, t);
CREATE UNIQUE INDEX ON plain (v, b);
CREATE TABLE keyed (a text, b int, c int, gone int, PRIMARY KEY (a, b));
ALTER TABLE keyed DROP COLUMN gone;
CREATE TABLE counted (id serial PRIMARY KEY, t text UNIQUE NULLS NOT DISTINCT);
CREATE TABLE ruled (id int PRIMARY KEY, n int CHECK (n > 0),
  twice int GENERATED ALWAYS AS (n * 2) STORED);
CREATE TABLE part (id int PRIMARY KEY, plain_id int REFERENCES plain);
CREATE TABLE late (id int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED,
  n int UNIQUE DEFERRABLE);
CREATE TABLE vectors (id int PRIMARY KEY, e vector(2));
CREATE INDEX ON vectors USING hnsw (e vector_l2_ops);`;

/** A definition that comes in the middle: older rows have fewer columns. */
const LATER = `
ALTER TABLE keyed ADD COLUMN late text DEFAULT 'early';
ALTER TABLE plain ADD COLUMN late int;
CREATE INDEX ON plain (late);`;

type Random = () => number;

interface Statement {
  readonly text: string;
  readonly parameters: readonly unknown[];
}

const below = (random: Random, count: number): number =>
  Math.floor(random() * count);

function someOf<T>(random: Random, all: readonly T[]): T {
  return all[below(random, all.length)]!;
}

/** Statements by key, of all kinds, with values that do and do not fit. */
function someStatement(random: Random): Statement {
  const id = below(random, 12);
  const key = someOf<unknown>(random, [id, id, id, id, id, String(id), null]);
  const n = someOf<unknown>(random, [1, 0, -5, 70000, 2 ** 31 - 1, null]);
  const t = someOf<unknown>(random, ["", "ä€", "x".repeat(300), "b", null]);
  const v = someOf<unknown>(random, ["a", "bcd", "too long", null]);
  const b = someOf<unknown>(random, [true, false, null]);
  const d = someOf<unknown>(random, ["1.005", 12, "999999999", null]);
  const a = someOf<unknown>(random, [[1, 2], [], null]);
  const f = someOf<unknown>(random, [0.1, -0, null]);
  return someOf<Statement>(random, [
    { text: "SELECT * FROM plain WHERE id = $1", parameters: [key] },
    { text: "SELECT d, b, id, b FROM plain WHERE id = $1", parameters: [key] },
    { text: `SELECT * FROM plain WHERE id = ${id}`, parameters: [] },
    {
      text: "SELECT * FROM keyed WHERE b = $1 AND a = $2",
      parameters: [id % 3, "k"],
    },
    {
      text:
        "INSERT INTO plain VALUES ($1, $2, $3, $4, $5, $6, $7, date_trunc('century', now()), $8)",
      parameters: [key, n, t, v, b, f, d, a],
    },
    { text: "INSERT INTO plain (id, j) VALUES ($1, '[1]')", parameters: [id] },
    { text: "INSERT INTO keyed VALUES ('k', $1, $2)", parameters: [id % 3, n] },
    { text: "INSERT INTO counted (t) VALUES ($1)", parameters: [t] },
    { text: "INSERT INTO counted VALUES (DEFAULT)", parameters: [] },
    { text: "INSERT INTO ruled VALUES ($1, $2)", parameters: [id, n] },
    { text: "INSERT INTO part VALUES ($1, $2)", parameters: [id, id + 1] },
    { text: "INSERT INTO late VALUES ($1, $2)", parameters: [id % 4, n] },
    { text: "UPDATE late SET id = $2 WHERE id = $1", parameters: [id % 4, n] },
    { text: "UPDATE late SET n = 1 WHERE id = $1", parameters: [id % 4] },
    { text: "DELETE FROM late WHERE n = $1", parameters: [n] },
    { text: "SELECT * FROM late WHERE id = $1", parameters: [id % 4] },
    { text: "INSERT INTO vectors VALUES ($1, '[1,2]')", parameters: [id] },
    { text: "UPDATE plain SET f = $2 WHERE id = $1", parameters: [key, f] },
    {
      text: "UPDATE plain SET d = d + 1, b = NOT b, j = $2 WHERE id = $1",
      parameters: [id, { n: id }],
    },
    { text: "UPDATE plain SET d = $2 WHERE id = $1", parameters: [id, d] },
    { text: "UPDATE plain SET a = $2 WHERE id = $1", parameters: [id, a] },
    {
      text: "UPDATE plain SET n = $2, v = $3 WHERE id = $1",
      parameters: [id, n, v],
    },
    { text: "UPDATE plain SET id = $2 WHERE id = $1", parameters: [id, n] },
    {
      text: "UPDATE keyed SET c = c / $2 WHERE a = 'k' AND b = $1",
      parameters: [id % 3, id % 2],
    },
    { text: "UPDATE ruled SET n = $2 WHERE id = $1", parameters: [id, n] },
    {
      text: "UPDATE vectors SET e = $2 WHERE id = $1",
      parameters: [id, [id, 1]],
    },
    { text: "DELETE FROM plain WHERE id = $1", parameters: [key] },
    {
      text: "DELETE FROM keyed WHERE a = 'k' AND b = $1",
      parameters: [id % 3],
    },
    { text: "DELETE FROM counted WHERE t = $1", parameters: [t] },
    { text: "DELETE FROM ruled WHERE id = $1", parameters: [id] },
    { text: "DELETE FROM vectors WHERE id = $1", parameters: [id] },
    { text: "BEGIN", parameters: [] },
    { text: "BEGIN ISOLATION LEVEL SERIALIZABLE", parameters: [] },
    { text: "SAVEPOINT s", parameters: [] },
    { text: "ROLLBACK TO s", parameters: [] },
    { text: "COMMIT", parameters: [] },
    { text: "ROLLBACK", parameters: [] },
  ]);
}

/** What is to be seen of a statement. */
async function outcome(
  session: DatabaseSession,
  { text, parameters }: Statement,
): Promise<unknown> {
  try {
    const { rows, command, affectedRows, fields } = await session.query(
      text,
      parameters,
    );
    return { rows, command, affectedRows, fields };
  } catch (error) {
    const { code, message, detail } = error as {
      readonly code?: string;
      readonly message: string;
      readonly detail?: string;
    };
    assert(code !== undefined && code !== "XX000", `${text}: ${message}`);
    return { code, message, detail };
  }
}

/** Rows by scans, and by the indexes that rows are found in. */
const EVERYTHING = [
  "SELECT * FROM plain ORDER BY id",
  "SELECT * FROM keyed ORDER BY a, b",
  "SELECT * FROM counted ORDER BY id",
  "SELECT * FROM ruled ORDER BY id",
  "SELECT * FROM late ORDER BY id, n",
  "SELECT * FROM part ORDER BY id",
  "SELECT id FROM plain WHERE n = 1 ORDER BY id",
  "SELECT id FROM plain WHERE v = 'a' AND b ORDER BY id",
  "SELECT id FROM plain WHERE late IS NULL ORDER BY id",
  "SELECT id FROM vectors ORDER BY e <-> '[1,1]' LIMIT 20",
];

Deno.test("statements about single rows answer the way beside their plans as by them", async () => {
  const random = seededRandom(testSeed());
  const fixed = "SET timezone = 'UTC'";
  await using one = await open("memory:");
  await using other = await open("memory:");
  await using beside = one.session();
  await using whole = other.session();
  for (const session of [beside, whole]) {
    await session.exec(TABLES);
    await session.exec(fixed);
  }
  await whole.exec("SET statement_timeout = '1h'");
  const both = async (statement: Statement): Promise<void> => {
    const seen = await Promise.all(
      [beside, whole].map((session) => outcome(session, statement)),
    );
    assertEquals(seen[0], seen[1], JSON.stringify(statement));
  };
  for (let i = 0; i < 2000; i++) {
    if (i === 1000) {
      await both({ text: "ROLLBACK", parameters: [] });
      for (const session of [beside, whole]) await session.exec(LATER);
    }
    await both(someStatement(random));
  }
  await both({ text: "COMMIT", parameters: [] });
  for (const text of EVERYTHING) await both({ text, parameters: [] });
});
