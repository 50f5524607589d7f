/**
 * The tests of buckets on a real server: installs MinIO with Go unless it is
 * there, and runs `tests/s3`.
 *
 * ```sh
 * deno task test:s3            # --install-only: only that
 * ```
 *
 * The program stays where `go install` puts it, for the next time. Without Go
 * a line says so, and the tests run that need no MinIO.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { findMinio, MINIO_PACKAGE } from "./minio.ts";

/** Minutes that fetching and building may take. */
const INSTALL_MINUTES_MAX = 20;

async function run(program: string, args: string[]): Promise<number> {
  const { code } = await new Deno.Command(program, {
    args,
    cwd: fileURLToPath(new URL("../", import.meta.url)),
    stdin: "null",
    signal: AbortSignal.timeout(INSTALL_MINUTES_MAX * 60_000),
  }).spawn().status;
  return code;
}

async function install(): Promise<void> {
  if (findMinio() !== undefined) return;
  try {
    console.log(`go install ${MINIO_PACKAGE} (once, some minutes)`);
    const code = await run("go", ["install", MINIO_PACKAGE]);
    if (code !== 0) console.log(`go install failed with code ${code}`);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    console.log("Go is not installed, so MinIO cannot be: see https://go.dev");
  }
}

await install();
if (!Deno.args.includes("--install-only")) {
  Deno.exit(await run(Deno.execPath(), ["test", "--allow-all", "tests/s3"]));
}
