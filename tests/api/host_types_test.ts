/** Types that an application writes in TypeScript. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Database, open, SqlError } from "../../mod.ts";

/** Versions: text, ordered by their numbers. */
async function defineVersions(db: Database): Promise<void> {
  await db.type("semver", {
    input: (text) => {
      if (/^\d+\.\d+\.\d+$/.test(text)) return text;
      throw new SqlError(
        "22P02",
        `invalid input syntax for type semver: "${text}"`,
      );
    },
    output: (version) => version,
    order: { type: "int[]", key: (version) => version.split(".").map(Number) },
  });
}

async function columnOf(db: Database, sql: string): Promise<unknown[]> {
  const { rows } = await db.query<unknown[]>(sql, [], { rowMode: "array" });
  return rows.map(([value]) => value);
}

async function codeOf(run: Promise<unknown>): Promise<string | undefined> {
  return (await assertRejects(() => run, SqlError)).code;
}

Deno.test("[K-169] a type of an application has its own order everywhere", async () => {
  await using db = await open("memory:");
  await defineVersions(db);
  await db.exec(`
    CREATE TABLE releases (id int, version semver PRIMARY KEY);
    INSERT INTO releases VALUES
      (1, '1.10.0'), (2, '1.9.2'), (3, '0.12.0'), (4, '10.0.0');
  `);
  const ordered = ["0.12.0", "1.9.2", "1.10.0", "10.0.0"];
  assertEquals(
    await columnOf(db, "SELECT version FROM releases ORDER BY version"),
    ordered,
  );
  assertEquals(
    await columnOf(
      db,
      "SELECT version FROM releases WHERE version BETWEEN '1.0.0' AND '9.9.9' ORDER BY 1 DESC",
    ),
    ["1.10.0", "1.9.2"],
  );
  assertEquals(
    await columnOf(
      db,
      "SELECT min(version)::text || max(version) FROM releases",
    ),
    ["0.12.010.0.0"],
  );
  // Equal keys are equal values, however they are written.
  assertEquals(
    await codeOf(db.query("INSERT INTO releases VALUES (5, '01.10.00')")),
    "23505",
  );
  assertEquals(
    await columnOf(
      db,
      "SELECT count(*)::int FROM (VALUES ('1.2.3'::semver), ('1.02.3')) v (x) GROUP BY x",
    ),
    [2],
  );
  assertEquals(
    await columnOf(
      db,
      "SELECT array_agg(version ORDER BY version)::text FROM releases",
    ),
    [`{${ordered.join(",")}}`],
  );
  assertEquals(
    await columnOf(db, "SELECT '{1.9.0,1.10.0}'::semver[] < '{1.10.0}'"),
    [true],
  );
  const { rows: [plan] } = await db.query<Record<string, string>>(
    "EXPLAIN SELECT id FROM releases WHERE version = '1.9.2'",
  );
  assert(plan!["QUERY PLAN"]!.includes("Index Scan using releases_pkey"));
});

