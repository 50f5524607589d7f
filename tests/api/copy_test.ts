/**
 * COPY beside PostgreSQL's (PGlite): what is read, what is written, and of an
 * error its code, message, hint and context.
 */
import { PGlite } from "@electric-sql/pglite";
import { assertEquals, assertRejects } from "@std/assert";
import { type Database, open } from "../../mod.ts";
import { readAll } from "../support/copy_data.ts";

// PGlite keeps its module and timers for the life of the process.
const leaky = { sanitizeResources: false, sanitizeOps: false };

const TABLE = `DROP TABLE IF EXISTS k;
  CREATE TABLE k (a int PRIMARY KEY, b int NOT NULL CHECK (b > 0));
  CREATE TABLE c (a int, b text, n numeric(6,2) DEFAULT 5, p bool, d date, v varchar(3))`;

interface Facts {
  readonly code?: string;
  readonly message?: string;
  readonly hint?: string;
  readonly where?: string;
}

/** What an attempt came to. */
async function outcome(work: () => Promise<unknown>): Promise<unknown> {
  try {
    return await work();
  } catch (error) {
    const { code, message, hint, where } = error as Facts;
    return { code, message, hint: hint ?? "", where: where ?? "" };
  }
}

async function postgresFrom(
  postgres: PGlite,
  sql: string,
  data: string,
): Promise<unknown> {
  await postgres.exec(`DROP TABLE IF EXISTS c; ${TABLE}`);
  return await outcome(async () => {
    const { affectedRows } = await postgres.query(
      sql.replace("STDIN", "'/dev/blob'"),
      [],
      { blob: new Blob([data]) },
    );
    const { rows } = await postgres.query(
      "SELECT a, b, n::text, p, d::text, v FROM c",
    );
    return { affectedRows, rows };
  });
}

async function ourFrom(
  db: Database,
  sql: string,
  data: string,
): Promise<unknown> {
  await db.exec(`DROP TABLE IF EXISTS c; ${TABLE}`);
  return await outcome(async () => {
    // Pieces of odd sizes, so that records cross many borders.
    const { affectedRows } = await db.copyFrom(sql, pieces(data));
    const { rows } = await db.query(
      "SELECT a, b, n::text, p, d::text, v FROM c",
    );
    return { affectedRows, rows };
  });
}

async function* pieces(data: string): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(data);
  let size = 1;
  for (let at = 0; at < bytes.length; at += size) {
    size = (size * 3) % 11 + 1;
    await Promise.resolve();
    yield bytes.slice(at, at + size);
  }
}

