/**
 * Servers of PostgreSQL's protocol on loopback: ours, PGlite behind its socket,
 * PostgreSQL itself.
 *
 * @module
 */
import { join } from "node:path";
import process from "node:process";
import { treeCpuMs } from "./process_times.ts";

/** A server that clients can reach. */
export interface Served {
  readonly port: number;
  /** The CPU time of its processes, where they are others than this one. */
  cpuMs?(): number;
  /** Ends it. */
  close(): Promise<void>;
}

/** Ours, over a database in memory. */
export async function serveOurs(): Promise<Served> {
  const { open } = await import("../mod.ts");
  const { serve } = await import("../server/mod.ts");
  const db = await open("memory:");
  const server = await serve(db, { port: 0 });
  return {
    port: server.port,
    async close(): Promise<void> {
      await server.close();
      await db.close();
    },
  };
}

/** PGlite behind its own socket server. */
export async function servePglite(dataDir?: string): Promise<Served> {
  const { PGlite } = await import("@electric-sql/pglite");
  const { vector } = await import("@electric-sql/pglite-pgvector");
  const { PGLiteSocketServer } = await import("@electric-sql/pglite-socket");
  const db = await PGlite.create({
    ...dataDir !== undefined && { dataDir },
    extensions: { vector },
  });
  const port = freePort();
  const server = new PGLiteSocketServer({
    db,
    port,
    host: "127.0.0.1",
    maxConnections: 16,
  });
  await server.start();
  return {
    port,
    async close(): Promise<void> {
      await server.stop();
      await db.close();
    },
  };
}

/** Where Debian has PostgreSQL's programs. */
const PROGRAMS = "/usr/lib/postgresql/15/bin";

/** PostgreSQL with its defaults, in a new folder. */
export async function servePostgres(): Promise<Served> {
  const folder = await Deno.makeTempDir({ prefix: "kriya-bench-pg-" });
  const data = join(folder, "data");
  const isRoot = Deno.uid() === 0;
  if (isRoot) await run("chown", ["postgres", folder]);
  const asUser = (program: string, ...args: string[]): Promise<void> => {
    const path = join(PROGRAMS, program);
    return isRoot
      ? run("runuser", ["-u", "postgres", "--", path, ...args])
      : run(path, args);
  };
  const port = freePort();
  await asUser("initdb", "-D", data, "-U", "postgres", "-A", "trust");
  const options = `-p ${port} -k ${folder} -h 127.0.0.1`;
  await asUser(
    "pg_ctl",
    ...["-D", data, "-o", options, "-l", join(folder, "log"), "-w", "start"],
  );
  const [postmaster] = (await Deno.readTextFile(join(data, "postmaster.pid")))
    .split("\n");
  return {
    port,
    cpuMs: () => treeCpuMs(Number(postmaster)),
    async close(): Promise<void> {
      await asUser("pg_ctl", "-D", data, "-m", "fast", "-w", "stop");
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** Runs a program to its end; what it prints. @throws if it fails. */
export async function output(
  program: string,
  args: readonly string[],
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    stdin: "null",
    env: { ...process.env as Record<string, string> },
  }).output();
  const said = new TextDecoder().decode(stdout);
  if (success) return said;
  throw new Error(`${program}: ${new TextDecoder().decode(stderr)}${said}`);
}

/** Its children keep what it prints to: nothing is read. */
async function run(program: string, args: readonly string[]): Promise<void> {
  const { success } = await new Deno.Command(program, {
    args: [...args],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn().status;
  if (!success) throw new Error(`${program} ${args.join(" ")} failed`);
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  return port;
}
