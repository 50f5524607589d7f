/**
 * `kriya serve`: lets clients of PostgreSQL use the database, until it is
 * interrupted.
 *
 * It listens on this machine alone unless it is told otherwise; where others
 * can reach it, it wants a password, or to be told that there is none.
 *
 * @module
 */
import { open } from "../mod.ts";
import { serve, type TlsOptions } from "../server/mod.ts";
import type { CommandInput, Terminal } from "./command.ts";

/** The variable that the password of the user `postgres` is in. */
const PASSWORD = "KRIYA_PASSWORD";

const USER = "postgres";
const PORT = 5432;

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
  const port = portOf(values.get("pg"));
  const password = Deno.env.get(PASSWORD);
  if (
    password === undefined && !LOOPBACK.has(hostname) && !flags.has("trust")
  ) {
    say(
      `kriya serve: ${hostname} can be reached by others: set ${PASSWORD}, or say --trust`,
    );
    return 2;
  }
  const tls = await tlsOf(values);
  const stopped = Promise.withResolvers<void>();
  signal?.addEventListener("abort", () => stopped.resolve(), { once: true });
  await using db = await open(address, { readOnly: flags.has("readonly") });
  await using server = await serve(db, {
    hostname,
    port,
    tls,
    users: password === undefined ? undefined : { [USER]: password },
  });
  out(`postgres://${USER}@${hostname}:${server.port}/postgres`);
  if (signal?.aborted !== true) await stopped.promise;
  say("kriya serve: waiting for what is under way");
  return 0;
}

/** @throws {Error} for a number that is no port. */
function portOf(text: string | undefined): number {
  if (text === undefined) return PORT;
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
