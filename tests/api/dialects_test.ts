/**
 * Statements of other dialects. What SQLite answers is compared with SQLite;
 * what the others would, with their manuals.
 *
 * @module
 */
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Dialect, open, SqlError } from "../../mod.ts";
import { SeededRandom } from "../../testing/seeded_random.ts";
import { testSeed } from "../support/test_seed.ts";

/** A statement, its parameters, and the rows it gives. */
type Case = readonly [string, readonly unknown[], unknown[]];

async function check(dialect: Dialect, cases: readonly Case[]): Promise<void> {
  await using db = await open("memory:", { dialect });
  for (const [text, parameters, rows] of cases) {
    const result = await db.query(text, parameters);
    assertEquals(result.rows, rows as typeof result.rows, text);
  }
}

const none: unknown[] = [];

Deno.test("[K-169] MySQL's statements run", () =>
  check("mysql", [
    [
      `CREATE TABLE \`Users\` (
        id INT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'the "key"',
        name VARCHAR(20) DEFAULT "none", active TINYINT(1) DEFAULT TRUE,
        mood ENUM('sad', 'ok'), born DATETIME, PRIMARY KEY (id),
        KEY by_name (name)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 # the end`,
      none,
      [],
    ],
    [
      "INSERT INTO users (name, mood, born) VALUES (?, 'ok', '2024-02-29 10:20:30'), ('it\\'s', NULL, NULL)",
      ["O'Hara"],
      [],
    ],
    [
      "SELECT id AS UserId, name, IF(active, 'yes', 'no') FROM Users WHERE active AND name LIKE 'o%' ORDER BY UserId LIMIT 0, 5",
      none,
      [{ UserId: 1, name: "O'Hara", case: "yes" }],
    ],
    [
      "INSERT INTO users (id, name) VALUES (1, 'x') ON DUPLICATE KEY UPDATE name = CONCAT(VALUES(name), '-', name)",
      none,
      [],
    ],
    ["INSERT IGNORE INTO users (id, name) VALUES (1, 'y')", none, []],
    ["REPLACE INTO users (id, mood) VALUES (2, 'sad')", none, []],
    [
      "SELECT id, name, mood FROM users ORDER BY id",
      none,
      [
        { id: 1, name: "x-O'Hara", mood: "ok" },
        { id: 2, name: "none", mood: "sad" },
      ],
    ],
    [
      "SELECT COUNT(*) AS n, SUM(id > 1) AS big, 7 DIV 2 AS d, 7 % 4 AS m, CONCAT('a', NULL) AS c, IFNULL(NULL, 3) AS i, 1 / 0 AS z, TRUE + 1 AS t, 3 > 2 AS g FROM users",
      none,
      [{ n: 2, big: 1, d: 3, m: 3, c: null, i: 3, z: null, t: 2, g: 1 }],
    ],
    [
      "SELECT DATE_FORMAT(born, '%d.%m.%y %H:%i') AS f, DATE_FORMAT(DATE_ADD(born, INTERVAL 1 MONTH), '%Y-%m-%d') AS next, DATEDIFF(born, '2024-01-01') AS days, YEAR(born) AS y, DAYOFWEEK(born) AS w FROM users WHERE id = 1",
      none,
      [{ f: "29.02.24 10:20", next: "2024-03-29", days: 59, y: 2024, w: 5 }],
    ],
    [
      "SELECT GROUP_CONCAT(name ORDER BY id DESC SEPARATOR '|') AS g, LENGTH('ä') AS l, CHAR_LENGTH('ä') AS c, SUBSTRING('abcdef', -3, 2) AS s, LOCATE('B', 'abc') AS p, FIELD('b', 'a', 'b') AS f, 'A' REGEXP '^a' AS r FROM users",
      none,
      [{ g: "none|x-O'Hara", l: 2, c: 1, s: "de", p: 2, f: 2, r: 1 }],
    ],
    [
      `SELECT JSON_EXTRACT('{"a": {"b": [1, 2]}}', '$.a.b[1]') AS j`,
      none,
      [{ j: 2 }],
    ],
    ["CREATE TABLE tags (user_id INT, tag TEXT)", none, []],
    ["INSERT INTO tags SET user_id = 2, tag = 'old'", none, []],
    [
      "UPDATE users u JOIN tags t ON t.user_id = u.id SET u.name = t.tag WHERE u.id > ?",
      [1],
      [],
    ],
    [
      "DELETE u FROM users u JOIN tags t ON t.user_id = u.id WHERE t.tag = 'new'",
      none,
      [],
    ],
    ["SELECT name FROM users WHERE id = 2", none, [{ name: "old" }]],
    [
      "WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 3) SELECT n, ROW_NUMBER() OVER (ORDER BY n DESC) AS r FROM c ORDER BY n",
      none,
      [{ n: 1, r: 3 }, { n: 2, r: 2 }, { n: 3, r: 1 }],
    ],
    [
      "ALTER TABLE tags ADD COLUMN n INT DEFAULT 4 AFTER tag, DROP COLUMN user_id",
      none,
      [],
    ],
    ["SELECT * FROM tags", none, [{ tag: "old", n: 4 }]],
  ]));

