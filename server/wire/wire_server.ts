/**
 * A server of PostgreSQL's protocol: takes connections, knows them all, and
 * ends them.
 *
 * @module
 */
import { type Database, systemEnvironment } from "../../mod.ts";
import type { Authentication } from "./authentication.ts";
import { Connection, type ConnectionHost } from "./connection.ts";
import { ConnectionStream } from "./connection_stream.ts";
import { type TlsOptions, TlsRelay } from "./tls_relay.ts";

/** How a server is opened. */
export interface WireOptions {
  /** The port; 0: any that is free (default 5432). */
  readonly port?: number | undefined;
  /** The address it listens on (default `127.0.0.1`). */
  readonly hostname?: string | undefined;
  /**
   * Who may come in: passwords, or SCRAM secrets, by user. Everybody is asked
   * for one (SCRAM-SHA-256). Without it, everybody who reaches the port is who
   * they say they are. The users are roles of the database.
   */
  readonly users?: Readonly<Record<string, string>> | undefined;
  /** Lets clients speak TLS, which they ask for (default: there is none). */
  readonly tls?: TlsOptions | undefined;
  /** How many connections there may be (default 500). */
  readonly connectionsMax?: number | undefined;
  /** The longest message a client may send, in bytes (default 64 MiB). */
  readonly messageBytesMax?: number | undefined;
  /** How long a client may take until it is in, in ms (default 60,000). */
  readonly startupTimeoutMs?: number | undefined;
}

/** How a server is closed. */
export interface CloseOptions {
  /** How long what clients do may take to end, in ms (default 5,000). */
  readonly graceMs?: number | undefined;
}

const CONNECTIONS_MAX = 500;
const MESSAGE_BYTES_MAX = 64 * 1024 * 1024;
const STARTUP_TIMEOUT_MS = 60_000;
const GRACE_MS = 5000;

/** How long clients may take to hear that they have to go, in ms. */
const DROP_MS = 1000;

/** How often it is looked whether clients are done, in ms. */
const LOOK_MS = 20;

/** A server; made by `serve`. */
export class WireServer implements AsyncDisposable {
  readonly #listener: Deno.TcpListener;
  readonly #relay: TlsRelay | undefined;
  readonly #host: ConnectionHost;
  readonly #connections = new Map<Connection, Promise<void>>();
  readonly #accepting: Promise<unknown>;
  #closing: Promise<void> | undefined;

  /** Used by `serve`. */
  constructor(
    db: Database,
    options: WireOptions,
    authentication: Authentication,
  ) {
    const { hostname = "127.0.0.1", port = 5432, tls } = options;
    this.#relay = tls === undefined ? undefined : new TlsRelay(tls);
    this.#listener = Deno.listen({ hostname, port });
    const connectionsMax = options.connectionsMax ?? CONNECTIONS_MAX;
    this.#host = {
      db,
      environment: systemEnvironment,
      authentication,
      messageBytesMax: options.messageBytesMax ?? MESSAGE_BYTES_MAX,
      startupTimeoutMs: options.startupTimeoutMs ?? STARTUP_TIMEOUT_MS,
      hasRoom: () => this.connectionCount <= connectionsMax,
      cancel: (processId, secret) => this.#cancel(processId, secret),
      secure: undefined,
    };
    const relay = this.#relay;
    this.#accepting = Promise.all([
      this.#accept(() => accept(this.#listener), relay),
      relay && this.#accept(() => relay.accept(), undefined),
    ]);
  }

  /** The port it listens on. */
  get port(): number {
    return (this.#listener.addr as Deno.NetAddr).port;
  }

  /** How many clients are connected. */
  get connectionCount(): number {
    let count = 0;
    for (const { isHandedOver } of this.#connections.keys()) {
      if (!isHandedOver) count++;
    }
    return count;
  }

  /**
   * Takes no more connections, and ends those there are: at once where nothing
   * is done and no transaction is open, after `graceMs` where one is. What was
   * not committed is rolled back. The database stays open. May be called twice.
   */
  close(options: CloseOptions = {}): Promise<void> {
    return this.#closing ??= this.#close(options.graceMs ?? GRACE_MS);
  }

  /** Closes the server at the end of `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(graceMs: number): Promise<void> {
    this.#listener.close();
    const { environment } = this.#host;
    const endMs = environment.monotonicMs() + graceMs;
    for (;;) {
      const busy = [...this.#connections.keys()].filter((connection) => {
        if (connection.isBusy) return true;
        void connection.end();
        return false;
      });
      if (busy.length === 0 || environment.monotonicMs() >= endMs) break;
      await this.#wait(LOOK_MS);
    }
    for (const connection of this.#connections.keys()) void connection.end();
    const served = Promise.all(this.#connections.values());
    await Promise.race([served, this.#wait(DROP_MS)]);
    for (const connection of this.#connections.keys()) connection.drop();
    await served;
    this.#relay?.close();
    await this.#accepting;
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#host.environment.setTimer(resolve, ms);
    });
  }

  /** Takes connections until the server is closed. */
  async #accept(
    next: () => Promise<Deno.Conn>,
    relay: TlsRelay | undefined,
  ): Promise<void> {
    for (;;) {
      try {
        this.#serve(await next(), relay);
      } catch (error) {
        if (this.#closing !== undefined) return;
        if (error instanceof Deno.errors.BadResource) return;
        // A client that is gone again, or no more files: others come.
        await this.#wait(LOOK_MS);
      }
    }
  }

  #serve(conn: Deno.Conn, relay: TlsRelay | undefined): void {
    const host = relay === undefined ? this.#host : {
      ...this.#host,
      secure: (begun: Uint8Array) => relay.relay(conn, begun),
    };
    const connection = new Connection(host, new ConnectionStream(conn));
    const served = connection.serve();
    this.#connections.set(connection, served);
    void served.then(() => this.#connections.delete(connection));
  }

  #cancel(processId: number, secret: number): void {
    for (const connection of this.#connections.keys()) {
      if (connection.processId !== processId) continue;
      if (connection.secret === secret) connection.cancel();
    }
  }
}

/** The next connection; one whose client is gone for long ends by itself. */
async function accept(listener: Deno.TcpListener): Promise<Deno.Conn> {
  const conn = await listener.accept();
  conn.setNoDelay(true);
  conn.setKeepAlive(true);
  return conn;
}
