import { assertEquals, assertThrows } from "@std/assert";
import { SqlError } from "../errors/sql_error.ts";
import { loadParser, parse } from "./parser.ts";
import type { SelectSyntax, TableItem } from "./syntax.ts";

await loadParser();

/** What parsing `text` and looking at its statements says, as one line. */
function failure(text: string): string {
  try {
    for (const statement of parse(text)) void statement.syntax;
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    return `${error.code} ${error.message} @${error.position ?? "-"}`;
  }
  return "no error";
}

Deno.test("parser: statements keep their own slices and offsets", () => {
  const text = " /* a /* b */ */ BEGIN ;; -- c\nSELECT 'é😀' ; COMMIT";
  assertEquals(
    parse(text).map(({ text, offset }) => [text, offset]),
    [["BEGIN", 17], ["SELECT 'é😀'", 31], ["COMMIT", 46]],
  );
  assertEquals(parse("  -- nothing"), []);
  assertEquals(parse(""), []);
});

Deno.test("parser: offsets are UTF-16 units whatever the characters", () => {
  const text = "SELECT 'é', '😀', abc FROM \"ü\"";
  const { body } = parse(text)[0]!.syntax as SelectSyntax;
  if (body.kind !== "select_body") throw new Error(body.kind);
  assertEquals(
    body.targets.map(({ offset }) => text.slice(offset, offset + 3)),
    ["'é'", "'😀", "abc"],
  );
  assertEquals(
    (body.from[0] as TableItem).relation.offset,
    text.indexOf('"ü"'),
  );
});

Deno.test("parser: syntax errors are PostgreSQL's, in place", () => {
  assertEquals(failure("SELECT 1 2"), '42601 syntax error at or near "2" @10');
  assertEquals(failure("SELECT"), "no error");
  assertEquals(failure("SELECT ("), "42601 syntax error at end of input @9");
  assertEquals(
    failure("SELECT '😀é' x y"),
    '42601 syntax error at or near "y" @16',
  );
  assertEquals(
    failure("SELECT 'abc"),
    '42601 unterminated quoted string at or near "\'abc" @8',
  );
  assertEquals(
    failure("SELECT 1; SELECT 'a\0b'"),
    '22021 invalid byte sequence for encoding "UTF8": 0x00 @20',
  );
  assertEquals(
    failure("SELECT '\ud800'"),
    '22021 invalid byte sequence for encoding "UTF8": 0xed 0xa0 0x80 @9',
  );
});

Deno.test("parser: what is not supported is named, in place", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["CREATE RULE r AS ON INSERT TO t DO NOTHING", "CREATE RULE @1"],
    ["SELECT 1; CHECKPOINT", "CHECKPOINT @11"],
    ["DROP RULE r ON t", "DROP RULE @1"],
  ];
  for (const [text, what] of cases) {
    const [name, position] = what.split(/ (?=@\d+$)/);
    assertEquals(failure(text), `0A000 ${name} is not supported ${position}`);
  }
});

Deno.test("parser: the statements before an unsupported one are there", () => {
  const [first, second] = parse("SELECT 1; CHECKPOINT");
  assertEquals(first!.syntax.kind, "select");
  assertThrows(() => second!.syntax, SqlError);
});

Deno.test("parser: nesting without end is an error, and the next text parses", () => {
  const times = 200_000;
  const deep = [
    `SELECT ${"(".repeat(times)}1${")".repeat(times)}`,
    `SELECT 1${"+1".repeat(times)}`,
    `SELECT ${"NOT ".repeat(times)}true`,
    `SELECT ${"- ".repeat(times)}a`,
    `SELECT ${"CASE WHEN true THEN ".repeat(times)}1`,
    `SELECT 1${"+1".repeat(1500)}`,
  ];
  for (const text of deep) {
    const [code] = failure(text).split(" ", 1);
    assertEquals(code === "54001" || code === "42601", true, failure(text));
  }
  assertEquals(failure(`SELECT 1${"+1".repeat(950)}`), "no error");
});

