/**
 * A dialect for Kysely: queries, transactions, streams, introspection and
 * migrations over a database in this process.
 *
 * ```ts
 * import { type Generated, Kysely } from "kysely";
 * import { open } from "@kriyadb/kriyadb";
 * import { KriyaDialect } from "@kriyadb/kriyadb/kysely";
 *
 * interface Tables {
 *   person: { id: Generated<number>; name: string };
 * }
 *
 * const db = new Kysely<Tables>({
 *   dialect: new KriyaDialect({ database: () => open("memory:") }),
 * });
 * await db.schema.createTable("person")
 *   .addColumn("id", "serial", (column) => column.primaryKey())
 *   .addColumn("name", "text")
 *   .execute();
 * await db.insertInto("person").values({ name: "Ada" }).execute();
 * const people = await db.selectFrom("person").selectAll().execute();
 * console.assert(people[0]?.name === "Ada");
 * await db.destroy();
 * ```
 *
 * Here belongs what Kysely asks of a dialect. Its words are PostgreSQL's, so
 * that compiler, adapter and introspector are Kysely's own.
 *
 * @module
 */
export { KriyaDialect } from "./dialect.ts";
export { KriyaDriver, type KriyaDriverConfig } from "./driver.ts";
