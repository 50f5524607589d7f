/**
 * What an error of the file system means to the caller of a store.
 *
 * Every failure of the disk is `unavailable`: the request may be made again
 * once its cause is gone, and what it did is unknown until read back; a disk
 * without room has a code of its own (`53100`). The message names the action and the path, the hint says what to do. A path that
 * cannot exist (an object where a folder is needed) is `invalid`.
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";

/** The name that the system gives an error: `ENOENT`, `EACCES` … */
export function errorCode(error: unknown): string {
  if (typeof error !== "object" || error === null) return "";
  const { code, name } = error as { code?: unknown; name?: unknown };
  if (typeof code === "string") return code;
  // Deno refuses what its flags do not allow with an error that has no code.
  if (name === "NotCapable" || name === "PermissionDenied") return name;
  return "";
}

/** Whether the error says that there is nothing at a path. */
export function isMissing(error: unknown): boolean {
  const code = errorCode(error);
  return code === "ENOENT" || code === "ENOTDIR";
}

/** SQLSTATE of a store that has no room: PostgreSQL's disk_full. */
export const DISK_FULL = "53100";

function hintOf(code: string): string | undefined {
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return "Free space on the disk, or raise the quota, and try again";
    case "EFBIG":
      return "The file system or a limit of the process refuses files this large";
    case "EACCES":
    case "EPERM":
      return "Give the process the right to read and write the folder and everything in it";
    case "NotCapable":
    case "PermissionDenied":
      return "Run with --allow-read and --allow-write for the folder";
    case "EROFS":
      return "The file system is mounted read-only: mount it writable, or open the database read-only";
    case "EMFILE":
    case "ENFILE":
      return "Raise the limit of open files, or lower openFilesMax";
    case "ELOOP":
      return "The folder of a store holds no symbolic links: put the object itself there";
    case "EXDEV":
      return "The folder of a store lies on one file system: no mounts below it";
    case "EIO":
      return "The disk reports an error: check it, and open the database again";
    case "ENOTSUP":
    case "EOPNOTSUPP":
    case "ENOSYS":
    case "EMLINK":
      return "The store needs a file system with hard links, as ext4, XFS, APFS and NTFS are";
    default:
      return undefined;
  }
}

/** The store's error for an error of the file system. */
export function fileError(
  action: string,
  path: string,
  error: unknown,
): KriyaError {
  if (error instanceof KriyaError) return error;
  const code = errorCode(error);
  if (code === "ENOTDIR" || code === "EISDIR" || code === "ENAMETOOLONG") {
    return new KriyaError(
      "invalid",
      `Cannot ${action} "${path}": it is a folder of another object, or another object is its folder, or its name is too long (${code})`,
      { cause: error },
    );
  }
  const hint = hintOf(code);
  const why = error instanceof Error ? error.message : String(error);
  return new KriyaError(
    "unavailable",
    `Cannot ${action} "${path}": ${code === "" ? why : code}`,
    {
      cause: error,
      detail: why,
      ...(code === "ENOSPC" || code === "EDQUOT" ? { code: DISK_FULL } : {}),
      ...(hint === undefined ? {} : { hint }),
    },
  );
}
