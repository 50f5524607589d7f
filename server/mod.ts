/**
 * KriyaDB for others: for clients of PostgreSQL (psql, drivers, whatever speaks
 * its protocol), and over HTTP.
 *
 * ```ts
 * import { open } from "@kriyadb/kriyadb";
 * import { serve } from "@kriyadb/kriyadb/server";
 *
 * await using db = await open("memory:");
 * await using server = await serve(db, { port: 0, http: { port: 0 } });
 * console.log(`postgres://postgres@127.0.0.1:${server.port}/postgres`);
 * console.log(`http://127.0.0.1:${server.httpPort}/v1/query`);
 * ```
 *
 * Here belongs what makes a database reachable from other processes; it uses
 * what applications use, and nothing else.
 *
 * @module
 */
import type { Database } from "../mod.ts";
import {
  createHandler,
  type HttpHandler,
  type HttpOptions,
} from "./http/http_handler.ts";
import { type HttpServeOptions, HttpServer } from "./http/http_server.ts";
import { type ServeOptions, Server } from "./server.ts";
import { Authentication } from "./wire/authentication.ts";

export type { CloseOptions, WireOptions } from "./wire/wire_server.ts";
export type { TlsOptions } from "./wire/tls_relay.ts";
export type { Origins } from "./http/cross_origin.ts";
export type { HttpHandler, HttpOptions, HttpServeOptions, ServeOptions };
export { HttpServer, Server };

/**
 * Serves a database to clients of PostgreSQL. Each connection is a session of
 * its own; transactions are READ COMMITTED unless somebody says otherwise. With
 * `http` it serves the HTTP API, too.
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
): Promise<Server> {
  const authentication = await checked(options.users);
  await checked(options.http?.users);
  return new Server(db, options, authentication);
}

/**
 * Serves a database over HTTP alone, on a port; see {@linkcode httpHandler} for
 * what can be asked.
 *
 * Needs the permission to use the network (`--allow-net`).
 *
 * @throws {KriyaError} `invalid` for a secret that is none.
 *
 * @example
 * ```ts
 * import { open } from "@kriyadb/kriyadb";
 * import { serveHttp } from "@kriyadb/kriyadb/server";
 * import { assertEquals } from "@std/assert";
 *
 * await using db = await open("memory:");
 * await using server = await serveHttp(db, { port: 0 });
 * const response = await fetch(`http://127.0.0.1:${server.port}/v1/query`, {
 *   method: "POST",
 *   headers: { "content-type": "application/json" },
 *   body: JSON.stringify({ sql: "SELECT $1::int + 1 AS n", params: [1] }),
 * });
 * assertEquals((await response.json()).rows, [{ n: 2 }]);
 * ```
 */
export async function serveHttp(
  db: Database,
  options: HttpServeOptions = {},
): Promise<HttpServer> {
  return new HttpServer(db, options, await checked(options.users));
}

/**
 * The HTTP API as a function from requests to responses, for whatever serves
 * those: `Deno.serve`, Hono, an edge. It may be mounted below any path.
 *
 * `POST /v1/insert`, `/v1/search`, `/v1/query`, `/v1/delete`, all with JSON, and
 * `GET /v1/health`.
 *
 * @example Documents, and the same data in SQL
 * ```ts
 * import { open } from "@kriyadb/kriyadb";
 * import { httpHandler } from "@kriyadb/kriyadb/server";
 * import { assertEquals } from "@std/assert";
 *
 * await using db = await open("memory:");
 * const handler = httpHandler(db);
 * const post = async (path: string, body: unknown) => {
 *   const request = new Request(`http://localhost${path}`, {
 *     method: "POST",
 *     headers: { "content-type": "application/json" },
 *     body: JSON.stringify(body),
 *   });
 *   return await (await handler(request)).json();
 * };
 * assertEquals(
 *   await post("/v1/insert", { doc_id: "doc_123", embedding: [1, 0] }),
 *   { status: "ok", doc_id: "doc_123" },
 * );
 * const { results } = await post("/v1/search", {
 *   query_embedding: [1, 0],
 *   k: 10,
 * });
 * assertEquals(results[0].doc_id, "doc_123");
 * assertEquals(
 *   (await post("/v1/query", { sql: "SELECT doc_id FROM documents" })).rows,
 *   [{ doc_id: "doc_123" }],
 * );
 * ```
 */
export function httpHandler(
  db: Database,
  options: HttpOptions = {},
): HttpHandler {
  return createHandler(db, options);
}

/** The users, whose secrets can be read. @throws {KriyaError} */
async function checked(users: HttpOptions["users"]): Promise<Authentication> {
  const authentication = new Authentication(users);
  await authentication.check();
  return authentication;
}
