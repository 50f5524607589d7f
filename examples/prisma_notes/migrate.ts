/**
 * Migrations as `prisma migrate` keeps them, run in the process: the scripts of
 * a folder in the order of their names, each in a transaction, noted in
 * Prisma's own table. The script beside each that undoes it is what
 * `prisma migrate diff` writes from the newer schema to the older.
 *
 * @module
 */
import type { Database } from "@kriyadb/kriyadb";

const FOLDER = new URL("./migrations/", import.meta.url);

const TABLE = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id                  varchar(36) PRIMARY KEY NOT NULL,
  checksum            varchar(64) NOT NULL,
  finished_at         timestamptz,
  migration_name      varchar(255) NOT NULL,
  logs                text,
  rolled_back_at      timestamptz,
  started_at          timestamptz NOT NULL DEFAULT now(),
  applied_steps_count integer NOT NULL DEFAULT 0
)`;

/** Runs the migrations that have not run, and tells which. */
export async function migrate(db: Database): Promise<string[]> {
  await db.exec(TABLE);
  const done = new Map(
    (await applied(db)).map(({ name, checksum }) => [name, checksum]),
  );
  const ran: string[] = [];
  for (const name of namesOfMigrations()) {
    const script = await Deno.readTextFile(
      new URL(`${name}/migration.sql`, FOLDER),
    );
    const checksum = await sha256(script);
    const before = done.get(name);
    if (before !== undefined && before !== checksum) {
      throw new Error(`migration ${name} was changed after it ran`);
    }
    if (before !== undefined) continue;
    await db.transaction(async (tx) => {
      await tx.exec(script);
      await tx.sql`INSERT INTO _prisma_migrations
        (id, checksum, finished_at, migration_name, applied_steps_count)
        VALUES (${crypto.randomUUID()}, ${checksum}, now(), ${name}, 1)`;
    });
    ran.push(name);
  }
  return ran;
}

/** Takes the last migration back, and tells which it was. */
export async function undoMigration(db: Database): Promise<string> {
  const last = (await applied(db)).at(-1);
  if (last === undefined) throw new Error("there is nothing to undo");
  const { name } = last;
  const script = await Deno.readTextFile(new URL(`${name}/down.sql`, FOLDER));
  await db.transaction(async (tx) => {
    await tx.exec(script);
    await tx.sql`DELETE FROM _prisma_migrations WHERE migration_name = ${name}`;
  });
  return name;
}

async function applied(
  db: Database,
): Promise<{ name: string; checksum: string }[]> {
  const { rows } = await db.query<{ name: string; checksum: string }>(
    `SELECT migration_name AS name, checksum FROM _prisma_migrations
     WHERE rolled_back_at IS NULL ORDER BY migration_name`,
  );
  return rows;
}

function namesOfMigrations(): string[] {
  return [...Deno.readDirSync(FOLDER)]
    .filter((entry) => entry.isDirectory)
    .map(({ name }) => name)
    .sort();
}

async function sha256(text: string): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
