/**
 * Ours and PGlite as one thing: a database in memory that takes statements.
 *
 * @module
 */

/** What the row workloads ask of a database. */
export interface SqlEngine {
  /** Runs one statement. */
  query(sql: string, parameters?: unknown[]): Promise<{ rows: unknown[] }>;
  /** Lets go of it. */
  close(): Promise<void>;
}

/** Ours, in memory. */
export async function openOurs(url = "memory:"): Promise<SqlEngine> {
  const { open } = await import("../mod.ts");
  return await open(url);
}

/** PGlite, in memory. */
export async function openPglite(): Promise<SqlEngine> {
  const { PGlite } = await import("@electric-sql/pglite");
  return await PGlite.create();
}
