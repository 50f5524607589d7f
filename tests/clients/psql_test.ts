import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { hasProgram, runProgram } from "../support/programs.ts";
import { withServed } from "../support/served_database.ts";

const SCHEMA = `
CREATE TABLE authors (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE books (
  id serial PRIMARY KEY,
  author int REFERENCES authors,
  title varchar(80) DEFAULT 'untitled' CHECK (title <> ''),
  out date
);
CREATE INDEX by_title ON books (title);
CREATE VIEW titles AS SELECT title FROM books;
CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS 'SELECT n * 2';
COMMENT ON TABLE books IS 'what was written';
CREATE TABLE parts (k int) PARTITION BY RANGE (k);
CREATE TABLE parts_low PARTITION OF parts FOR VALUES FROM (0) TO (10);
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE DOMAIN short AS varchar(5);
`;

/** What psql prints for some input; the test is one of psql, if it is there. */
async function psql(port: number, input: string): Promise<string> {
  const { out, error } = await runProgram("psql", ["-X"], { port, input });
  return error + out;
}

if (hasProgram("psql")) {
  Deno.test("[K-130] psql runs statements, and shows rows, tags, notices and errors", async () => {
    await withServed(async ({ port }) => {
      const said = await psql(
        port,
        `CREATE TABLE t (id int PRIMARY KEY, made date);
INSERT INTO t VALUES (1, '2024-02-29'), (2, NULL);
\\pset null (none)
SELECT * FROM t ORDER BY id;
INSERT INTO t VALUES (1);
SELECT nothing FROM t;
DROP TABLE IF EXISTS other;
BEGIN;
SELECT 1/0;
SELECT 1;
ROLLBACK;
\\timing on
SELECT 2 AS two \\gx
`,
      );
      for (
        const part of [
          "CREATE TABLE\nINSERT 0 2\n",
          " id |    made    \n----+------------\n  1 | 2024-02-29\n  2 | (none)\n(2 rows)\n",
          'ERROR:  duplicate key value violates unique constraint "t_pkey"\nDETAIL:  Key (id)=(1) already exists.\n',
          'ERROR:  column "nothing" does not exist\nLINE 1: SELECT nothing FROM t;\n               ^\n',
          'NOTICE:  table "other" does not exist, skipping\n',
          "ERROR:  division by zero\nERROR:  current transaction is aborted",
          "-[ RECORD 1 ]\ntwo | 2\n",
          "Time: ",
        ]
      ) assertStringIncludes(said, part);
    });
  });

  Deno.test("[K-130, O-006] psql describes tables, indexes, views, functions, schemas, roles, types, settings", async () => {
    await withServed(async ({ port, db }) => {
      await db.exec(SCHEMA);
      const described = await psql(
        port,
        "\\d books\n\\d authors\n\\d+ titles\n",
      );
      for (
        const part of [
          'Table "public.books"',
          " id     | integer               |           | not null | nextval('books_id_seq'::regclass)",
          "'untitled'::character varying",
          '    "books_pkey" PRIMARY KEY, btree (id)\n    "by_title" btree (title)',
          "Check constraints:",
          '    "books_author_fkey" FOREIGN KEY (author) REFERENCES authors(id)',
          'TABLE "books" CONSTRAINT "books_author_fkey"',
          'View "public.titles"',
          "View definition:\n SELECT",
        ]
      ) assertStringIncludes(described, part);
      const commands: [string, string][] = [
        ["\\dt+", "what was written"],
        ["\\di", "by_title"],
        ["\\df", "twice"],
        ["\\dv", "titles"],
        ["\\ds", "books_id_seq"],
        ["\\dn", "public"],
        ["\\du", "postgres"],
        ["\\dT", "List of data types"],
        ["\\dx", "List of installed extensions"],
        ["\\dp", "Access privileges"],
        ["\\d", "List of relations"],
        ["\\do", "List of operators"],
        ["\\sf twice", "CREATE OR REPLACE FUNCTION public.twice"],
        ["\\dconfig work_mem", "work_mem"],
        ["\\d+ books", "Access method: lsm_s3"],
        ["\\d parts", "Number of partitions: 1"],
        [
          "\\d+ parts_low",
          "Partition constraint: ((k IS NOT NULL) AND (k >= 0) AND (k < 10))",
        ],
        ["\\dP", "parts"],
        ["\\dT+ mood", "bad"],
        ["\\dD", "short"],
        ["\\df+ twice", "SELECT n * 2"],
        ["\\dn+", "standard public schema"],
        ["\\sv titles", "CREATE OR REPLACE VIEW public.titles"],
        ["\\dp books", "Access privileges"],
        ["\\ddp", "Default access privileges"],
        ["\\drds", "Did not find any settings."],
        ["\\dL", "plpgsql"],
        ["\\dC", "List of casts"],
        ["\\dm", "Did not find any relations."],
      ];
      for (const [command, part] of commands) {
        const said = await psql(port, `${command}\n`);
        assert(!said.includes("ERROR"), `${command}: ${said}`);
        assertStringIncludes(said, part, command);
      }
    });
  });

  Deno.test("[K-130] psql copies in and out, text, CSV and binary", async () => {
    await withServed(async ({ port }) => {
      const folder = await Deno.makeTempDir();
      try {
        await Deno.writeTextFile(`${folder}/t.csv`, '1,"a\nb"\n2,\n');
        const said = await psql(
          port,
          `CREATE TABLE t (id int, name text);
\\copy t FROM '${folder}/t.csv' csv
\\copy t TO '${folder}/t.bin' binary
\\copy t FROM '${folder}/t.bin' binary
COPY t TO STDOUT;
COPY (SELECT name FROM t ORDER BY id LIMIT 1) TO STDOUT (FORMAT csv, HEADER);
`,
        );
        assertEquals(
          said.split("\n").slice(1, 4),
          ["COPY 2", "COPY 2", "COPY 2"],
          said,
        );
        assertStringIncludes(said, "1\ta\\nb\n2\t\\N\n1\ta\\nb\n2\t\\N\n");
        assertStringIncludes(said, 'name\n"a\nb"\n');
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    });
  });

  Deno.test("psql proves its password, with TLS and without", async () => {
    const cert = await Deno.readTextFile(
      new URL("../support/localhost_cert.pem", import.meta.url),
    );
    const key = await Deno.readTextFile(
      new URL("../support/localhost_key.pem", import.meta.url),
    );
    const users = { postgres: "a pass, word=ß" };
    await withServed(async ({ port }) => {
      const run = (env: Record<string, string>): Promise<string> =>
        runProgram("psql", ["-X", "-w", "-c", "SELECT 6 * 7 AS n"], {
          port,
          env,
        }).then(({ out, error }) => out + error);
      for (const PGSSLMODE of ["disable", "require"]) {
        const right = await run({ PGPASSWORD: users.postgres, PGSSLMODE });
        assertStringIncludes(right, " 42\n");
        const wrong = await run({ PGPASSWORD: "other", PGSSLMODE });
        assertStringIncludes(
          wrong,
          'FATAL:  password authentication failed for user "postgres"',
        );
        const nobody = await run({ PGUSER: "x", PGPASSWORD: "x", PGSSLMODE });
        assertStringIncludes(
          nobody,
          'FATAL:  password authentication failed for user "x"',
        );
      }
    }, { users, tls: { cert, key } });
  });
} else {
  Deno.test("psql is not there: apt-get install -y postgresql-client-15", () => {
    assert(!hasProgram("psql"));
  });
}

if (hasProgram("pgbench")) {
  Deno.test("[K-130] pgbench fills its tables and runs its scripts, simple, extended and prepared", async () => {
    await withServed(async ({ port, db }) => {
      const bench = async (...args: string[]): Promise<string> => {
        const { code, out, error } = await runProgram("pgbench", args, {
          port,
        });
        assertEquals(code, 0, out + error);
        assertStringIncludes(out + error, args[0] === "-i" ? "done in" : "tps");
        return out;
      };
      await bench("-i", "-s", "1", "-q");
      for (const mode of ["simple", "extended", "prepared"]) {
        const transactions = ["-n", "-M", mode, "-t", "5", "-c", "2"];
        await bench(...transactions, "-S");
        const out = await bench(...transactions);
        assertStringIncludes(out, "actually processed: 10/10");
      }
      const { rows } = await db.query<Record<string, unknown>>(
        `SELECT (SELECT sum(abalance) FROM pgbench_accounts) = sum(delta) AS accounts,
           (SELECT sum(bbalance) FROM pgbench_branches) = sum(delta) AS branches,
           count(*)::int AS n FROM pgbench_history`,
      );
      assertEquals(rows, [{ accounts: true, branches: true, n: 30 }]);
    });
  });
} else {
  Deno.test("pgbench is not there: apt-get install -y postgresql-contrib-15", () => {
    assert(!hasProgram("pgbench"));
  });
}