Deno.test("parser: a text beyond the limit is refused", () => {
  assertEquals(
    failure(`SELECT '${"x".repeat(40_000_000)}'`),
    "54000 statement is too long @-",
  );
  assertEquals(failure("SELECT 1"), "no error");
});

Deno.test("parser: options, modes and settings are read", () => {
  const kinds = (text: string): unknown[] =>
    parse(text).map((statement) => statement.syntax);
  assertEquals(
    kinds(
      "BEGIN ISOLATION LEVEL SERIALIZABLE, READ ONLY; SET LOCAL a.b = 1, 'x';" +
        "RESET ALL; SHOW ALL; SET TRANSACTION READ WRITE; SET x TO DEFAULT",
    ),
    [
      {
        kind: "begin",
        start: false,
        modes: {
          isolation: "serializable",
          readOnly: true,
          deferrable: undefined,
        },
      },
      {
        kind: "set",
        name: "a.b",
        local: true,
        values: ["1", "x"],
        reset: false,
      },
      { kind: "reset_all" },
      { kind: "show", name: "all" },
      {
        kind: "set_transaction",
        session: false,
        modes: {
          isolation: undefined,
          readOnly: false,
          deferrable: undefined,
        },
      },
      { kind: "set", name: "x", local: false, values: undefined, reset: false },
    ],
  );
});

Deno.test("[U-01] parser: CREATE TABLE names its access method", () => {
  const [statement] = parse(
    "CREATE TABLE documents (id text, embedding LsmVector(3)) USING lsm_s3",
  );
  const syntax = statement!.syntax;
  if (syntax.kind !== "create_table") throw new Error(syntax.kind);
  assertEquals(syntax.accessMethod, "lsm_s3");
  assertEquals(syntax.columns.map(({ type }) => type.name), [
    "text",
    "lsmvector",
  ]);
});

Deno.test("[U-02] parser: CREATE INDEX has method, column, operator class, options", () => {
  const [statement] = parse(
    "CREATE INDEX ON d USING lsm_hnsw (e lsm_vector_cosine_ops) WITH (m = 16)",
  );
  const syntax = statement!.syntax;
  if (syntax.kind !== "create_index") throw new Error(syntax.kind);
  assertEquals(syntax.accessMethod, "lsm_hnsw");
  assertEquals(syntax.elements[0]!.key, "e");
  assertEquals(syntax.elements[0]!.operatorClass, "lsm_vector_cosine_ops");
  assertEquals(syntax.options[0]!.value, "16");
});

/** Runs a script that imports the parser, without any permission. */
async function runWithoutPermissions(body: string): Promise<string> {
  const url = new URL("./parser.ts", import.meta.url).href;
  const script = `import { loadParser, parse } from ${JSON.stringify(url)};
    await loadParser();
    ${body}`;
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(file, script);
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", "--no-check", "--no-config", file],
    }).output();
    const decoder = new TextDecoder();
    assertEquals(decoder.decode(stderr), "");
    return decoder.decode(stdout).trim();
  } finally {
    await Deno.remove(file);
  }
}

// In a process of its own: here others take memory too.
Deno.test("parser: memory stays as it is over many texts", async () => {
  const growth = Number(
    await runWithoutPermissions(`
    const text =
      "SELECT id, e <-> $1 AS d FROM t WHERE a LIKE $2 ORDER BY d LIMIT 5";
    const parseMany = (count) => {
      for (let i = 0; i < count; i++) {
        if (i % 4 !== 0) parse(text);
        else try { parse("SELECT id id id"); } catch { /* as it should */ }
      }
      return Deno.memoryUsage().rss;
    };
    const before = parseMany(10_000);
    console.log(parseMany(30_000) - before);`),
  );
  // A tree that is not let go of takes some kilobytes.
  assertEquals(growth < 24e6, true, `${growth} bytes`);
});

Deno.test("parser: the grammar needs no permission", async () => {
  const body = `console.log(parse("SELECT 1; SELECT 2").length);`;
  assertEquals(await runWithoutPermissions(body), "2");
});
