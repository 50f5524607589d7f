import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  columnOf,
  type Database,
  type IndexAccessMethod,
  open,
  selectedCount,
  SqlError,
  type TableAccessMethod,
  valueAt,
} from "../../mod.ts";
import { rejectsWith, withFolder } from "../support/databases.ts";

/** A kind of table that is another one, whose calls are counted. */
function spyOn(
  inner: TableAccessMethod,
  name: string,
  calls: Map<string, number>,
): TableAccessMethod {
  const count = (call: string, rows: number): void => {
    calls.set(call, (calls.get(call) ?? 0) + rows);
  };
  return {
    name,
    scan: (table, transaction, options) => {
      count("scan", 1);
      return inner.scan(table, transaction, options);
    },
    fetch: (table, transaction, locators, options) => {
      count("fetch", locators.length);
      return inner.fetch(table, transaction, locators, options);
    },
    insert: (table, transaction, chunk) => {
      count("insert", selectedCount(chunk));
      return inner.insert(table, transaction, chunk);
    },
    update: (table, transaction, locators, chunk) => {
      count("update", locators.length);
      return inner.update(table, transaction, locators, chunk);
    },
    delete: (table, transaction, locators) => {
      count("delete", locators.length);
      return inner.delete(table, transaction, locators);
    },
    estimateRows: (table, transaction) =>
      inner.estimateRows(table, transaction),
  };
}

/** The calls since the last time, by name. */
function takeCalls(calls: Map<string, number>): Record<string, number> {
  const taken = Object.fromEntries(calls);
  calls.clear();
  return taken;
}

Deno.test("[K-004, K-125, K-126, K-127, K-128, K-129] every row of a table is read and written by the kind after USING", async () => {
  await using db = await open("memory:");
  const calls = new Map<string, number>();
  const method = spyOn(db.tableAccessMethod("lsm_s3"), "spied", calls);
  db.registerTableAccessMethod(method);
  await db.exec(`
    CREATE TABLE t (id int PRIMARY KEY, s text) USING spied;
    CREATE TABLE other (id int PRIMARY KEY) USING lsm_s3;
  `);
  takeCalls(calls);
  await db.query("INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c')");
  assertEquals(takeCalls(calls), { insert: 3 });
  const all = await db.query("SELECT * FROM t ORDER BY id");
  assertEquals(all.rows.length, 3);
  assertEquals(takeCalls(calls), { scan: 1 });
  const one = await db.query("SELECT s FROM t WHERE id = 2");
  assertEquals(one.rows, [{ s: "b" }]);
  assertEquals(takeCalls(calls), { fetch: 1 });
  await db.query("UPDATE t SET s = 'x' WHERE id = 2");
  assertEquals(takeCalls(calls), { fetch: 1, update: 1 });
  await db.query("UPDATE t SET s = s || '!'");
  assertEquals(takeCalls(calls), { scan: 1, update: 3 });
  await db.query("DELETE FROM t WHERE s = 'x!'");
  assertEquals(takeCalls(calls), { scan: 1, delete: 1 });
  await db.query("BEGIN");
  await db.query("DELETE FROM t");
  await db.query("ROLLBACK");
  assertEquals(takeCalls(calls), { scan: 1, delete: 2 });
  await db.query("INSERT INTO other VALUES (1)");
  await db.query("SELECT * FROM other");
  assertEquals(takeCalls(calls), {});
  assertEquals((await db.query("SELECT s FROM t ORDER BY id")).rows, [
    { s: "a!" },
    { s: "c!" },
  ]);
});

/** A kind of table whose rows are the lines of a text of the program. */
function linesOf(text: string): TableAccessMethod {
  const lines = text.split("\n");
  const refuse = (): never => {
    throw new SqlError("0A000", "a table of lines cannot be changed");
  };
  const rowsAt: TableAccessMethod["fetch"] = (table, _, locators, options) => ({
    chunk: {
      columns: options.columns.map((position) =>
        columnOf(
          table.columns[position]!.type.type,
          Array.from(
            locators,
            (line) =>
              table.columns[position]!.name === "n" ? line : lines[line]!,
          ),
        )
      ),
      rowCount: locators.length,
    },
    locators,
  });
  return {
    name: "lines",
    scan: (table, transaction, options) => {
      let isDone = false;
      return {
        next: () => {
          if (isDone) return undefined;
          isDone = true;
          const locators = Float64Array.from(lines.keys());
          return rowsAt(table, transaction, locators, options);
        },
        close: () => void (isDone = true),
      };
    },
    fetch: rowsAt,
    insert: refuse,
    update: refuse,
    delete: refuse,
    estimateRows: () => lines.length,
  };
}