Deno.test("[K-169] MariaDB's statements run", () =>
  check("mariadb", [
    ["CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, v DOUBLE)", none, []],
    ["INSERT INTO t (v) VALUES (1.5), (2.5)", none, []],
    [
      'SELECT "text" AS s, ROUND(AVG(v), 1) AS a FROM `t`',
      none,
      [{ s: "text", a: "2.0" }],
    ],
  ]));

Deno.test("[K-169] T-SQL's statements run", () =>
  check("tsql", [
    [
      "CREATE TABLE [dbo].[Order] (id INT IDENTITY(1,1) PRIMARY KEY, name NVARCHAR(20) NULL, paid BIT NOT NULL DEFAULT 0, u UNIQUEIDENTIFIER DEFAULT NEWID(), big NVARCHAR(MAX))",
      none,
      [],
    ],
    [
      "INSERT INTO [Order] (name, paid) VALUES (N'Ann', 1), (@p1, 0)",
      ["Bob"],
      [],
    ],
    [
      "SELECT TOP 1 id AS OrderId, name + '!' AS Called, ISNULL(big, '-') AS big FROM dbo.[Order] WITH (NOLOCK) WHERE paid = 0 ORDER BY OrderId",
      none,
      [{ OrderId: 2, Called: "Bob!", big: "-" }],
    ],
    [
      "SELECT name FROM [Order] ORDER BY id OFFSET 1 ROWS FETCH NEXT 5 ROWS ONLY",
      none,
      [{ name: "Bob" }],
    ],
    [
      "SELECT DATEDIFF(day, '2024-01-01', '2024-03-01') AS d, DATEDIFF(month, '2024-01-31', '2024-02-01') AS m, LEN('ab ') AS l, CHARINDEX('B', 'abc') AS c, IIF(1 > 2, 'x', 'y') AS i, STUFF('abcd', 2, 2, 'x') AS s, CONVERT(INT, '7') AS n, 7 / 2 AS q",
      none,
      [{ d: 60, m: 1, l: 2, c: 2, i: "y", s: "axd", n: 7, q: 3 }],
    ],
    [
      "SELECT o.name, z.n FROM [Order] o CROSS APPLY (SELECT TOP 1 o.id * 10 AS n) z ORDER BY o.id",
      none,
      [{ name: "Ann", n: 10 }, { name: "Bob", n: 20 }],
    ],
    [
      "UPDATE [Order] SET name = 'Zoe' FROM [Order] JOIN (SELECT 2 AS k) x ON x.k = [Order].id",
      none,
      [],
    ],
    ["BEGIN TRANSACTION", none, []],
    ["DELETE FROM [Order]", none, []],
    ["ROLLBACK TRANSACTION", none, []],
    ["SELECT name FROM [Order] WHERE id = 2", none, [{ name: "Zoe" }]],
  ]));

