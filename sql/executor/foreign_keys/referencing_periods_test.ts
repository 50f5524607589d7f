import { assertEquals, assertRejects } from "@std/assert";
import { type Database, open, SqlError } from "../../../mod.ts";

async function setUp(db: Database): Promise<void> {
  await db.exec(`
    CREATE TABLE rates (id int, during int4range, price int,
      PRIMARY KEY (id, during WITHOUT OVERLAPS));
    CREATE TABLE sales (id int, during int4range,
      FOREIGN KEY (id, PERIOD during) REFERENCES rates);
    INSERT INTO rates VALUES (1, '[1,5)', 10), (1, '[5,9)', 20);
    INSERT INTO sales VALUES (1, '[2,8)');
  `);
}

async function codeOf(run: Promise<unknown>): Promise<string | undefined> {
  return (await assertRejects(() => run, SqlError)).code;
}

Deno.test("keys of periods hold after reopening", async () => {
  const folder = await Deno.makeTempDir();
  try {
    {
      await using db = await open(`file:${folder}`);
      await setUp(db);
    }
    await using db = await open(`file:${folder}`);
    assertEquals(
      await codeOf(db.exec("INSERT INTO rates VALUES (1, '[8,9)', 1)")),
      "23P01",
    );
    assertEquals(
      await codeOf(db.exec("DELETE FROM rates WHERE price = 20")),
      "23503",
    );
    assertEquals(
      await codeOf(db.exec("INSERT INTO sales VALUES (1, '[8,10)')")),
      "23503",
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a period that goes and one that is referred to meanwhile do not both commit", async () => {
  await using db = await open("memory:");
  await setUp(db);
  await db.exec("DELETE FROM sales");
  // Who refers looked first; who removes commits first.
  const refers = db.transaction(async (tx) => {
    await tx.query("INSERT INTO sales VALUES (1, '[6,7)')");
    await db.query("DELETE FROM rates WHERE price = 20");
  });
  assertEquals(await codeOf(refers), "40001");
  assertEquals((await db.query("SELECT * FROM sales")).rows, []);
  // And the other way round.
  await db.exec("INSERT INTO rates VALUES (1, '[5,9)', 20)");
  const removes = db.transaction(async (tx) => {
    await tx.query("DELETE FROM rates WHERE price = 20");
    await db.query("INSERT INTO sales VALUES (1, '[6,7)')");
  });
  assertEquals(await codeOf(removes), "40001");
  const { rows } = await db.query("SELECT price FROM rates ORDER BY 1");
  assertEquals(rows, [{ price: 10 }, { price: 20 }]);
});
