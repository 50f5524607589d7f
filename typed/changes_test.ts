import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { open, SqlError } from "@kriyadb/kriyadb";
import {
  column,
  deleteFrom,
  insertInto,
  type RowOf,
  table,
  update,
} from "@kriyadb/kriyadb/typed";

const items = table("shop.items", {
  id: column.identity(),
  name: column.text().notNull().unique(),
  price: column.numeric(),
  embedding: column.vector(2),
});

/** True where two types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends
  (<T>() => T extends B ? 1 : 2) ? true : false;

/** Compiles where its type argument is true. */
function holds<_T extends true>(): void {}

Deno.test("[O-006] typed: changes say their SQL, values as parameters", () => {
  const insert = insertInto(items, [
    { name: "red", price: 1 },
    { name: "blue", embedding: [1, 0] },
  ]);
  const text = 'INSERT INTO "shop"."items" ("name", "price", "embedding") ' +
    "VALUES ($1, $2, DEFAULT), ($3, DEFAULT, $4)";
  const values = ["red", 1, "blue", [1, 0]];
  assertEquals(insert.toSql(), { text, values });
  const named = insert.returning("id", "name");
  assertEquals(named.toSql(), {
    text: `${text} RETURNING "id", "name"`,
    values,
  });
  assertEquals(insert.toSql(), { text, values });
  assertEquals(
    insertInto(items, [{ name: "red" }], {
      onConflict: { columns: ["name"], update: ["price"] },
    }).toSql(),
    {
      text: 'INSERT INTO "shop"."items" ("name") VALUES ($1) ' +
        'ON CONFLICT ("name") DO UPDATE SET "price" = excluded."price"',
      values: ["red"],
    },
  );
  assertEquals(
    update(items, { id: { gt: 1 }, price: null }, { name: "green", price: 2n })
      .returning().toSql(),
    {
      text: 'UPDATE "shop"."items" SET "name" = $1, "price" = $2 ' +
        'WHERE "id" > $3 AND "price" IS NULL ' +
        'RETURNING "id", "name", "price", "embedding"',
      values: ["green", 2n, 1],
    },
  );
  assertEquals(deleteFrom(items, {}).toSql(), {
    text: 'DELETE FROM "shop"."items"',
    values: [],
  });
});

Deno.test("[O-006] typed: what a change returns has the types of the columns chosen", () => {
  const some = insertInto(items, [{ name: "a" }]).returning("id", "price");
  holds<
    Same<
      Readonly<RowOf<typeof some>>,
      { readonly id: number; readonly price: string | null }
    >
  >();
  const all = deleteFrom(items, {}).returning();
  holds<Same<RowOf<typeof all>, RowOf<typeof items>>>();
  const none = update(items, {}, { price: null });
  holds<Same<RowOf<typeof none>, never>>();
  assertThrows(
    // @ts-expect-error: there is no such column
    () => none.returning("nothing").toSql(),
    SqlError,
    'column "nothing" does not exist',
  );
  // @ts-expect-error: a name is needed
  insertInto(items, [{ price: 1 }]);
  // @ts-expect-error: a name is text
  update(items, {}, { name: 1 });
  assertThrows(
    // @ts-expect-error: there is no such column
    () => deleteFrom(items, { nothing: 1 }).toSql(),
    SqlError,
    'column "nothing" does not exist',
  );
});

Deno.test("[O-006] typed: changes run, return what was asked, and may be run again", async () => {
  await using db = await open("memory:");
  await db.exec("CREATE SCHEMA shop");
  await items.create(db);
  const insert = insertInto(items, [{ name: "red", price: "1.50" }, {
    name: "blue",
  }], { onConflict: { columns: ["name"] } });
  assertEquals(await insert.returning("name", "id").rows(db), [
    { name: "red", id: 1 },
    { name: "blue", id: 2 },
  ]);
  assertEquals(await insert.returning("id").rows(db), []);
  assertEquals(await insert.run(db), 0);
  assertEquals(
    await update(items, { name: "red" }, { price: null }).run(db),
    1,
  );
  const gone = await deleteFrom(items, { price: null }).returning("name")
    .rows(db);
  assertEquals(gone.map(({ name }) => name).sort(), ["blue", "red"]);
  const nothing = insertInto(items, []);
  assertEquals(await nothing.run(db), 0);
  assertEquals(await nothing.returning("id").rows(db), []);
});

Deno.test("[O-006] typed: changes that say too little are refused", async () => {
  await using db = await open("memory:");
  assertThrows(
    () => insertInto(items, []).toSql(),
    SqlError,
    "there are no rows to insert",
  );
  assertThrows(
    () => update(items, {}, {}).toSql(),
    SqlError,
    "there is nothing to change",
  );
  await assertRejects(
    () => deleteFrom(items, { name: undefined as never }).run(db),
    SqlError,
    'the condition on "name" has no value',
  );
});
