/**
 * Scans that an application does in place of ours.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  type Database,
  open,
  type ScanOffer,
  type ScanRun,
} from "../../mod.ts";
import { rejectsWith } from "../support/databases.ts";

/** Numbers from 0, with a text of each; what was asked is noted. */
function numbers(
  db: Database,
  offer: Partial<ScanOffer> & { readonly all?: boolean } = {},
  runs: ScanRun[] = [],
): Disposable {
  return db.addScanProvider({
    name: "numbers",
    offer: ({ table, conditions }) =>
      table !== "n" ? undefined : {
        ...offer,
        exact: offer.all ? conditions : [],
        open: (run) => {
          runs.push(run);
          return offer.open?.(run) ?? rows(run);
        },
      },
  });
}

function* rows(
  { columns, conditions, limit = Infinity }: ScanRun,
): Iterable<readonly unknown[][]> {
  const fits = (i: number): boolean =>
    conditions.every(({ column, operator, value }) => {
      if (column !== "i") return true;
      switch (operator) {
        case "=":
          return i === value;
        case "<":
          return i < (value as number);
        case ">=":
          return i >= (value as number);
        case "in":
          return (value as number[]).includes(i);
        default:
          return true;
      }
    });
  let given = 0;
  for (let from = 0; from < 5000; from += 1500) {
    const some: unknown[][] = [];
    for (let i = from; i < Math.min(from + 1500, 5000); i++) {
      if (!fits(i) || given >= limit) continue;
      given++;
      const row: Record<string, unknown> = { i, s: i % 3 ? `t${i}` : null };
      some.push(columns.map((column) => row[column]));
    }
    yield some;
  }
}

async function withTable(work: (db: Database) => Promise<void>): Promise<void> {
  await using db = await open("memory:");
  await db.exec(
    "CREATE TABLE n (i int, s text); CREATE TABLE other (i int PRIMARY KEY);" +
      "INSERT INTO other SELECT generate_series(1, 50)",
  );
  await work(db);
}

async function plan(db: Database, sql: string): Promise<string> {
  const { rows } = await db.query(`EXPLAIN (COSTS OFF) ${sql}`);
  return rows.map((row) => row["QUERY PLAN"]).join("\n");
}

Deno.test("[O-173] a provider's rows are filtered, joined and grouped as a table's", () =>
  withTable(async (db) => {
    using _numbers = numbers(db);
    const of = async (sql: string): Promise<unknown> =>
      Object.values((await db.query(sql)).rows[0]!);
    assertEquals(await of("SELECT count(*)::int, max(i) FROM n"), [5000, 4999]);
    assertEquals(
      await of("SELECT count(*)::int FROM n WHERE s IS NULL AND i % 2 = 0"),
      [834],
    );
    assertEquals(
      await of(
        "SELECT count(*)::int, sum(o.i)::int FROM n JOIN other o USING (i)",
      ),
      [50, 1275],
    );
    assertEquals(
      await of(
        "SELECT count(*)::int FROM n WHERE i = (SELECT max(i) FROM other)",
      ),
      [1],
    );
    assertEquals(
      await of("SELECT s FROM n ORDER BY i DESC OFFSET 2 LIMIT 1"),
      ["t4997"],
    );
  }));

Deno.test("[O-173] a provider is told columns, conditions and the limit", () =>
  withTable(async (db) => {
    const runs: ScanRun[] = [];
    using _numbers = numbers(db, { all: true }, runs);
    const told = async (
      sql: string,
      parameters: unknown[] = [],
    ): Promise<Partial<ScanRun> & { readonly rows: number }> => {
      const { rows } = await db.query(sql, parameters);
      const { columns, conditions, limit } = runs.pop()!;
      return { columns, conditions, limit, rows: rows.length };
    };
    assertEquals(
      await told("SELECT i FROM n WHERE i >= $1 AND 20 > i LIMIT 3 OFFSET 2", [
        4,
      ]),
      {
        columns: ["i"],
        conditions: [
          { column: "i", operator: ">=", value: 4 },
          { column: "i", operator: "<", value: 20 },
        ],
        limit: 5,
        rows: 3,
      },
    );
    // What it is not told of keeps the limit back.
    assertEquals(
      await told(
        "SELECT s FROM n WHERE i IN (1, 2, 3, NULL) AND length(s) = 2 LIMIT 1",
      ),
      {
        columns: ["s"],
        conditions: [{ column: "i", operator: "in", value: [1, 2, 3] }],
        limit: undefined,
        rows: 1,
      },
    );
    assertEquals(
      await plan(db, "SELECT i FROM n WHERE i = 7 LIMIT 2"),
      "Limit\n  ->  Custom Scan (numbers) on n\n" +
        "        Told: (i = 7)\n        Limit: '2'::bigint",
    );
    // A comparison with NULL is true of no row: nobody is asked.
    assertEquals(
      (await db.query("SELECT i FROM n WHERE i = $1", [null])).rows,
      [],
    );
    assertEquals(runs, []);
  }));