Deno.test("[K-169] a type of an application is there after reopening", async () => {
  const folder = await Deno.makeTempDir();
  try {
    {
      await using db = await open(`file:${folder}`);
      await defineVersions(db);
      await db.exec(`
        CREATE TABLE releases (id int PRIMARY KEY, version semver);
        CREATE TABLE indexed (version semver UNIQUE);
        CREATE DOMAIN stable AS semver CHECK (VALUE >= '1.0.0');
        INSERT INTO releases VALUES (1, '1.10.0'), (2, '1.9.2');
        INSERT INTO indexed SELECT version FROM releases;
      `);
    }
    await using db = await open(`file:${folder}`);
    // Rows are there around it.
    assertEquals(await columnOf(db, "SELECT id FROM releases ORDER BY id"), [
      1,
      2,
    ]);
    await db.exec("UPDATE releases SET id = 3 WHERE id = 2; ANALYZE");
    const missing = await assertRejects(
      () => db.query("SELECT version FROM releases"),
      SqlError,
      'type "semver" is defined by the application',
    );
    assertEquals(missing.code, "55000");
    for (
      const sql of [
        "INSERT INTO releases VALUES (9, '1.0.0')",
        "SELECT id FROM releases WHERE version > '1.9.9'",
        "SELECT id FROM releases ORDER BY version",
      ]
    ) assertEquals(await codeOf(db.query(sql)), "55000", sql);
    await defineVersions(db);
    assertEquals(
      await codeOf(db.query("INSERT INTO indexed VALUES ('1.09.2')")),
      "23505",
    );
    assertEquals(
      await columnOf(
        db,
        "SELECT id FROM releases WHERE version > '1.9.9' ORDER BY version",
      ),
      [1],
    );
    assertEquals(await columnOf(db, "SELECT '1.2.3'::stable::text"), ["1.2.3"]);
    assertEquals(await codeOf(db.query("SELECT '0.2.3'::stable")), "23514");
    assertEquals(
      await codeOf(db.exec("DROP TYPE semver")),
      "2BP01",
    );
    await db.exec("DROP TYPE semver CASCADE");
    assertEquals(
      await columnOf(
        db,
        "SELECT count(*)::int FROM pg_type WHERE typname ~ 'semver'",
      ),
      [0],
    );
    // It can be made anew.
    await defineVersions(db);
    assertEquals(await columnOf(db, "SELECT '3.2.1'::semver < '3.10.0'"), [
      true,
    ]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("values of a type are what the application says", async () => {
  await using db = await open("memory:");
  class Color {
    constructor(readonly rgb: number) {}
  }
  await db.type("color", {
    storedAs: "int",
    input: (text) => {
      if (!/^#[0-9a-f]{6}$/i.test(text)) throw new Error(`no color: ${text}`);
      return parseInt(text.slice(1), 16);
    },
    output: (rgb) => `#${rgb.toString(16).padStart(6, "0")}`,
    order: "stored",
    fromJs: (value) => {
      if (value instanceof Color) return value.rgb;
      throw new Error("no color");
    },
    toJs: (rgb) => new Color(rgb),
    send: (rgb) => Uint8Array.of(rgb >> 16, rgb >> 8, rgb),
    receive: ([r, g, b]) => r! << 16 | g! << 8 | b!,
  });
  await db.exec("CREATE TABLE pens (c color, others color[])");
  await db.query("INSERT INTO pens VALUES ($1, $2)", [
    new Color(0xff0000),
    [new Color(1), null],
  ]);
  const { rows } = await db.query("SELECT c, others, c::text AS t FROM pens");
  assertEquals(rows, [{
    c: new Color(0xff0000),
    others: [new Color(1), null],
    t: "#ff0000",
  }]);
  const { rows: texts } = await db.query("SELECT c FROM pens", [], {
    resultFormat: "text",
  });
  assertEquals(texts, [{ c: "#ff0000" }]);
  // COPY in both forms.
  for (const format of ["text", "csv", "binary"]) {
    const copy = db.copyTo(
      `COPY (SELECT c FROM pens LIMIT 1) TO STDOUT (FORMAT ${format})`,
    );
    const bytes = await new Response(copy).bytes();
    await db.copyFrom(`COPY pens (c) FROM STDIN (FORMAT ${format})`, bytes);
  }
  assertEquals(
    await columnOf(db, "SELECT DISTINCT c::text FROM pens"),
    ["#ff0000"],
  );
  assertEquals(await columnOf(db, "SELECT count(*)::int FROM pens"), [4]);
  const broken = await assertRejects(
    () => db.query("SELECT 'red'::color"),
    SqlError,
    "no color: red",
  );
  assertEquals(broken.code, "38000");
  assertEquals(await codeOf(db.query("SELECT $1::color", ["x"])), "38000");
});

Deno.test("a type without an order is not compared", async () => {
  await using db = await open("memory:");
  await db.type("blob", { input: (text) => text, output: (text) => text });
  await db.exec("CREATE TABLE t (b blob)");
  await db.exec("INSERT INTO t VALUES ('x')");
  assertEquals(await codeOf(db.query("SELECT DISTINCT b FROM t")), "42883");
  assertEquals(await codeOf(db.query("SELECT * FROM t WHERE b = b")), "42883");
  assertEquals(await codeOf(db.query("SELECT * FROM t ORDER BY b")), "42883");
  assertEquals(await codeOf(db.exec("CREATE INDEX ON t (b)")), "42704");
  assertEquals(await codeOf(db.exec("ALTER TABLE t ADD UNIQUE (b)")), "42704");
});

Deno.test("modifiers of a type fit its values", async () => {
  await using db = await open("memory:");
  await db.type("tag", {
    input: (text) => text.trim(),
    output: (tag) => tag,
    order: "stored",
    modifiers: {
      input: ([length]) => length!,
      fit: (tag, length, explicit) => {
        if (tag.length <= length || explicit) return tag.slice(0, length);
        throw new SqlError("22001", `tag too long for tag(${length})`);
      },
    },
  });
  await db.exec("CREATE TABLE t (a tag(3))");
  await db.exec("INSERT INTO t VALUES (' ab ')");
  assertEquals(await columnOf(db, "SELECT a FROM t"), ["ab"]);
  assertEquals(await codeOf(db.exec("INSERT INTO t VALUES ('abcd')")), "22001");
  assertEquals(await columnOf(db, "SELECT 'abcd'::tag(2)"), ["ab"]);
  assertEquals(
    await columnOf(
      db,
      "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 't'::regclass AND attnum > 0",
    ),
    ["tag(3)"],
  );
});

Deno.test("what a type of an application is cannot change", async () => {
  await using db = await open("memory:");
  const text = { input: (t: string) => t, output: (t: string) => t };
  await db.type("code", { ...text, order: "stored" });
  const again = (options: object): Promise<string | undefined> =>
    codeOf(db.type("code", { ...text, ...options }));
  assertEquals(await again({}), "42804");
  assertEquals(
    await again({ order: { type: "int", key: () => 1 } }),
    "42804",
  );
  assertEquals(
    await codeOf(
      db.type("code", {
        storedAs: "int",
        input: Number,
        output: String,
        order: "stored",
      }),
    ),
    "42804",
  );
  assertEquals(await codeOf(db.type("int4", text)), "42710");
  await db.exec("CREATE TYPE mood AS ENUM ('sad')");
  assertEquals(await codeOf(db.type("mood", text)), "42710");
  assertEquals(
    await codeOf(db.type("x", { ...text, schema: "nowhere" })),
    "3F000",
  );
  await db.type("code", { ...text, order: "stored", category: "S" });
  assertEquals(
    await columnOf(
      db,
      "SELECT concat(typtype, typcategory) FROM pg_type WHERE typname = 'code'",
    ),
    ["bS"],
  );
});

Deno.test("a type of an application is named as others are", async () => {
  await using db = await open("memory:");
  await defineVersions(db);
  await db.exec(`
    CREATE TABLE t (v semver DEFAULT '1.0.0', w semver[]);
    CREATE VIEW newer AS SELECT v FROM t WHERE v > '0.9.0'::semver;
    INSERT INTO t DEFAULT VALUES;
    ALTER TYPE semver RENAME TO version;
    CREATE SCHEMA app;
    ALTER TYPE version SET SCHEMA app;
    COMMENT ON TYPE app.version IS 'three numbers';
  `);
  assertEquals(await columnOf(db, "SELECT v FROM newer"), ["1.0.0"]);
  assertEquals(
    await columnOf(
      db,
      "SELECT format_type(atttypid, -1) FROM pg_attribute WHERE attrelid = 't'::regclass AND attnum > 0 ORDER BY attnum",
    ),
    ["app.version", "app.version[]"],
  );
  assertEquals(
    await columnOf(db, "SELECT obj_description('app.version'::regtype)"),
    ["three numbers"],
  );
  assertEquals(await columnOf(db, "SELECT pg_typeof(v)::text FROM t"), [
    "app.version",
  ]);
});

Deno.test("functions take types of an application", async () => {
  await using db = await open("memory:");
  await defineVersions(db);
  db.function(
    "major",
    { arguments: ["semver"], returns: "int", volatility: "immutable" },
    (version) => Number(String(version).split(".")[0]),
  );
  db.operator(
    "~>",
    { left: "semver", right: "semver", returns: "boolean", strict: true },
    (a, b) => String(a).split(".")[0] === String(b).split(".")[0],
  );
  await db.exec(`
    CREATE FUNCTION next_major(v semver) RETURNS semver LANGUAGE sql AS
      $$ SELECT (major(v) + 1 || '.0.0')::semver $$
  `);
  assertEquals(
    await columnOf(
      db,
      "SELECT major('3.2.1') || ' ' || next_major('3.2.1') || ' ' || ('1.2.3'::semver ~> '1.9.0')",
    ),
    ["3 4.0.0 true"],
  );
});
