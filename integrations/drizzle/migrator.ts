/**
 * Drizzle's migrations: folders that `drizzle-kit generate` writes.
 *
 * @module
 */
import type { PgDialect, PgSession } from "drizzle-orm/pg-core";
import { type MigrationConfig, readMigrationFiles } from "drizzle-orm/migrator";
import type { KriyaDatabase } from "./driver.ts";

/** What Drizzle keeps of a database for its own use. */
interface DatabaseParts {
  readonly dialect: PgDialect;
  readonly session: PgSession;
}

/**
 * Runs the migrations that were not run yet, in one transaction; which were is
 * kept in `drizzle.__drizzle_migrations`.
 *
 * @throws {SqlError} of the first statement that fails; none has run then.
 */
export async function migrate<S extends Record<string, unknown>>(
  db: KriyaDatabase<S>,
  config: MigrationConfig,
): Promise<void> {
  const migrations = readMigrationFiles(config);
  const { dialect, session } = db as unknown as DatabaseParts;
  await dialect.migrate(migrations, session, config);
}