/** A kind of index that keeps what it was built from in memory. */
function mapIndex(db: Database, lookups: string[]): IndexAccessMethod {
  const maps = new Map<number, Map<string, number[]>>();
  return {
    name: "map",
    operatorClasses: [{
      name: "map_text_ops",
      typeName: "text",
      orderingOperators: [],
      searchOperators: ["="],
      isDefault: true,
    }],
    canBeUnique: false,
    columnsMax: 1,
    validate: () => {},
    build: async (index, table, transaction, { keysOf }) => {
      const map = new Map<string, number[]>();
      maps.set(index.storageId, map);
      const method = db.tableAccessMethod(table.accessMethod);
      const columns = table.columns.map((_, position) => position);
      const scan = method.scan(table, transaction, { columns });
      for (let next = await scan.next(); next; next = await scan.next()) {
        const [key] = keysOf(index, table, next.chunk).columns;
        next.locators.forEach((locator, row) => {
          const value = String(valueAt(key!, row));
          map.set(value, [...map.get(value) ?? [], locator]);
        });
      }
      scan.close();
    },
    insert: () => {},
    update: () => {},
    delete: () => {},
    lookup: (index, _table, _transaction, [key]) => {
      lookups.push(String(key));
      const found = maps.get(index.storageId)?.get(String(key)) ?? [];
      return Float64Array.from(found);
    },
  };
}

Deno.test("[K-129, L-194, O-172] kinds of tables and indexes of one's own work with all of SQL", async () => {
  await using db = await open("memory:");
  const lookups: string[] = [];
  db.registerTableAccessMethod(linesOf("the\nquick\nbrown\nfox\nthe\nend"));
  db.registerIndexAccessMethod(mapIndex(db, lookups));
  await db.exec(`
    CREATE TABLE words (n int, word text) USING lines;
    CREATE INDEX words_map ON words USING map (word);
  `);
  const found = await db.query("SELECT n FROM words WHERE word = $1", ["the"]);
  assertEquals(found.rows, [{ n: 0 }, { n: 4 }]);
  assertEquals(lookups, ["the"]);
  const counted = await db.query(
    "SELECT length(word) AS l, count(*) AS c FROM words GROUP BY l ORDER BY l DESC",
  );
  assertEquals(counted.rows, [{ l: 5, c: 2 }, { l: 3, c: 4 }]);
  await rejectsWith(
    db.query("INSERT INTO words VALUES (9, 'dog')"),
    "0A000",
    { message: "a table of lines cannot be changed" },
  );
  await db.exec("DROP TABLE words");
});

Deno.test("a kind of table that is not registered is missed only where it is used", () =>
  withFolder(async (folder) => {
    const address = `file:${folder}/db`;
    {
      await using db = await open(address);
      db.registerTableAccessMethod(linesOf("one\ntwo"));
      await db.exec("CREATE TABLE words (n int, word text) USING lines");
      await db.exec("CREATE TABLE t (id int PRIMARY KEY)");
    }
    await using db = await open(address);
    await db.query("INSERT INTO t VALUES (1)");
    await rejectsWith(db.query("SELECT * FROM words"), "42704", {
      message: 'access method "lines" does not exist',
    });
    db.registerTableAccessMethod(linesOf("three"));
    const { rows } = await db.query("SELECT word FROM words");
    assertEquals(rows, [{ word: "three" }]);
  }));

Deno.test("a name of an access method is taken once", async () => {
  await using db = await open("memory:");
  const error = assertThrows(
    () => db.registerTableAccessMethod({ ...linesOf(""), name: "lsm_s3" }),
    SqlError,
  );
  assertEquals(error.code, "42710");
  const index = mapIndex(db, []);
  assertThrows(
    () => db.registerIndexAccessMethod({ ...index, name: "btree" }),
    SqlError,
    'access method "btree" already exists',
  );
  assertEquals(db.tableAccessMethod("lsm_s3").name, "lsm_s3");
  assertEquals(db.indexAccessMethod("lsm_hnsw").name, "lsm_hnsw");
  const missing = assertThrows(() => db.tableAccessMethod("no"), SqlError);
  assertEquals(missing.code, "42704");
  const wrongKind = assertThrows(() => db.tableAccessMethod("btree"), SqlError);
  assert(wrongKind.message.includes("is not of type TABLE"));
});
