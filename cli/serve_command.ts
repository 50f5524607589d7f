/**
 * `kriya serve`: lets clients of PostgreSQL use the database, or those of the
 * HTTP API, or both, until it is interrupted.
 *
 * It listens on this machine alone unless it is told otherwise; where others
 * can reach it, it wants a password, or to be told that there is none.
 *
 * @module
 */
import { open } from "../mod.ts";
import { serve, serveHttp, type TlsOptions } from "../server/mod.ts";
import type { CommandInput, Terminal } from "./command.ts";

/** The variable that the password of the user `postgres` is in. */
const PASSWORD = "KRIYA_PASSWORD";

/** The variable that a token of the HTTP API is in. */
const TOKEN = "KRIYA_TOKEN";

const USER = "postgres";
const PORT = 5432;

const WAITING = "kriya serve: waiting for what is under way";

/** Addresses that only this machine reaches. */
const LOOPBACK: ReadonlySet<string> = new Set([
  "127.0.0.1",
  "::1",
  "localhost",
]);

/** Runs the command. */
export async function runServe(
  { address, flags, values }: CommandInput,
  { out, say, signal }: Terminal,
): Promise<number> {
  const hostname = values.get("host") ?? "127.0.0.1";
  const password = Deno.env.get(PASSWORD);
  const token = Deno.env.get(TOKEN);
  const asks = password !== undefined || token !== undefined;
  const httpPort = portOf(values.get("http"));
  const wirePort = portOf(values.get("pg"));
  // A token opens the HTTP API alone.
  const asksAll = password !== undefined ||
    (asks && httpPort !== undefined && wirePort === undefined);
  if (!asksAll && !LOOPBACK.has(hostname) && !flags.has("trust")) {
    say(
      `kriya serve: ${hostname} can be reached by others: set ${PASSWORD}, or say --trust`,
    );
    return 2;
  }
  const tls = await tlsOf(values);
  const stopped = Promise.withResolvers<void>();
  signal?.addEventListener("abort", () => stopped.resolve(), { once: true });
  await using db = await open(address, { readOnly: flags.has("readonly") });
  const users = password === undefined ? undefined : { [USER]: password };
  const http = httpPort === undefined ? undefined : {
    port: httpPort,
    tokens: token === undefined ? undefined : { [token]: USER },
  };
  const shared = { hostname, tls, users };
  const scheme = tls === undefined ? "http" : "https";
  if (http !== undefined && wirePort === undefined) {
    await using server = await serveHttp(db, { ...shared, ...http });
    out(`${scheme}://${hostname}:${server.port}/v1/`);
    if (signal?.aborted !== true) await stopped.promise;
    say(WAITING);
    return 0;
  }
  const port = wirePort ?? PORT;
  await using server = await serve(db, { ...shared, port, http });
  out(`postgres://${USER}@${hostname}:${server.port}/postgres`);
  if (http !== undefined) out(`${scheme}://${hostname}:${server.httpPort}/v1/`);
  if (signal?.aborted !== true) await stopped.promise;
  say(WAITING);
  return 0;
}

/** @throws {Error} for a number that is no port. */
function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new Error(`kriya serve: "${text}" is no port`);
}

async function tlsOf(
  values: ReadonlyMap<string, string>,
): Promise<TlsOptions | undefined> {
  const cert = values.get("tls-cert");
  const key = values.get("tls-key");
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined) {
    throw new Error("kriya serve: --tls-cert and --tls-key go together");
  }
  return {
    cert: await Deno.readTextFile(cert),
    key: await Deno.readTextFile(key),
  };
}
