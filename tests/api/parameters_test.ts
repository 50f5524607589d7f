import { assert, assertEquals } from "@std/assert";
import { type Database, open } from "../../mod.ts";
import { rejectsWith } from "../support/databases.ts";

/** What `$1::type` gives back for a value. */
async function roundTrip(
  db: Database,
  type: string,
  value: unknown,
): Promise<unknown> {
  const { rows } = await db.query(`SELECT $1::${type} AS x`, [value]);
  return rows[0]!["x"];
}

/** Type, what goes in, what comes back. */
type Case = readonly [type: string, given: unknown, back: unknown];

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const floats = (...values: number[]): Float32Array => Float32Array.from(values);

const CASES: readonly Case[] = [
  ["smallint", 32767, 32767],
  ["smallint", "-32768", -32768],
  ["int", 2147483647, 2147483647],
  ["int", -5n, -5],
  ["int", " 42 ", 42],
  ["bigint", 5, 5],
  ["bigint", 9007199254740991, 9007199254740991],
  ["bigint", 9007199254740993n, 9007199254740993n],
  ["bigint", -9223372036854775808n, -9223372036854775808n],
  ["bigint", "9223372036854775807", 9223372036854775807n],
  ["real", 1.5, 1.5],
  ["real", 0.1, Math.fround(0.1)],
  ["real", NaN, NaN],
  ["double precision", Math.PI, Math.PI],
  ["double precision", -Infinity, -Infinity],
  ["double precision", "1e-300", 1e-300],
  ["double precision", -0, -0],
  [
    "numeric",
    "123456789012345678901234567890.50",
    "123456789012345678901234567890.50",
  ],
  ["numeric", 1.25, "1.25"],
  ["numeric", 10n ** 30n, `1${"0".repeat(30)}`],
  ["text", "plain", "plain"],
  ["text", "", ""],
  ["text", "quote ' \" \\ and \u{1F30A} \n", "quote ' \" \\ and \u{1F30A} \n"],
  ["text", 1.5, "1.5"],
  ["text", true, "true"],
  ["text", 12n, "12"],
  ["varchar(3)", "abc", "abc"],
  ["varchar(3)", "abcdef", "abc"],
  ["boolean", true, true],
  ["boolean", false, false],
  ["boolean", "yes", true],
  ["boolean", "off", false],
  ["boolean", 1, true],
  ["boolean", 0, false],
  [
    "timestamptz",
    new Date("2024-02-29T12:34:56.789Z"),
    new Date("2024-02-29T12:34:56.789Z"),
  ],
  ["timestamptz", new Date(-1), new Date(-1)],
  [
    "timestamptz",
    "2024-02-29 12:00:00+05:30",
    new Date("2024-02-29T06:30:00Z"),
  ],
  [
    "timestamptz",
    new Date("+010000-01-01T00:00:00Z"),
    new Date("+010000-01-01T00:00:00Z"),
  ],
  [
    "uuid",
    "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11",
    "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
  ],
  [
    "uuid",
    "{a0eebc999c0b4ef8bb6d6bb9bd380a11}",
    "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
  ],
  ["bytea", bytes(0, 1, 255), bytes(0, 1, 255)],
  ["bytea", bytes(9, 8, 7).subarray(1), bytes(8, 7)],
  ["bytea", bytes(1, 2).buffer, bytes(1, 2)],
  ["bytea", bytes(), bytes()],
  ["bytea", "\\xDEad", bytes(0xde, 0xad)],
  ["jsonb", { b: [1, null, { c: "x" }], a: 1.5 }, {
    a: 1.5,
    b: [1, null, { c: "x" }],
  }],
  ["jsonb", [1, "two", false], [1, "two", false]],
  ["jsonb", '{"k": "text of JSON"}', { k: "text of JSON" }],
  ["jsonb", '"a string"', "a string"],
  ["jsonb", 5, 5],
  ["jsonb", true, true],
  ["vector", floats(1, 2.5, -3), floats(1, 2.5, -3)],
  ["vector", [1, 2.5, -3], floats(1, 2.5, -3)],
  ["vector", "[1, 2.5,-3]", floats(1, 2.5, -3)],
  ["vector", new Float64Array([1, 2]), floats(1, 2)],
  ["vector", floats(9, 1, 2).subarray(1), floats(1, 2)],
  ["LsmVector(2)", [0.1, 0.2], floats(0.1, 0.2)],
];