Deno.test("[K-169] BigQuery's statements run", () =>
  check("bigquery", [
    [
      "CREATE TABLE t (id INT64 NOT NULL, s STRING, f FLOAT64, tags ARRAY<STRING>)",
      none,
      [],
    ],
    [
      "INSERT INTO t (id, s, f, tags) VALUES (1, \"it's\", 0.5, ['a', 'b']), (2, r'\\d', 2, NULL)",
      none,
      [],
    ],
    [
      "SELECT id AS Id, s, ARRAY_LENGTH(tags) AS n, IF(f > 1, 'big', 'small') AS size FROM `project.public.t` WHERE id < ? ORDER BY Id",
      [3],
      [
        { Id: 1, s: "it's", n: 2, size: "small" },
        { Id: 2, s: "\\d", n: null, size: "big" },
      ],
    ],
    [
      "SELECT COUNTIF(f > 1) AS c, SAFE_DIVIDE(1, 0) AS z, DATE_DIFF(DATE '2024-03-01', DATE '2024-02-01', DAY) AS d, FORMAT_DATE('%d/%m/%Y', DATE '2024-02-29') AS f, CAST('7' AS INT64) AS i, 1 / 2 AS q FROM t",
      none,
      [{
        c: 1,
        z: null,
        d: 29,
        f: "29/02/2024",
        i: 7,
        q: "0.50000000000000000000",
      }],
    ],
    ["SELECT x FROM UNNEST([3, 4]) AS x ORDER BY x", none, [{ x: 3 }, {
      x: 4,
    }]],
    ["UPDATE t SET f = 9 WHERE id = 1", none, []],
    ["DELETE FROM t WHERE id = 2", none, []],
    ["SELECT id, f FROM t UNION DISTINCT SELECT 1, 9", none, [{ id: 1, f: 9 }]],
  ]));

Deno.test("[K-169] Snowflake's statements run", () =>
  check("snowflake", [
    ['CREATE OR REPLACE TABLE T (ID INT, S STRING, "Mixed" INT)', none, []],
    [
      "INSERT INTO t (id, s, \"Mixed\") VALUES (1, 'a', ?), (2, NULL, 4)",
      [3],
      [],
    ],
    [
      "SELECT id::STRING AS i, NVL(s, '-') AS s, IFF(\"Mixed\" > 3, 'x', 'y') AS c, ZEROIFNULL(NULL) AS z FROM t ORDER BY id",
      none,
      [{ i: "1", s: "a", c: "y", z: 0 }, { i: "2", s: "-", c: "x", z: 0 }],
    ],
    [
      "SELECT LISTAGG(id, '+') AS l, DATEDIFF('day', '2024-01-01', '2024-01-31') AS d FROM t",
      none,
      [{ l: "1+2", d: 30 }],
    ],
    ["DELETE FROM t", none, []],
    ["SELECT COUNT(*) AS n FROM t", none, [{ n: 0 }]],
  ]));