const CASES: readonly (readonly [string, string])[] = [
  [
    "COPY c FROM STDIN",
    "1\tx\t2.5\tt\t2020-01-01\tabc\n2\t\\N\t\\N\tf\t\\N\t\n",
  ],
  ["COPY c FROM STDIN", ""],
  ["COPY c FROM STDIN", "1\tx\t2.5\tt\t2020-01-01\tabc"],
  [
    "COPY c (a, b) FROM STDIN",
    "1\ta\\tb\\nc\\\\d\\x41\\101\\q\n2\tend\\\nline\n",
  ],
  ["COPY c (b, a) FROM STDIN", "é\\xc3\\xa9\t7\r\nz\t8\r\n"],
  ["COPY c (b) FROM STDIN", "\\N\n\n\\\\N\nx\n\\.\nnot this\n"],
  ["COPY c (a) FROM STDIN", "1\n2\n\\.x\n"],
  ["COPY c (a, b) FROM STDIN", "1\n"],
  ["COPY c (a, b) FROM STDIN", "1\ta\n2\tb\tc\n"],
  ["COPY c (a, b) FROM STDIN", "1\ta\nx2\tb\n"],
  ["COPY c (a, b) FROM STDIN", "99999999999\tb\n"],
  ["COPY c (a, b) FROM STDIN", "1\ta\rb\n2\tc\n"],
  ["COPY c (a, b) FROM STDIN", "1\ta\r\n2\tc\n"],
  ["COPY c (n, v) FROM STDIN", "1.005\tabcd\n"],
  ["COPY c (n, v) FROM STDIN", "123456\tabc\n"],
  ["COPY c (p, d) FROM STDIN", "maybe\t2020-01-01\n"],
  ["COPY c (p, d) FROM STDIN", "yes\t2020-13-01\n"],
  [
    "COPY c (a, b) FROM STDIN (DELIMITER '|', NULL 'nil')",
    "1|nil\nnil|a\\|b\n",
  ],
  ["COPY c (a, b) FROM STDIN (DEFAULT '\\D', NULL '')", "1\t\\D\n\\D\t\n"],
  ["COPY c (a, n) FROM STDIN (DEFAULT 'def')", "1\tdef\ndef\t3\n"],
  ["COPY c (a, b) FROM STDIN (HEADER)", "x\ty\n1\ta\n"],
  ["COPY c (a, b) FROM STDIN (HEADER match)", "a\tb\n1\ta\n"],
  ["COPY c (a, b) FROM STDIN (HEADER match)", "a\tc\n1\ta\n"],
  ["COPY c (a, b) FROM STDIN (HEADER match)", "a\n1\ta\n"],
  ["COPY c (a, b) FROM STDIN WHERE a > 1", "1\ta\n2\tb\n3\tc\n"],
  ["COPY c (a) FROM STDIN WHERE n > 4", "1\n2\n"],
  ["COPY c (a) FROM STDIN WHERE count(*) > 1", "1\n"],
  ["COPY c (a) FROM STDIN WHERE nosuch > 1", "1\n"],
  // CSV
  ["COPY c FROM STDIN CSV", '1,"x,y",2.5,t,2020-01-01,abc\n2,,,,,""\n'],
  ["COPY c (a, b) FROM STDIN CSV", '1,"a""b\nc"\n2,x"y,z"w\n'],
  ["COPY c (a, b) FROM STDIN CSV", '1,"line\none"\nx,b\n'],
  ["COPY c (a, b) FROM STDIN CSV", '1,"never ends\n'],
  ["COPY c (a, b) FROM STDIN CSV", '1,a\r\n2,"b\r\nc"\r\n'],
  ["COPY c (a, b) FROM STDIN CSV", "1,a\n2,b\rc\n"],
  ["COPY c (b) FROM STDIN CSV", 'a\n\n""\n"\\."\n'],
  ["COPY c (a, b) FROM STDIN CSV", "1,a\n\n"],
  [
    "COPY c (a, b) FROM STDIN (FORMAT csv, HEADER, QUOTE '''', ESCAPE '\\')",
    "h,'h\nh'\n1,'it\\'s \\\\ \\n'\n",
  ],
  [
    "COPY c (a, b) FROM STDIN (FORMAT csv, NULL 'nil', FORCE_NOT_NULL (b))",
    "nil,nil\n",
  ],
  [
    "COPY c (a, b) FROM STDIN (FORMAT csv, NULL 'nil', FORCE_NULL (a, b))",
    '"nil","nil"\n',
  ],
  ["COPY c (a, b) FROM STDIN (FORMAT csv, FORCE_NULL *)", '1,""\n'],
  ["COPY c (a, n) FROM STDIN (FORMAT csv, DEFAULT '#')", "1,#\n"],
  ["COPY c (a, b) FROM STDIN (FORMAT csv, DELIMITER ';')", '1;"a;b"\n'],
  ["COPY c (a, b) FROM STDIN (FORMAT csv, ON_ERROR ignore)", "1,a\nx,b\n3,c\n"],
  [
    "COPY c (a, d) FROM STDIN (ON_ERROR ignore)",
    "1\t2020-01-01\n2\tnever\nx\t2020-01-01\n",
  ],
  ["COPY c (a, b) FROM STDIN (ON_ERROR ignore)", "1\ta\n2\n"],
  [
    "COPY c (a, b) FROM STDIN (ON_ERROR ignore, REJECT_LIMIT 1)",
    "x\ta\ny\tb\n",
  ],
  [
    "COPY c (a, b) FROM STDIN (ON_ERROR ignore, REJECT_LIMIT 2)",
    "x\ta\ny\tb\n",
  ],
  // what the table refuses
  ["COPY k FROM STDIN", "1\t1\n2\t\\N\n"],
  ["COPY k FROM STDIN CSV", "1,1\n2,\n"],
  ["COPY k (a) FROM STDIN", "1\n"],
  ["COPY k FROM STDIN", "1\t1\n2\t0\n3\t1\n"],
  ["COPY k FROM STDIN", "1\t1\n2\t1\n1\t1\n"],
  ["COPY k FROM STDIN WHERE a > 1", "0\t0\n1\t0\n2\t5\n3\t0\n"],
  // options
  ["COPY c FROM STDIN (FORMAT xyz)", ""],
  ["COPY c FROM STDIN (FORMAT csv, FORMAT csv)", ""],
  ["COPY c FROM STDIN (nosuch 1)", ""],
  ["COPY c FROM STDIN (DELIMITER 'ab')", ""],
  ["COPY c FROM STDIN (DELIMITER 'a')", ""],
  ["COPY c FROM STDIN (DELIMITER E'\\n')", ""],
  ["COPY c FROM STDIN (NULL E'a\\n')", ""],
  ["COPY c FROM STDIN (QUOTE '\"')", ""],
  ["COPY c FROM STDIN (FORMAT csv, QUOTE 'ab')", ""],
  ["COPY c FROM STDIN (FORMAT csv, QUOTE ',')", ""],
  ["COPY c FROM STDIN (FORMAT csv, ESCAPE 'ab')", ""],
  ["COPY c FROM STDIN (FORMAT csv, FORCE_QUOTE (a))", ""],
  ["COPY c FROM STDIN (FORCE_NULL (a))", ""],
  ["COPY c FROM STDIN (FORMAT csv, FORCE_NULL (nosuch))", ""],
  ["COPY c (a) FROM STDIN (FORMAT csv, FORCE_NOT_NULL (b))", ""],
  ["COPY c FROM STDIN (NULL 'a\tb')", ""],
  ["COPY c FROM STDIN (FORMAT csv, NULL 'a\"b')", ""],
  ["COPY c FROM STDIN (NULL 'x', DEFAULT 'x')", ""],
  ["COPY c FROM STDIN (HEADER 7)", ""],
  ["COPY c FROM STDIN (ON_ERROR maybe)", ""],
  ["COPY c FROM STDIN (REJECT_LIMIT 3)", ""],
  ["COPY c FROM STDIN (ON_ERROR ignore, REJECT_LIMIT 0)", ""],
  ["COPY c FROM STDIN (LOG_VERBOSITY loud)", ""],
  ["COPY c (a, a) FROM STDIN", ""],
  ["COPY c (nosuch) FROM STDIN", ""],
  ["COPY nosuch FROM STDIN", ""],
];