Deno.test("[K-118] every type takes JavaScript's values and gives them back", async () => {
  await using db = await open("memory:");
  for (const [type, given, back] of CASES) {
    const label = `${type} from ${Deno.inspect(given)}`;
    assertEquals(await roundTrip(db, type, given), back, label);
    assertEquals(await roundTrip(db, type, null), null, `${type} NULL`);
    assertEquals(await roundTrip(db, type, undefined), null, `${type} NULL`);
  }
});

Deno.test("[K-118] what is stored comes back, also after a reopen", async () => {
  const types = [...new Set(CASES.map(([type]) => type))];
  const columns = types.map((type, i) => `c${i} ${type}`);
  const name = `memory:parameters-${crypto.randomUUID()}`;
  const stored: [number, unknown][] = [];
  await using keeper = await open(name, { readOnly: false });
  await keeper.exec(
    `CREATE TABLE t (id int PRIMARY KEY, ${columns.join(", ")})`,
  );
  for (const [i, [type, given, back]] of CASES.entries()) {
    const column = `c${types.indexOf(type)}`;
    await keeper.query(
      `INSERT INTO t (id, ${column}) VALUES ($1, $2::${type})`,
      [
        i,
        given,
      ],
    );
    stored.push([i, back]);
  }
  await keeper.query("SELECT lsm_s3_flush()");
  await using db = await open(name, { takeover: true });
  for (const [i, back] of stored) {
    const column = `c${types.indexOf(CASES[i]![0])}`;
    const { rows } = await db.query(
      `SELECT ${column} AS x FROM t WHERE id = $1`,
      [i],
    );
    assertEquals(rows[0]!["x"], back, `${CASES[i]}`);
  }
});

/** Type, what goes in, SQLSTATE, message. */
type BadCase = readonly [
  type: string,
  given: unknown,
  code: string,
  message?: string,
];

const BAD_CASES: readonly BadCase[] = [
  ["int", 1.5, "22P02", 'invalid input syntax for type integer: "1.5"'],
  ["int", "one", "22P02", 'invalid input syntax for type integer: "one"'],
  ["int", true, "22P02"],
  ["int", new Date(0), "22P02"],
  ["int", { a: 1 }, "22P02"],
  ["int", NaN, "22P02"],
  ["int", 2 ** 31, "22003"],
  [
    "smallint",
    32768,
    "22003",
    'value "32768" is out of range for type smallint',
  ],
  ["bigint", 2n ** 63n, "22003"],
  ["bigint", 1e20, "22003"],
  ["double precision", "x", "22P02"],
  ["double precision", "1e999", "22003"],
  ["boolean", "perhaps", "22P02"],
  ["boolean", 2, "22P02"],
  ["text", "zero \0 byte", "22021"],
  ["text", "half \ud83d a pair", "22021"],
  [
    "timestamptz",
    new Date(NaN),
    "22023",
    "cannot use an invalid date as a parameter",
  ],
  ["timestamptz", "not a time", "22007"],
  ["timestamptz", "2024-02-30", "22008"],
  [
    "uuid",
    "not-a-uuid",
    "22P02",
    'invalid input syntax for type uuid: "not-a-uuid"',
  ],
  ["bytea", "\\xzz", "22023", 'invalid hexadecimal digit: "z"'],
  ["jsonb", "{bad", "22P02", "invalid input syntax for type json"],
  ["jsonb", { n: 1n }, "22023"],
  ["vector", [1, NaN], "22000", "NaN not allowed in vector"],
  [
    "vector",
    floats(1, Infinity),
    "22000",
    "infinite value not allowed in vector",
  ],
  ["vector", "[1e39]", "22003", '"1e39" is out of range for type vector'],
  ["vector", [], "22000", "vector must have at least 1 dimension"],
  ["vector", "[1,", "22P02", 'invalid input syntax for type vector: "[1,"'],
  ["vector", ["a", "b"], "22P02"],
  ["vector(2)", [1, 2, 3], "22000", "expected 2 dimensions, not 3"],
  ["text", Symbol("s"), "22023"],
  ["int", () => 1, "22023", "cannot use a function as a parameter"],
];

