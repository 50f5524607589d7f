/**
 * Files that a statement names: COPY … FROM and TO a path.
 *
 * They are no objects of the database. The permission is Deno's.
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";

/**
 * The bytes of a file.
 *
 * @throws {KriyaError} `invalid` with PostgreSQL's code when it cannot be read.
 */
export async function readLocalFile(
  path: string,
): Promise<ReadableStream<Uint8Array>> {
  try {
    const file = await Deno.open(path);
    return file.readable;
  } catch (error) {
    throw fileError(path, "reading", error);
  }
}

/**
 * Writes a file anew.
 *
 * @throws {KriyaError} `invalid` with PostgreSQL's code when it cannot be written.
 */
export async function writeLocalFile(
  path: string,
  bytes: AsyncIterable<Uint8Array>,
): Promise<void> {
  let file: Deno.FsFile;
  try {
    file = await Deno.open(path, { write: true, create: true, truncate: true });
  } catch (error) {
    throw fileError(path, "writing", error);
  }
  try {
    const writer = file.writable.getWriter();
    for await (const some of bytes) await writer.write(some);
    await writer.close();
  } catch (error) {
    closeQuietly(file);
    throw error;
  }
}

function closeQuietly(file: Deno.FsFile): void {
  try {
    file.close();
  } catch {
    // It was closed with its stream.
  }
}

function fileError(path: string, use: string, error: unknown): KriyaError {
  const [code, why] = error instanceof Deno.errors.NotFound
    ? ["58P01", "No such file or directory"]
    : error instanceof Deno.errors.PermissionDenied ||
        error instanceof Deno.errors.NotCapable
    ? ["42501", "Permission denied"]
    : ["58030", error instanceof Error ? error.message : String(error)];
  return new KriyaError(
    "invalid",
    `could not open file "${path}" for ${use}: ${why}`,
    { code, cause: error },
  );
}
