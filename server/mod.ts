/**
 * KriyaDB for clients of PostgreSQL: psql, drivers, whatever speaks its
 * protocol.
 *
 * ```ts
 * import { open } from "@kriyadb/kriyadb";
 * import { serve } from "@kriyadb/kriyadb/server";
 *
 * await using db = await open("memory:");
 * await using server = await serve(db, { port: 0 });
 * console.log(`postgres://postgres@127.0.0.1:${server.port}/postgres`);
 * ```
 *
 * Here belongs what makes a database reachable from other processes; it uses
 * what applications use, and nothing else.
 *
 * @module
 */
import type { Database } from "../mod.ts";
import { Authentication } from "./wire/authentication.ts";
import { type ServeOptions, WireServer } from "./wire/wire_server.ts";

export {
  type CloseOptions,
  type ServeOptions,
  WireServer,
} from "./wire/wire_server.ts";
export type { TlsOptions } from "./wire/tls_relay.ts";

/**
 * Serves a database to clients of PostgreSQL. Each connection is a session of
 * its own; transactions are READ COMMITTED unless somebody says otherwise.
 *
 * Needs the permission to use the network (`--allow-net`).
 *
 * @throws {KriyaError} `invalid` for a certificate or a secret that is none.
 *
 * @example
 * ```ts
 * import { open } from "@kriyadb/kriyadb";
 * import { serve } from "@kriyadb/kriyadb/server";
 *
 * await using db = await open("memory:");
 * await using server = await serve(db, {
 *   port: 0,
 *   users: { postgres: "a long secret" },
 * });
 * console.assert(server.port > 0);
 * ```
 */
export async function serve(
  db: Database,
  options: ServeOptions = {},
): Promise<WireServer> {
  const authentication = new Authentication(options.users);
  await authentication.check();
  return new WireServer(db, options, authentication);
}