Deno.test("[O-173] a provider with a cost is taken where the table costs more", () =>
  withTable(async (db) => {
    await db.exec(
      "INSERT INTO n SELECT g, 'x' FROM generate_series(1, 20000) g",
    );
    await db.exec("CREATE INDEX ON n (i)");
    using _numbers = numbers(db, { cost: 50, rows: 5000 });
    assert((await plan(db, "SELECT * FROM n")).includes("Custom Scan"));
    assert((await plan(db, "SELECT * FROM n WHERE i = 5")).includes("Index"));
  }));

Deno.test("rows are changed and locked in the table itself, and a provider goes", () =>
  withTable(async (db) => {
    await db.exec("INSERT INTO n VALUES (-1, 'own')");
    const prepared = await db.prepare("SELECT count(*)::int AS n FROM n");
    {
      using _numbers = numbers(db);
      await rejectsWith(
        Promise.resolve().then(() => numbers(db)),
        "42710",
      );
      assertEquals((await prepared.query()).rows, [{ n: 5000 }]);
      assertEquals(
        (await db.query("UPDATE n SET s = 'new' RETURNING i")).rows,
        [{ i: -1 }],
      );
      assertEquals((await db.query("SELECT i FROM n FOR UPDATE")).rows, [
        { i: -1 },
      ]);
      assertEquals(
        (await db.query("DELETE FROM other WHERE i IN (SELECT i FROM n)"))
          .affectedRows,
        50,
      );
    }
    assertEquals((await prepared.query()).rows, [{ n: 1 }]);
    assertEquals((await db.query("SELECT * FROM n")).rows, [
      { i: -1, s: "new" },
    ]);
  }));

Deno.test("what a provider gives is looked at, and what it throws fails the statement", () =>
  withTable(async (db) => {
    const withRows = async (
      row: readonly unknown[],
      work: () => Promise<unknown>,
    ): Promise<void> => {
      using _numbers = numbers(db, { open: () => [[row]] });
      await work();
    };
    await withRows(
      ["x", null],
      () => rejectsWith(db.query("SELECT i, s FROM n"), "22P02"),
    );
    await db.exec("ALTER TABLE n ALTER i SET NOT NULL");
    await withRows(
      [null, null],
      () => rejectsWith(db.query("SELECT i, s FROM n"), "23502"),
    );
    using _numbers = numbers(db, {
      async *open(): AsyncIterable<readonly unknown[][]> {
        yield await Promise.resolve([]);
        throw new RangeError("no more numbers");
      },
    });
    await assertRejects(
      () => db.query("SELECT * FROM n"),
      RangeError,
      "no more numbers",
    );
  }));

Deno.test("a scan that waits is canceled, and one that is not wanted to its end is told", () =>
  withTable(async (db) => {
    let ended = 0;
    let stopped = 0;
    using _numbers = numbers(db, {
      async *open({ signal }): AsyncIterable<readonly unknown[][]> {
        signal.addEventListener("abort", () => stopped++);
        try {
          for (let i = 0;; i++) {
            yield [[i, null]];
            if (i === 5) {
              await new Promise<void>((resolve) =>
                signal.addEventListener("abort", () => resolve())
              );
            }
          }
        } finally {
          ended++;
        }
      },
    });
    assertEquals(
      (await db.query("SELECT i, s FROM n WHERE i > 1 LIMIT 2")).rows.length,
      2,
    );
    assertEquals([ended, stopped], [1, 1]);
    const controller = new AbortController();
    const waiting = db.query("SELECT i, s FROM n", [], {
      signal: controller.signal,
    });
    setTimeout(() => controller.abort(), 10);
    await rejectsWith(waiting, "57014");
    assertEquals(stopped, 2);
    await db.exec("SET statement_timeout = 20");
    await rejectsWith(db.query("SELECT i, s FROM n"), "57014");
    assertEquals(stopped, 3);
  }));
