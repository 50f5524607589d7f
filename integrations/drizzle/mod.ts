/**
 * A driver for Drizzle: queries, relational queries, transactions and
 * migrations over a database in this process.
 *
 * ```ts
 * import { integer, pgTable, text } from "drizzle-orm/pg-core";
 * import { open } from "@kriyadb/kriyadb";
 * import { drizzle } from "@kriyadb/kriyadb/drizzle";
 *
 * const people = pgTable("people", { id: integer().primaryKey(), name: text() });
 *
 * await using client = await open("memory:");
 * await client.exec("CREATE TABLE people (id int PRIMARY KEY, name text)");
 * const db = drizzle(client);
 * await db.insert(people).values({ id: 1, name: "Ada" });
 * const rows = await db.select().from(people);
 * console.assert(rows[0]?.name === "Ada");
 * ```
 *
 * Here belongs what Drizzle asks of a driver. Its words are PostgreSQL's, so
 * that dialect, relations and migrations are Drizzle's own.
 *
 * @module
 */
export { drizzle, type DrizzleOptions, KriyaDatabase } from "./driver.ts";
export { migrate } from "./migrator.ts";
export type {
  KriyaPreparedQuery,
  KriyaQueryResultHkt,
  KriyaSession,
  KriyaTransaction,
} from "./session.ts";
