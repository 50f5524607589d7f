/**
 * KriyaDB with the face of PGlite: an application changes its import and goes
 * on, with its data in a folder or a bucket.
 *
 * ```ts
 * import { PGlite } from "@kriyadb/kriyadb/pglite";
 *
 * await using pg = await PGlite.create();
 * await pg.exec("CREATE TABLE todo (id serial PRIMARY KEY, task text)");
 * await pg.query("INSERT INTO todo (task) VALUES ($1)", ["write"]);
 * const { rows } = await pg.sql`SELECT task FROM todo WHERE id = ${1}`;
 * console.assert(rows[0]?.task === "write");
 * ```
 *
 * Here belongs what applications call of PGlite. What is not there throws, with
 * its name: what loads PGlite's own server, its file systems and its dumps.
 *
 * @module
 */
export { type DescribeQueryResult, PGlite } from "./pglite.ts";
export { Transaction } from "./transaction.ts";
export type { Statements } from "./transaction.ts";
export type { PGliteOptions } from "./options.ts";
export {
  type Extension,
  type Extensions,
  type ExtensionSetupResult,
  type InitializedExtensions,
  vector,
} from "./extension.ts";
export type {
  AnyRow,
  Parser,
  ParserOptions,
  PgliteQueryOptions,
  PgliteQueryOptions as QueryOptions,
  Results,
  Serializer,
  SerializerOptions,
} from "./results.ts";
export { types } from "./type_ids.ts";