Deno.test({
  ...leaky,
  name: "[U-10] COPY … FROM reads what PostgreSQL reads",
  async fn(): Promise<void> {
    const postgres = await PGlite.create();
    await using db = await open("memory:");
    const wrong: unknown[] = [];
    for (const [sql, data] of CASES) {
      const theirs = await postgresFrom(postgres, sql, data);
      const ours = await ourFrom(db, sql, data);
      if (Deno.inspect(ours) !== Deno.inspect(theirs)) {
        wrong.push({ sql, data, ours, theirs });
      }
    }
    assertEquals(wrong, []);
    await postgres.close();
  },
});

const OUT: readonly string[] = [
  "COPY o TO STDOUT",
  "COPY o (b, a) TO STDOUT",
  "COPY o TO STDOUT (DELIMITER '|', NULL '-', HEADER)",
  "COPY o TO STDOUT CSV",
  "COPY o TO STDOUT CSV HEADER",
  "COPY o TO STDOUT (FORMAT csv, FORCE_QUOTE *, DELIMITER ';', NULL 'nil')",
  "COPY o TO STDOUT (FORMAT csv, FORCE_QUOTE (b), QUOTE '''', ESCAPE '\\')",
  "COPY (SELECT a, b || '!' AS x FROM o WHERE a > 2 ORDER BY a DESC) TO STDOUT CSV HEADER",
  "COPY (VALUES ('\\.'), ('x')) TO STDOUT CSV",
  "COPY (UPDATE o SET a = a RETURNING a) TO STDOUT",
  "COPY (WITH q AS (SELECT 1 AS i) SELECT i FROM q) TO STDOUT",
  "COPY (DELETE FROM o) TO STDOUT",
  "COPY o TO STDOUT (FORMAT csv, FORCE_NULL (a))",
  "COPY o TO STDOUT (FORMAT csv, HEADER match)",
  "COPY o TO STDOUT (ON_ERROR ignore)",
  "COPY o TO STDOUT (DEFAULT 'x')",
  "COPY o (nosuch) TO STDOUT",
];

