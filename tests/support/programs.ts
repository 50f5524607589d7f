/**
 * PostgreSQL's own programs, as clients of a test.
 *
 * `apt-get install -y postgresql-client-15 postgresql-contrib-15` brings psql,
 * pg_dump and pgbench to Debian.
 *
 * @module
 */

/** What a program said. */
export interface ProgramResult {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

/** Whether a program is there. */
export function hasProgram(name: string): boolean {
  try {
    return new Deno.Command(name, { args: ["--version"], stdout: "null" })
      .outputSync().success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Whether a file is there. */
export function hasFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Runs a program on a server, as the user `postgres`. */
export async function runProgram(
  name: string,
  args: readonly string[],
  options: {
    readonly port: number;
    readonly input?: string;
    readonly env?: Readonly<Record<string, string>>;
  },
): Promise<ProgramResult> {
  const process = new Deno.Command(name, {
    args: [...args],
    env: {
      PGHOST: "127.0.0.1",
      PGPORT: String(options.port),
      PGUSER: "postgres",
      PGDATABASE: "postgres",
      PGSSLMODE: "disable",
      PGCONNECT_TIMEOUT: "20",
      PSQLRC: "/dev/null",
      ...options.env,
    },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode(options.input ?? ""));
  await writer.close();
  const { code, stdout, stderr } = await process.output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), error: decoder.decode(stderr) };
}