/** What both answer. */
const SQLITE: readonly (readonly [string, ...SQLInputValue[]])[] = [
  ['CREATE TABLE "t" (id INTEGER PRIMARY KEY AUTOINCREMENT, n TEXT, v REAL, ok BOOLEAN, CHECK (id > 0))'],
  [
    "INSERT INTO t (n, v, ok) VALUES ('Ann', 1.5, TRUE), (?, 2.5, 0), (NULL, NULL, NULL)",
    "it's",
  ],
  ["INSERT OR IGNORE INTO t (id, n) VALUES (1, 'no')"],
  ["INSERT OR REPLACE INTO t (id, n) VALUES (2, 'Bob')"],
  ["SELECT * FROM t ORDER BY id"],
  ["SELECT id, n FROM t WHERE n LIKE 'a%' OR n GLOB 'B?b' ORDER BY n DESC"],
  ["SELECT n FROM t ORDER BY n"],
  ["SELECT [n] AS Name, `v` FROM t WHERE id == 1 AND v IS 1.5"],
  ["SELECT count(*) AS c, sum(v > 1) AS s, total(v) AS t, max(1, 3, 2) AS m, min(v) AS a, 7 / 2 AS q, 1 / 0 AS z FROM t"],
  ["SELECT ifnull(NULL, 2) AS a, iif(ok, 'y', 'n') AS b, substr('abcdef', -3, 2) AS c, instr('abc', 'c') AS d, 'x' || 1 AS e FROM t WHERE id = 1"],
  ["SELECT group_concat(n, '+') AS g FROM (SELECT n FROM t WHERE n IS NOT NULL ORDER BY id) AS x"],
  ["SELECT date('2024-01-31', '+1 day') AS d, strftime('%Y/%m', '2024-02-29 10:00:00') AS f, datetime('2024-02-29 10:20:30', 'start of month') AS s, unixepoch('2024-02-29 10:20:30') AS u"],
  ["SELECT NOT 0 AS a, 1 = 1 AS b, 2 > 3 AS c, NULL IS NULL AS d, 5 BETWEEN 1 AND 9 AS e, 3 IN (1, 2) AS f"],
  ["SELECT CASE WHEN ok THEN 'a' ELSE 'b' END AS c FROM t ORDER BY id"],
  ["WITH x AS (SELECT 1 AS a UNION SELECT 2) SELECT a FROM x ORDER BY a DESC LIMIT 1 OFFSET 1"],
  ["UPDATE t SET v = v + ? WHERE id = 1", 2],
  ["SELECT v FROM t WHERE id = 1"],
  ["DELETE FROM t WHERE n IS NULL"],
  ["SELECT count(*) AS n FROM t"],
  ["INSERT INTO t (n) VALUES ('new') RETURNING n"],
];

Deno.test("[K-169] SQLite's statements give what SQLite gives", async () => {
  const sqlite = new DatabaseSync(":memory:");
  await using db = await open("memory:", { dialect: "sqlite" });
  for (const [text, ...parameters] of SQLITE) {
    const theirs = sqlite.prepare(text).all(...parameters)
      .map((row) => ({ ...row }));
    const { rows } = await db.query(text, parameters);
    assertEquals(rows, theirs, text);
  }
  sqlite.close();
});

Deno.test("what cannot be translated is an error that names it", async () => {
  await using db = await open("memory:");
  await db.exec("CREATE TABLE t (a int PRIMARY KEY, b int UNIQUE)");
  const cases: readonly (readonly [Dialect, string, string, RegExp])[] = [
    ["mysql", "SELECT MATCH (a) AGAINST ('x') FROM t", "0A000", /FULLTEXT/],
    ["mysql", "SELECT @v", "0A000", /variable @v/],
    ["mysql", "SHOW TABLES", "0A000", /SHOW/],
    ["mysql", "UPDATE t SET a = 1 LIMIT 1", "0A000", /UPDATE … LIMIT/],
    ["mysql", "REPLACE INTO t (a) VALUES (1)", "0A000", /2 unique keys/],
    ["mysql", "CREATE TABLE u (a SET('x'))", "0A000", /SET/],
    ["mysql", "SELECT FROM", "42601", /end of input \(MySQL\)/],
    ["mysql", "SELECT 'x", "42601", /unterminated quoted string/],
    ["mysql", "SELECT /* x", "42601", /unterminated/],
    ["sqlite", "PRAGMA foreign_keys", "42601", /SQLite/],
    ["sqlite", "SELECT date('now', 'weekday 0')", "0A000", /weekday 0/],
    [
      "tsql",
      "SELECT * FROM t PIVOT (SUM(a) FOR b IN ([x])) p",
      "0A000",
      /PIVOT/,
    ],
    ["tsql", "SELECT TOP (3) PERCENT a FROM t", "0A000", /PERCENT/],
    ["tsql", "SELECT a FROM t WHERE a LIKE '[a-z]'", "0A000", /LIKE/],
    ["bigquery", "SELECT SAFE_CAST(a AS INT64) FROM t", "0A000", /SAFE_CAST/],
    ["bigquery", "SELECT STRUCT(1 AS a)", "0A000", /STRUCT/],
    ["snowflake", "SELECT b:c FROM t", "0A000", /path with :/],
    ["snowflake", "SELECT TRY_CAST(a AS INT) FROM t", "0A000", /TRY_CAST/],
    ["oracle" as Dialect, "SELECT 1", "22023", /no dialect "oracle"/],
  ];
  for (const [dialect, text, code, message] of cases) {
    const error = await assertRejects(
      () => db.query(text, [], { dialect }),
      SqlError,
    );
    assertEquals(error.code, code, `${text}: ${error.message}`);
    assert(message.test(error.message), `${text}: ${error.message}`);
  }
  const error = await assertRejects(
    () => db.query("SELECT `Nope` FROM t", [], { dialect: "mysql" }),
    SqlError,
  );
  assertEquals(
    [error.code, error.position, error.where],
    [
      "42703",
      undefined,
      'in PostgreSQL\'s words: SELECT nope AS "Nope" FROM t',
    ],
  );
});

