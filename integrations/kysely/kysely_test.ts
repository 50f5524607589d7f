import { assert, assertEquals, assertRejects } from "@std/assert";
import { Kysely, sql } from "kysely";
import { jsonArrayFrom, jsonObjectFrom } from "kysely/helpers/postgres";
import { type Database, open, SqlError } from "@kriyadb/kriyadb";
import { KriyaDialect } from "@kriyadb/kriyadb/kysely";
import {
  MIGRATIONS,
  migratorOf,
  petsOf,
  type Tables,
} from "../../examples/kysely_pets.ts";

/** Runs `test` on a database whose migrations have run. */
async function onTables(
  test: (db: Kysely<Tables>, client: Database) => Promise<void>,
): Promise<void> {
  await using client = await open("memory:");
  const db = new Kysely<Tables>({
    dialect: new KriyaDialect({ database: client }),
  });
  const { error } = await migratorOf(db).migrateToLatest();
  assertEquals(error, undefined);
  await test(db, client);
  await db.destroy();
}

Deno.test("[O-006] kysely: migrations run up and down", async () => {
  await using client = await open("memory:");
  const db = new Kysely<Tables>({
    dialect: new KriyaDialect({ database: client }),
  });
  const migrator = migratorOf(db);
  const up = await migrator.migrateToLatest();
  assertEquals(up.error, undefined);
  assertEquals(up.results!.map(({ status }) => status), ["Success", "Success"]);
  await db.insertInto("person").values({ name: "Ada", born: null }).execute();
  assertEquals((await migrator.migrateToLatest()).results, []);
  const down = await migrator.migrateDown();
  assertEquals(down.error, undefined);
  assertEquals(down.results![0]!.migrationName, "2_pet");
  const names = (await db.introspection.getTables()).map(({ name }) => name);
  assertEquals(names, ["person"]);
  assertEquals((await migrator.migrateUp()).error, undefined);
  assertEquals(
    (await db.selectFrom("person").select("name").execute()).length,
    1,
  );
  const states = await migrator.getMigrations();
  assert(states.every(({ executedAt }) => executedAt instanceof Date));
  const failing = migratorOf(db, {
    ...MIGRATIONS,
    "3_both": {
      async up(db): Promise<void> {
        await db.schema.createTable("third").addColumn("id", "integer")
          .execute();
        await sql`SELECT nothing`.execute(db);
      },
    },
  });
  const failed = await failing.migrateToLatest();
  assertEquals((failed.error as SqlError).code, "42703");
  const after = (await db.introspection.getTables()).map(({ name }) => name);
  assertEquals(after, ["named", "person", "pet"]);
});

Deno.test("[O-006] kysely: two migrators at once, one of them migrates", async () => {
  await using client = await open("memory:");
  const make = (): Kysely<Tables> =>
    new Kysely({ dialect: new KriyaDialect({ database: client }) });
  const results = await Promise.all(
    [make(), make()].map((db) => migratorOf(db).migrateToLatest()),
  );
  assertEquals(results.map(({ error }) => error), [undefined, undefined]);
  const counts = results.map(({ results }) => results!.length).sort();
  assertEquals(counts, [0, 2]);
});

Deno.test("[O-006] kysely: introspection tells of tables and columns", () =>
  onTables(async (db) => {
    const schemas = await db.introspection.getSchemas();
    assert(schemas.some(({ name }) => name === "public"));
    const tables = await db.introspection.getTables();
    assertEquals(tables.map(({ name, isView }) => [name, isView]), [
      ["named", true],
      ["person", false],
      ["pet", false],
    ]);
    const person = tables[1]!;
    assertEquals(person.schema, "public");
    assertEquals<unknown>(person.columns, [
      {
        name: "id",
        dataType: "int4",
        dataTypeSchema: "pg_catalog",
        isNullable: false,
        isAutoIncrementing: true,
        hasDefaultValue: true,
        comment: undefined,
      },
      {
        name: "name",
        dataType: "varchar",
        dataTypeSchema: "pg_catalog",
        isNullable: false,
        isAutoIncrementing: false,
        hasDefaultValue: false,
        comment: "what they are called",
      },
      {
        name: "born",
        dataType: "timestamptz",
        dataTypeSchema: "pg_catalog",
        isNullable: true,
        isAutoIncrementing: false,
        hasDefaultValue: false,
        comment: undefined,
      },
    ]);
    assertEquals(tables[2]!.columns[0]!.isAutoIncrementing, true);
    const own = await db.introspection.getTables({
      withInternalKyselyTables: true,
    });
    assertEquals(own.length, 5);
  }));

