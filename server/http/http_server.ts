/**
 * The HTTP API on a port.
 *
 * @module
 */
import { type Database, systemEnvironment } from "../../mod.ts";
import type { Authentication } from "../wire/authentication.ts";
import type { TlsOptions } from "../wire/tls_relay.ts";
import { errorResponse, HttpError } from "./http_error.ts";
import { createHandler, type HttpOptions } from "./http_handler.ts";

/** How the API is served. */
export interface HttpServeOptions extends HttpOptions {
  /** The port; 0: any that is free (default 51051). */
  readonly port?: number | undefined;
  /** The address it listens on (default `127.0.0.1`). */
  readonly hostname?: string | undefined;
  /** Speaks TLS (default: no). */
  readonly tls?: TlsOptions | undefined;
}

const PORT = 51_051;
const GRACE_MS = 5000;

/** How long clients may take to read that they have to go, in ms. */
const DROP_MS = 1000;

/** How often it is looked whether requests are done, in ms. */
const LOOK_MS = 10;

/** Names of this machine that nobody else has. */
const LOOPBACK = ["127.0.0.1", "localhost", "[::1]"];

/** A server of the API; made by `serveHttp`. */
export class HttpServer implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  /** Ends what is under way. */
  readonly #stop = new AbortController();
  /** Ends connections, whatever their clients have read. */
  readonly #drop = new AbortController();
  /** Requests whose answers are not with their clients yet. */
  #underWay = 0;
  #closing: Promise<void> | undefined;

  /** Used by `serveHttp`. */
  constructor(
    db: Database,
    options: HttpServeOptions,
    authentication: Authentication,
  ) {
    const { hostname = "127.0.0.1", port = PORT, tls, signal } = options;
    const stop = this.#stop.signal;
    const asks = authentication.asks || options.tokens !== undefined;
    const isLocal = hostname === "::1" || LOOPBACK.includes(hostname);
    const handler = createHandler(db, {
      ...options,
      // Where nobody has to say who they are, who can reach it is all there is.
      hosts: options.hosts ?? (isLocal && !asks ? LOOPBACK : undefined),
      signal: signal === undefined ? stop : AbortSignal.any([signal, stop]),
    }, authentication);
    this.#server = Deno.serve(
      { hostname, port, onListen: () => {}, signal: this.#drop.signal, ...tls },
      (request, { completed }) => {
        this.#underWay++;
        const done = (): void => void this.#underWay--;
        void completed.then(done, done);
        return this.#closing === undefined ? handler(request) : goodbye();
      },
    );
  }

  /** The port it listens on. */
  get port(): number {
    return this.#server.addr.port;
  }

  /**
   * Takes no more requests, and ends those under way that `graceMs` (default
   * 5,000) are not enough for. The database stays open. May be called twice.
   */
  close(
    options: { readonly graceMs?: number | undefined } = {},
  ): Promise<void> {
    return this.#closing ??= this.#close(options.graceMs ?? GRACE_MS);
  }

  /** Closes the server at the end of `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(graceMs: number): Promise<void> {
    await this.#idle(graceMs);
    this.#stop.abort();
    await this.#idle(DROP_MS);
    // Not `shutdown`: it waits for clients that read nothing.
    this.#drop.abort();
    await this.#server.finished;
  }

  /** Resolves when nothing is under way, or after `ms`. */
  async #idle(ms: number): Promise<void> {
    const { monotonicMs, setTimer } = systemEnvironment;
    const endMs = monotonicMs() + ms;
    while (this.#underWay > 0 && monotonicMs() < endMs) {
      await new Promise<void>((resolve) => void setTimer(resolve, LOOK_MS));
    }
  }
}

/** What is said to who comes while the server closes. */
function goodbye(): Response {
  return errorResponse(
    new HttpError(503, "57P03", "the server is shutting down", {
      connection: "close",
    }),
  );
}
