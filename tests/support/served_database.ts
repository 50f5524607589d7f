/**
 * A database in memory, served on loopback to the clients of a test.
 *
 * @module
 */
import { type Database, open, type OpenOptions } from "../../mod.ts";
import { serve, type ServeOptions, type Server } from "../../server/mod.ts";

/** A database and its server. */
export interface Served {
  readonly db: Database;
  readonly server: Server;
  readonly port: number;
  /** An address that clients take; `login` is a user, or `user:password`. */
  url(login?: string): string;
}

/** Runs `work` with a new database that is served. */
export async function withServed<T>(
  work: (served: Served) => Promise<T>,
  options: ServeOptions & { readonly open?: OpenOptions } = {},
): Promise<T> {
  await using db = await open("memory:", options.open);
  await using server = await serve(db, { port: 0, ...options });
  const { port } = server;
  return await work({
    db,
    server,
    port,
    url: (login = "postgres") =>
      `postgres://${login}@127.0.0.1:${port}/postgres`,
  });
}