const ROWS = `CREATE TABLE o (a int, b text, p bool, d timestamptz, j jsonb);
  INSERT INTO o VALUES (1, 'plain', true, '2020-01-01 12:00:00+00', '{"a": [1, "x"]}'),
  (2, E'tab\\tnew\\nline\\\\back', false, NULL, NULL), (3, '', NULL, NULL, '1'),
  (4, 'quo"te, and; |more''s', true, NULL, '"q"'), (5, NULL, NULL, NULL, NULL),
  (6, '\\N', NULL, NULL, NULL), (7, E'car\\rriage\\x0b', NULL, NULL, 'null')`;

Deno.test({
  ...leaky,
  name: "[U-10] COPY … TO writes what PostgreSQL writes",
  async fn(): Promise<void> {
    const postgres = await PGlite.create();
    await postgres.exec(`SET timezone = 'UTC'; ${ROWS}`);
    await using db = await open("memory:");
    await db.exec(ROWS);
    const wrong: unknown[] = [];
    for (const sql of OUT) {
      const theirs = await outcome(async () => {
        const { blob } = await postgres.query(
          sql.replace("STDOUT", "'/dev/blob'"),
        );
        return await blob!.text();
      });
      const ours = await outcome(() => readAll(db.copyTo(sql)));
      if (Deno.inspect(ours) !== Deno.inspect(theirs)) {
        wrong.push({ sql, ours, theirs });
      }
    }
    assertEquals(wrong, []);
    await postgres.close();
  },
});

Deno.test("COPY leaves out generated columns, and checks what it reads", async () => {
  await using db = await open("memory:");
  await db.exec(`CREATE TABLE g (a int CHECK (a > 0), id int GENERATED ALWAYS AS
    IDENTITY, twice int GENERATED ALWAYS AS (a * 2) STORED)`);
  await db.copyFrom("COPY g FROM STDIN", "1\t7\n");
  await db.copyFrom("COPY g (a) FROM STDIN", "2\n");
  assertEquals(await readAll(db.copyTo("COPY g TO STDOUT")), "1\t7\n2\t1\n");
  const { rows } = await db.query("SELECT twice FROM g ORDER BY a");
  assertEquals(rows, [{ twice: 2 }, { twice: 4 }]);
  for (
    const [sql, data, code] of [
      ["COPY g (twice) FROM STDIN", "1\n", "42P10"],
      ["COPY g (a) FROM STDIN", "-1\n", "23514"],
    ] as const
  ) {
    const error = await assertRejects(() => db.copyFrom(sql, data));
    assertEquals((error as Facts).code, code);
  }
});

