/**
 * The file system calls that a folder store makes, in the form it needs them:
 * what waits for the disk is asynchronous, what only touches the cache of
 * the system is not (a hop to a thread costs a hundred times the call).
 *
 * Works on Deno, Node and Bun: `node:fs` only, and nothing that asks for more
 * than reading and writing the folder.
 *
 * @module
 */
import * as fs from "node:fs";
import { errorCode } from "./file_errors.ts";

/** Bytes that a synchronous write may take. */
const SYNC_WRITE_BYTES_MAX = 1 << 20;

/** Opens for reading; a symbolic link at the end of the path is refused. */
const READ_FLAGS = fs.constants.O_RDONLY | (fs.constants.O_NOFOLLOW ?? 0);

/** What a store needs to know of a file. */
export interface FileFacts {
  /** Its size in bytes. */
  readonly size: number;
  /** Tells it from every other file that exists. */
  readonly ino: number;
  /** When it was written, whole ms since the epoch. */
  readonly mtimeMs: number;
  /** Whether it is a plain file. */
  readonly isFile: boolean;
}

function factsOf(stats: fs.Stats): FileFacts {
  return {
    size: stats.size,
    ino: stats.ino,
    mtimeMs: Math.floor(stats.mtimeMs),
    isFile: stats.isFile(),
  };
}

/** Opens a file for reading. */
export function openRead(file: string): number {
  return fs.openSync(file, READ_FLAGS);
}

/** Closes a descriptor. */
export function closeFile(descriptor: number): void {
  fs.closeSync(descriptor);
}

/** The facts of an open file. */
export function factsOfOpen(descriptor: number): FileFacts {
  return factsOf(fs.fstatSync(descriptor));
}

/** The facts of what is at a path, not following links; undefined if none. */
export function factsAt(file: string): FileFacts | undefined {
  const stats = fs.lstatSync(file, { throwIfNoEntry: false });
  return stats === undefined ? undefined : factsOf(stats);
}

/** Reads up to `bytes.length` bytes from `offset`; returns how many came. */
export function readNow(
  descriptor: number,
  bytes: Uint8Array,
  offset: number,
): number {
  let done = 0;
  while (done < bytes.length) {
    const n = fs.readSync(
      descriptor,
      bytes,
      done,
      bytes.length - done,
      offset + done,
    );
    if (n === 0) break;
    done += n;
  }
  return done;
}

/** As `readNow`, on another thread. */
export async function readLater(
  descriptor: number,
  bytes: Uint8Array,
  offset: number,
): Promise<number> {
  let done = 0;
  while (done < bytes.length) {
    const from = done;
    const n = await new Promise<number>((resolve, reject) =>
      fs.read(
        descriptor,
        bytes,
        from,
        bytes.length - from,
        offset + from,
        (error, n) => error ? reject(error) : resolve(n),
      )
    );
    if (n === 0) break;
    done += n;
  }
  return done;
}

/**
 * Bytes after which a large file is brought to the disk: a small file's sync
 * may have to wait for what the system still has to write.
 */
const UNSYNCED_BYTES_MAX = 1024 * 1024;

async function writeAll(descriptor: number, bytes: Uint8Array): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    if (done > 0) await syncData(descriptor);
    const from = done;
    const length = Math.min(bytes.length - from, UNSYNCED_BYTES_MAX);
    done += length <= SYNC_WRITE_BYTES_MAX
      ? fs.writeSync(descriptor, bytes, from, length, from)
      : await new Promise<number>((resolve, reject) =>
        fs.write(
          descriptor,
          bytes,
          from,
          length,
          from,
          (error, n) => error ? reject(error) : resolve(n),
        )
      );
  }
}

function syncData(descriptor: number): Promise<void> {
  return new Promise((resolve, reject) =>
    fs.fdatasync(descriptor, (error) => error ? reject(error) : resolve())
  );
}

/**
 * Creates a file that must not exist, writes `bytes`, dates it `mtimeMs` and
 * makes it durable. The name is not durable yet, and the file is left behind
 * when this fails.
 */
export async function writeNewFile(
  file: string,
  bytes: Uint8Array,
  mtimeMs: number,
): Promise<FileFacts> {
  const descriptor = fs.openSync(file, "wx", 0o666);
  try {
    await writeAll(descriptor, bytes);
    // In the middle of its millisecond: seconds as a float are not exact, and
    // would round two dates to one.
    const seconds = (mtimeMs + 0.5) / 1000;
    fs.futimesSync(descriptor, seconds, seconds);
    await syncData(descriptor);
    return factsOfOpen(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

/** Makes the entries of a folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  let descriptor: number;
  try {
    descriptor = fs.openSync(folder, "r");
  } catch (error) {
    // Windows opens no folders, and journals their entries by itself.
    if (windowsRefuses(error)) return;
    throw error;
  }
  try {
    await new Promise<void>((resolve, reject) =>
      fs.fsync(descriptor, (error) => error ? reject(error) : resolve())
    );
  } catch (error) {
    if (!windowsRefuses(error)) throw error;
  } finally {
    fs.closeSync(descriptor);
  }
}

/** A folder reads as `EPERM` or `EISDIR` only where folders are not files. */
function windowsRefuses(error: unknown): boolean {
  if (fs.constants.O_DIRECTORY !== undefined) return false;
  return ["EPERM", "EISDIR", "EACCES", "EBADF"].includes(errorCode(error));
}

/** Gives a file a second name; throws `EEXIST` if the name is taken. */
export function linkFile(file: string, name: string): void {
  fs.linkSync(file, name);
}

/** Removes a name; returns whether it was there. */
export function removeFile(file: string): boolean {
  try {
    fs.unlinkSync(file);
    return true;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return false;
    throw error;
  }
}

/** Removes a name and does not mind when it cannot. */
export function discardFile(file: string): void {
  try {
    fs.unlinkSync(file);
  } catch {
    // Left for the next opening to collect.
  }
}

/** Removes a folder if it is empty, and does not mind when it is not. */
export function discardFolder(folder: string): void {
  try {
    fs.rmdirSync(folder);
  } catch {
    // Not empty, or gone already.
  }
}

/** Whether anything is at a path (under a folder that can be searched). */
export function exists(file: string): boolean {
  return fs.existsSync(file);
}

/** The names in a folder; none if there is no such folder. */
export function namesIn(folder: string): string[] {
  try {
    return fs.readdirSync(folder);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  }
}

/** Makes a folder; returns false if something is there already. */
export function makeFolder(folder: string): boolean {
  try {
    fs.mkdirSync(folder);
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    throw error;
  }
}