Deno.test("exec, stream and a transaction take a dialect too", async () => {
  await using db = await open("memory:");
  const dialect = "mysql";
  const results = await db.exec(
    "CREATE TABLE t (a INT, KEY (a)); INSERT INTO t VALUES (1), (2); # two",
    { dialect },
  );
  assertEquals(results.length, 3);
  const rows = [];
  for await (
    const row of db.stream("SELECT `a` FROM t ORDER BY a", [], { dialect })
  ) {
    rows.push(row);
  }
  assertEquals(rows, [{ a: 1 }, { a: 2 }]);
  await db.transaction(async (tx) => {
    await tx.query("DELETE FROM t WHERE a = ?", [1], { dialect });
    await tx.rollback();
  });
  const { rows: [row] } = await db.query("SELECT count(*)::int AS n FROM t");
  assertEquals(row, { n: 2 });
});

Deno.test("mutated statements of every dialect are translated or refused", async () => {
  const { translate } = await import("../../sql/dialect/translate.ts");
  const random = new SeededRandom(testSeed());
  const texts: [string, ...string[]] = [
    'SELECT a, `b`, "c", [d] FROM t u LEFT JOIN v USING (x) WHERE a IN (1, 2) GROUP BY a HAVING count(*) > 1 ORDER BY 1 LIMIT 3',
    "INSERT INTO t (a, b) VALUES (1, 'x'), (?, NULL) ON DUPLICATE KEY UPDATE a = VALUES(a)",
    "CREATE TABLE t (a INT PRIMARY KEY, b VARCHAR(3) DEFAULT 'x', FOREIGN KEY (a) REFERENCES u (b))",
    "UPDATE t SET a = CASE WHEN b THEN 1 END FROM u WHERE t.id = u.id",
    ...SQLITE.map(([text]) => text),
    ...SQLITE.map(([text]) => text),
  ];
  const catalog = { table: () => undefined };
  const dialects: [Dialect, ...Dialect[]] = [
    "mysql",
    "mariadb",
    "sqlite",
    "tsql",
    "bigquery",
    "snowflake",
  ];
  for (let i = 0; i < 600; i++) {
    const parts = random.pick(texts).split(/\b/);
    for (let k = random.below(4); k > 0; k--) {
      const at = random.below(parts.length);
      const other = random.pick(random.pick(texts).split(/\b/) as [string]);
      parts.splice(at, random.below(3), ...random.chance(0.5) ? [other] : []);
    }
    const text = parts.join("");
    try {
      await translate(text, random.pick(dialects), catalog);
    } catch (error) {
      assert(error instanceof SqlError, `${text}: ${(error as Error).stack}`);
      assert(/^(42601|0A000|54000)$/.test(error.code), error.code);
    }
  }
});
