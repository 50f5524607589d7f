/**
 * People with pets, kept by Kysely: migrations up and down, and typed queries.
 *
 * `deno run -A examples/kysely_pets.ts [ADDRESS]`
 *
 * @module
 */
import { type Generated, Kysely, sql } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import { open } from "@kriyadb/kriyadb";
import { KriyaDialect } from "@kriyadb/kriyadb/kysely";

/** The tables, as Kysely types them. */
export interface Tables {
  person: { id: Generated<number>; name: string; born: Date | null };
  pet: { id: Generated<number>; name: string; owner: number };
}

/** What makes them, and takes them away again. */
export const MIGRATIONS: Record<string, Migration> = {
  "1_person": {
    async up(db): Promise<void> {
      await db.schema.createTable("person")
        .addColumn("id", "serial", (column) => column.primaryKey())
        .addColumn("name", "varchar(30)", (column) => column.notNull())
        .addColumn("born", "timestamptz")
        .addUniqueConstraint("person_name", ["name"])
        .execute();
      await sql`COMMENT ON COLUMN person.name IS 'what they are called'`
        .execute(db);
    },
    async down(db): Promise<void> {
      await db.schema.dropTable("person").execute();
    },
  },
  "2_pet": {
    async up(db): Promise<void> {
      await db.schema.createTable("pet")
        .addColumn(
          "id",
          "integer",
          (column) => column.primaryKey().generatedByDefaultAsIdentity(),
        )
        .addColumn("name", "text", (column) => column.defaultTo("Rex"))
        .addColumn(
          "owner",
          "integer",
          (column) =>
            column.references("person.id").onDelete("cascade").notNull(),
        )
        .execute();
      await db.schema.createIndex("pet_owner").on("pet").columns(["owner"])
        .execute();
      await db.schema.createView("named").as(
        db.selectFrom("pet").select("name"),
      ).execute();
    },
    async down(db): Promise<void> {
      await db.schema.dropView("named").execute();
      await db.schema.dropTable("pet").execute();
    },
  },
};

/** Runs migrations. */
export function migratorOf(
  db: Kysely<Tables>,
  migrations: Record<string, Migration> = MIGRATIONS,
): Migrator {
  const provider = { getMigrations: () => Promise.resolve(migrations) };
  return new Migrator({ db, provider });
}

/** The names of somebody's pets. */
export async function petsOf(
  db: Kysely<Tables>,
  owner: string,
): Promise<string[]> {
  const pets = await db.selectFrom("pet")
    .innerJoin("person", "person.id", "pet.owner")
    .select("pet.name").where("person.name", "=", owner)
    .orderBy("pet.name").execute();
  return pets.map(({ name }) => name);
}

if (import.meta.main) {
  const db = new Kysely<Tables>({
    dialect: new KriyaDialect({
      database: () => open(Deno.args[0] ?? "memory:"),
    }),
  });
  const { error } = await migratorOf(db).migrateToLatest();
  if (error !== undefined) throw error;
  const { id } = await db.insertInto("person")
    .values({ name: "Ada", born: null })
    .onConflict((on) => on.column("name").doUpdateSet({ name: "Ada" }))
    .returning("id").executeTakeFirstOrThrow();
  await db.insertInto("pet").values({ name: "Rex", owner: id }).execute();
  console.log(await petsOf(db, "Ada"));
  await db.destroy();
}