Deno.test("[O-006] kysely: queries with joins, JSON, CTEs and conflicts", () =>
  onTables(async (db) => {
    const born = new Date("1815-12-10");
    const people = await db.insertInto("person")
      .values([{ name: "Ada", born }, { name: "Grace", born: null }])
      .returning(["id", "name"])
      .execute();
    assertEquals(people, [{ id: 1, name: "Ada" }, { id: 2, name: "Grace" }]);
    const { numInsertedOrUpdatedRows } = await db.insertInto("pet")
      .values([{ name: "Rex", owner: 1 }, { name: "Tom", owner: 1 }])
      .executeTakeFirstOrThrow();
    assertEquals(numInsertedOrUpdatedRows, 2n);
    const upserted = await db.insertInto("person")
      .values({ name: "Ada", born: null })
      .onConflict((on) => on.column("name").doUpdateSet({ born: null }))
      .returningAll().executeTakeFirstOrThrow();
    assertEquals(upserted, { id: 1, name: "Ada", born: null });
    const updated = await db.updateTable("person").set({ born })
      .where("name", "=", "Ada").executeTakeFirst();
    assertEquals(updated.numUpdatedRows, 1n);
    const nested = await db.selectFrom("person")
      .select((eb) => [
        "person.name",
        "person.born",
        jsonArrayFrom(
          eb.selectFrom("pet").select("pet.name")
            .whereRef("pet.owner", "=", "person.id").orderBy("pet.id"),
        ).as("pets"),
        jsonObjectFrom(
          eb.selectFrom("pet").select("pet.name")
            .whereRef("pet.owner", "=", "person.id").limit(1),
        ).as("first"),
      ])
      .orderBy("person.id").execute();
    assertEquals(await petsOf(db, "Ada"), ["Rex", "Tom"]);
    assertEquals(nested, [
      {
        name: "Ada",
        born,
        pets: [{ name: "Rex" }, { name: "Tom" }],
        first: { name: "Rex" },
      },
      { name: "Grace", born: null, pets: [], first: null },
    ]);
    const counted = await db.with(
      "owners",
      (with_) =>
        with_.selectFrom("pet")
          .innerJoin("person", "person.id", "pet.owner")
          .select(["person.name", (eb) => eb.fn.countAll<number>().as("n")])
          .groupBy("person.name"),
    ).selectFrom("owners").selectAll().where("n", ">", 1).execute();
    assertEquals(counted, [{ name: "Ada", n: 2 }]);
    const deleted = await db.deleteFrom("person").where("id", "in", [1, 3])
      .executeTakeFirst();
    assertEquals(deleted.numDeletedRows, 1n);
    assertEquals(await db.selectFrom("pet").selectAll().execute(), []);
  }));

Deno.test("[O-006] kysely: transactions, savepoints, streams, errors", () =>
  onTables(async (db) => {
    const add = (on: Kysely<Tables>, name: string): Promise<unknown> =>
      on.insertInto("person").values({ name, born: null }).execute();
    await assertRejects(
      () =>
        db.transaction().setIsolationLevel("serializable").execute(
          async (tx) => {
            await add(tx, "gone");
            const seen = await db.selectFrom("person").selectAll().execute();
            assertEquals(seen, []);
            throw new Error("no");
          },
        ),
      Error,
      "no",
    );
    const tx = await db.startTransaction().execute();
    await add(tx, "kept");
    const after = await tx.savepoint("here").execute();
    await add(after, "undone");
    await after.rollbackToSavepoint("here").execute();
    await tx.commit().execute();
    await db.transaction().setAccessMode("read only").execute((tx) =>
      assertRejects(() => add(tx, "x"), SqlError, "read-only transaction")
    ).catch((error) => assertEquals(error.name, "AbortedTransactionError"));
    for (let i = 0; i < 250; i++) await add(db, `n${i}`);
    let count = 0;
    for await (
      const { name } of db.selectFrom("person").select("name").stream(100)
    ) count += name === "kept" ? 1000 : 1;
    assertEquals(count, 1250);
    for await (const _ of db.selectFrom("person").select("name").stream()) {
      break;
    }
    const error = await assertRejects(() => add(db, "kept"), SqlError);
    assertEquals([error.code, error.constraint], ["23505", "person_name"]);
  }));

Deno.test("[O-006] kysely: a database that the dialect opens, it closes", async () => {
  let opened: Database | undefined;
  const db = new Kysely<Tables>({
    dialect: new KriyaDialect({
      database: async () => opened = await open("memory:"),
      options: { types: { int8: "string" } },
    }),
  });
  const { rows } = await sql<{ n: string }>`SELECT ${5}::int8 AS n`.execute(db);
  assertEquals(rows, [{ n: "5" }]);
  await db.destroy();
  await assertRejects(() => opened!.query("SELECT 1"), Error, "closed");
});
