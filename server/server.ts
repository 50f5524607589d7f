/**
 * A database that others reach: clients of PostgreSQL, and of the HTTP API if
 * that is asked for.
 *
 * @module
 */
import type { Database } from "../mod.ts";
import { type HttpServeOptions, HttpServer } from "./http/http_server.ts";
import { Authentication } from "./wire/authentication.ts";
import {
  type CloseOptions,
  type WireOptions,
  WireServer,
} from "./wire/wire_server.ts";

/** How a database is served. */
export interface ServeOptions extends WireOptions {
  /**
   * Serves the HTTP API besides (default: no). Its address, its users and its
   * TLS are those of the server unless it has its own.
   */
  readonly http?: HttpServeOptions | undefined;
}

/** A server; made by `serve`. */
export class Server implements AsyncDisposable {
  readonly #wire: WireServer;
  readonly #http: HttpServer | undefined;

  /** Used by `serve`. */
  constructor(
    db: Database,
    { http, ...options }: ServeOptions,
    authentication: Authentication,
  ) {
    this.#wire = new WireServer(db, options, authentication);
    if (http === undefined) return;
    const { hostname, tls } = options;
    try {
      this.#http = new HttpServer(
        db,
        { hostname, tls, ...http },
        http.users === undefined
          ? authentication
          : new Authentication(http.users),
      );
    } catch (error) {
      void this.#wire.close();
      throw error;
    }
  }

  /** The port it listens on for clients of PostgreSQL. */
  get port(): number {
    return this.#wire.port;
  }

  /** The port of the HTTP API, if it is served. */
  get httpPort(): number | undefined {
    return this.#http?.port;
  }

  /** How many clients of PostgreSQL are connected. */
  get connectionCount(): number {
    return this.#wire.connectionCount;
  }

  /**
   * Takes no more connections, and ends those there are: at once where nothing
   * is done and no transaction is open, after `graceMs` where one is. What was
   * not committed is rolled back. The database stays open. May be called twice.
   */
  async close(options: CloseOptions = {}): Promise<void> {
    await Promise.all([
      this.#wire.close(options),
      this.#http?.close(options),
    ]);
  }

  /** Closes the server at the end of `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
