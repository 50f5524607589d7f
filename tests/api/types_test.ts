/** Types of the public API: what must compile, and what must not. */
import { assertEquals } from "@std/assert";
import {
  type BuildProgress,
  type Database,
  type Field,
  type KriyaError,
  type Notice,
  open,
  type OpenOptions,
  type PreparedStatement,
  type Queryable,
  type QueryOptions,
  type QueryResult,
  type Row,
  SqlError,
  type TransactionClient,
} from "../../mod.ts";

/** True only for two types that are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends
  (<T>() => T extends B ? 1 : 2) ? true : false;

/** Compiles only for `true`. */
function expectType<_T extends true>(): void {}

interface Item {
  readonly id: number;
  readonly title: string | null;
}

Deno.test("types: results are rows of what the caller says", async () => {
  await using db: Database = await open("memory:");
  const untyped = await db.query("SELECT 1 AS id");
  expectType<Same<typeof untyped, QueryResult<Row>>>();
  expectType<Same<(typeof untyped)["rows"], Row[]>>();
  expectType<Same<(typeof untyped)["fields"], readonly Field[]>>();
  expectType<Same<(typeof untyped)["affectedRows"], number>>();
  expectType<Same<(typeof untyped)["command"], string>>();

  const typed = await db.query<Item>("SELECT 1 AS id, NULL::text AS title");
  expectType<Same<(typeof typed)["rows"], Item[]>>();
  const [first] = typed.rows;
  expectType<Same<typeof first, Item | undefined>>();

  const template = await db.sql<Item>`SELECT ${1}::int AS id, NULL AS title`;
  expectType<Same<typeof template, QueryResult<Item>>>();
  const prepared = await db.prepare<Item>("SELECT 1 AS id, NULL AS title");
  expectType<Same<typeof prepared, PreparedStatement<Item>>>();
  const again = await prepared.query([]);
  expectType<Same<typeof again, QueryResult<Item>>>();
  const several = await db.exec("SELECT 1; SELECT 2");
  expectType<Same<typeof several, QueryResult<Row>[]>>();
  for await (const item of db.stream<Item>("SELECT 1 AS id, NULL AS title")) {
    expectType<Same<typeof item, Item>>();
    assertEquals(item.id, 1);
  }
});

Deno.test("types: transaction gives what its function gives", async () => {
  await using db = await open("memory:");
  const result = await db.transaction(async (tx) => {
    expectType<Same<typeof tx, TransactionClient>>();
    const inner = await tx.transaction(() => Promise.resolve("inner" as const));
    expectType<Same<typeof inner, "inner">>();
    return { inner };
  });
  expectType<Same<typeof result, { inner: "inner" }>>();
  // A database and a transaction are interchangeable where either will do.
  const count = async (queryable: Queryable): Promise<number> =>
    (await queryable.query("SELECT 1")).affectedRows;
  assertEquals(await count(db), 1);
  assertEquals(await db.transaction((tx) => count(tx)), 1);
  const disposable: AsyncDisposable = db;
  assertEquals(disposable, db);
});

Deno.test("types: options, errors and parameters", async () => {
  const options: QueryOptions = {
    rowMode: "array",
    resultFormat: "text",
    signal: new AbortController().signal,
    onNotice: (notice: Notice) => void notice.message,
    onProgress: (progress: BuildProgress) => void progress.rowsDone,
  };
  const opening: OpenOptions = { ...options, readOnly: false, settings: {} };
  await using db = await open("memory:", opening);
  const parameters: unknown[] = [
    1,
    2n,
    "text",
    true,
    null,
    undefined,
    new Date(0),
    new Uint8Array(1),
    new Float32Array([1]),
    [1, 2],
    { json: true },
  ];
  await db.query("SELECT $1::int", parameters.slice(0, 1), options);
  const readonly: readonly number[] = [1];
  await db.query("SELECT $1::int", readonly);
  const error: KriyaError = new SqlError("42601", "syntax error");
  expectType<Same<SqlError["position"], number | undefined>>();
  expectType<
    Same<
      KriyaError["kind"],
      | "conflict"
      | "fenced"
      | "unavailable"
      | "invalid"
      | "corrupt"
      | "closed"
      | "internal"
    >
  >();
  assertEquals(error.code, "42601");
});

/** Never run: each line below must be an error of the compiler. */
export async function _mustNotCompile(db: Database): Promise<void> {
  // @ts-expect-error the text is a string
  await db.query(1);
  // @ts-expect-error parameters are an array
  await db.query("SELECT $1", 1);
  // @ts-expect-error no such row mode
  await db.query("SELECT 1", [], { rowMode: "map" });
  // @ts-expect-error no such option
  await open("memory:", { readonly: true });
  // @ts-expect-error rows are unknown until the caller says what they are
  const title: string = (await db.query("SELECT 1")).rows[0]!["title"];
  // @ts-expect-error the function of a transaction is asynchronous
  await db.transaction(() => title);
  // @ts-expect-error settings are strings
  await open("memory:", { settings: { work_mem: 1 } });
  // @ts-expect-error a transaction cannot be closed
  await db.transaction((tx) => tx.close());
  // @ts-expect-error the address cannot be set
  db.address = "memory:";
}