Deno.test("COPY goes through a table and back, in a transaction", async () => {
  await using db = await open("memory:");
  await db.exec("CREATE TABLE t (id int PRIMARY KEY, s text)");
  const text = Array.from({ length: 5000 }, (_, i) => `${i}\tvalue ${i}\n`)
    .join("");
  const told: number[] = [];
  const result = await db.copyFrom("COPY t FROM STDIN", text, {
    onProgress: ({ rowsDone }) => told.push(rowsDone),
  });
  assertEquals(result.command, "COPY 5000");
  assertEquals(result.affectedRows, 5000);
  assertEquals(told.at(-1), 5000);
  assertEquals(await readAll(db.copyTo("COPY t TO STDOUT")), text);
  await db.transaction(async (tx) => {
    await tx.copyFrom("COPY t (id) FROM STDIN", "7000\n");
    assertEquals(
      await readAll(
        tx.copyTo("COPY (SELECT id FROM t WHERE id > 4998) TO STDOUT"),
      ),
      "4999\n7000\n",
    );
    await tx.rollback();
  });
  const { rows } = await db.query("SELECT max(id) AS max FROM t");
  assertEquals(rows, [{ max: 4999 }]);
});

Deno.test("a COPY that fails leaves nothing, and one that is aborted ends", async () => {
  await using db = await open("memory:");
  await db.exec("CREATE TABLE t (id int PRIMARY KEY)");
  const error = await assertRejects(() =>
    db.copyFrom("COPY t FROM STDIN", "1\n2\n1\n")
  );
  assertEquals((error as Facts).code, "23505");
  const abort = new AbortController();
  let cancelled = false;
  const endless = new ReadableStream<string>({
    pull(controller): Promise<void> | void {
      controller.enqueue("1\n");
      abort.abort(new Error("enough"));
      return new Promise(() => {});
    },
    cancel(): void {
      cancelled = true;
    },
  }, { highWaterMark: 0 });
  await assertRejects(
    () => db.copyFrom("COPY t FROM STDIN", endless, { signal: abort.signal }),
    Error,
    "enough",
  );
  assertEquals(cancelled, true);
  const { rows } = await db.query("SELECT count(*)::int AS n FROM t");
  assertEquals(rows, [{ n: 0 }]);
});

Deno.test("COPY reads and writes files", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await using db = await open("memory:");
    await db.exec("CREATE TABLE t (id int, s text)");
    await db.exec("INSERT INTO t VALUES (1, 'a'), (2, NULL)");
    const path = `${folder}/t.csv`;
    const written = await db.query(`COPY t TO '${path}' CSV HEADER`);
    assertEquals(written.command, "COPY 2");
    assertEquals(await Deno.readTextFile(path), "id,s\n1,a\n2,\n");
    const read = await db.query(`COPY t FROM '${path}' CSV HEADER`);
    assertEquals(read.command, "COPY 2");
    const { rows } = await db.query("SELECT count(*)::int AS n FROM t");
    assertEquals(rows, [{ n: 4 }]);
    const missing = await assertRejects(() =>
      db.query(`COPY t FROM '${folder}/nosuch'`)
    );
    assertEquals((missing as Facts).code, "58P01");
    const relative = await assertRejects(() => db.query("COPY t TO 't.csv'"));
    assertEquals((relative as Facts).code, "42602");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("copyFrom and copyTo take COPY only, and query gives no data", async () => {
  await using db = await open("memory:");
  await db.exec("CREATE TABLE t (id int)");
  for (
    const [work, code] of [
      [() => db.copyFrom("SELECT 1", "1\n"), "42601"],
      [() => db.copyFrom("COPY t TO STDOUT", "1\n"), "42601"],
      [() => readAll(db.copyTo("COPY t FROM STDIN")), "42601"],
      [() => readAll(db.copyTo("SELECT 1")), "42601"],
      [() => db.query("COPY t FROM STDIN"), "0A000"],
      [() => db.query("COPY t TO STDOUT"), "0A000"],
      [() => db.copyFrom("COPY t FROM STDIN", new Uint8Array([0xff])), "22021"],
      [() => db.copyFrom("COPY t FROM STDIN", "1\0\n"), "22021"],
    ] as const
  ) {
    const error = await assertRejects(work as () => Promise<unknown>);
    assertEquals((error as Facts).code, code);
  }
});
