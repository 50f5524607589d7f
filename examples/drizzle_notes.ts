/**
 * Notes with authors, kept by Drizzle: migrations, relational queries, and the
 * notes nearest to a vector.
 *
 * `deno run -A examples/drizzle_notes.ts [ADDRESS]`
 *
 * @module
 */
import { cosineDistance, desc, lt } from "drizzle-orm";
import { fileURLToPath } from "node:url";
import { type Database, open } from "@kriyadb/kriyadb";
import { drizzle, type KriyaDatabase, migrate } from "@kriyadb/kriyadb/drizzle";
import * as schema from "./drizzle_notes/schema.ts";

const { authors, notes } = schema;

const FOLDER = new URL("./drizzle_notes/", import.meta.url);

/** The notes of a database. */
export type Notes = KriyaDatabase<typeof schema>;

/** Brings a database up to the last migration. */
export async function openNotes(client: Database): Promise<Notes> {
  const db = drizzle(client, { schema });
  await migrate(db, {
    migrationsFolder: fileURLToPath(new URL("migrations", FOLDER)),
  });
  return db;
}

/** Takes the last migration back, by the script that undoes it. */
export async function undoMigration(client: Database): Promise<void> {
  const { entries } = JSON.parse(
    await Deno.readTextFile(new URL("migrations/meta/_journal.json", FOLDER)),
  ) as { entries: { tag: string; when: number }[] };
  const { rows: [last] } = await client.query<{ when: number }>(
    'SELECT max(created_at) AS "when" FROM drizzle.__drizzle_migrations',
  );
  const entry = entries.find(({ when }) => when === last?.when);
  if (entry === undefined) throw new Error("there is nothing to undo");
  const script = await Deno.readTextFile(
    new URL(`down/${entry.tag}.sql`, FOLDER),
  );
  await client.transaction(async (tx) => {
    await tx.exec(script);
    await tx.sql`DELETE FROM drizzle.__drizzle_migrations
      WHERE created_at = ${entry.when}`;
  });
}

/** Writes some notes. */
export async function fill(db: Notes): Promise<void> {
  await db.transaction(async (tx) => {
    const [ada, grace] = await tx.insert(authors)
      .values([{ name: "Ada" }, { name: "Grace" }])
      .returning();
    await tx.insert(notes).values([
      {
        authorId: ada!.id,
        title: "On the engine",
        tags: ["maths"],
        about: { pages: 66 },
        price: "1.50",
        due: "1843-09-01",
        embedding: [1, 0, 0],
      },
      {
        authorId: grace!.id,
        title: "A bug",
        mood: "glad",
        embedding: [0, 1, 0],
      },
    ]);
  });
}

/** Everybody with what they wrote. */
export async function everything(
  db: Notes,
): Promise<{ name: string; notes: { title: string; tags: string[] }[] }[]> {
  return await db.query.authors.findMany({
    columns: { name: true },
    with: {
      notes: {
        columns: { title: true, tags: true },
        orderBy: desc(notes.written),
      },
    },
    orderBy: authors.name,
  });
}

/** The titles nearest to a vector. */
export async function nearest(db: Notes, to: number[]): Promise<string[]> {
  const distance = cosineDistance(notes.embedding, to);
  const rows = await db.select({ title: notes.title }).from(notes)
    .where(lt(distance, 1.5)).orderBy(distance).limit(5);
  return rows.map(({ title }) => title);
}

if (import.meta.main) {
  await using client = await open(Deno.args[0] ?? "memory:");
  const db = await openNotes(client);
  if (await db.$count(notes) === 0) await fill(db);
  console.log(JSON.stringify(await everything(db), null, 2));
  console.log(await nearest(db, [0, 1, 0.1]));
}