Deno.test("a value that does not fit its type is refused, and the next is taken", async () => {
  await using db = await open("memory:");
  for (const [type, given, code, message] of BAD_CASES) {
    await rejectsWith(
      db.query(`SELECT $1::${type}`, [given]),
      code,
      message === undefined ? {} : { message },
    );
  }
  assertEquals(await roundTrip(db, "int", 1), 1);
});

Deno.test("bigints beyond 2^53 stay exact on every way", async () => {
  await using db = await open("memory:");
  await db.exec("CREATE TABLE t (id bigint PRIMARY KEY, n bigint)");
  const large = [
    9007199254740991n,
    9007199254740992n,
    9007199254740993n,
    -9007199254740993n,
    9223372036854775807n,
    -9223372036854775808n,
  ];
  for (const value of large) {
    await db.query("INSERT INTO t VALUES ($1, $1)", [value]);
  }
  for (const value of large) {
    const { rows } = await db.query("SELECT n FROM t WHERE id = $1", [value]);
    assertEquals(rows.length, 1);
    assertEquals(BigInt(rows[0]!["n"] as bigint), value);
  }
  const sum = await db.query(
    "SELECT n + 1 AS next FROM t WHERE id = 9007199254740992",
  );
  assertEquals(sum.rows, [{ next: 9007199254740993n }]);
  const order = await db.query("SELECT id FROM t ORDER BY id", [], {
    rowMode: "array",
    resultFormat: "text",
  });
  assertEquals(
    order.rows as unknown,
    large.toSorted((a, b) => a < b ? -1 : 1).map((value) => [String(value)]),
  );
});

Deno.test("a vector that is given or got is nobody else's memory", async () => {
  await using db = await open("memory:");
  await db.exec("CREATE TABLE t (id int PRIMARY KEY, e vector(2), b bytea)");
  const given = floats(1, 2);
  const blob = bytes(1, 2);
  const inserting = db.query("INSERT INTO t VALUES (1, $1, $2)", [given, blob]);
  given[0] = 99;
  blob[0] = 99;
  await inserting;
  given[1] = 99;
  const read = async (): Promise<Record<string, unknown>> =>
    (await db.query("SELECT e, b FROM t")).rows[0]!;
  const first = await read();
  (first["e"] as Float32Array)[0] = 77;
  (first["b"] as Uint8Array)[0] = 77;
  assertEquals(await read(), { e: floats(1, 2), b: bytes(1, 2) });
});

Deno.test("parameters get their types from where they stand", async () => {
  await using db = await open("memory:");
  await db.exec(`
    CREATE TABLE t (id int PRIMARY KEY, s text, e vector(2));
    INSERT INTO t VALUES (1, 'one', '[1,0]'), (2, 'two', '[0,1]');
  `);
  const nearest = await db.query(
    "SELECT id, e <=> $1 AS distance FROM t WHERE s <> $2 ORDER BY distance LIMIT $3",
    [[0.9, 0.1], "none", 1],
  );
  assertEquals(nearest.rows[0]!["id"], 1);
  assert((nearest.rows[0]!["distance"] as number) < 0.01);
  const listed = await db.query(
    "SELECT s FROM t WHERE id IN ($1, $2) AND s LIKE $3 || '%'",
    [1, "2", "o"],
  );
  assertEquals(listed.rows, [{ s: "one" }]);
  const same = await db.query("SELECT id FROM t WHERE id = $1 OR id = $1 + 1", [
    1,
  ]);
  assertEquals(same.rows.length, 2);
});
