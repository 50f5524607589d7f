/**
 * The folders below a store's root: made once, made durable once, and never a
 * symbolic link.
 *
 * Invariants:
 * 1. Before a name is created in a folder, the folder's own entry in its
 *    parent is durable, and so on up to the root, whoever made it.
 * 2. No path of an object leads through a symbolic link: a folder is looked at
 *    before it is first used. (The root itself may be one: it is resolved when
 *    the store opens.)
 * 3. When making a folder durable fails, the folder store takes no more
 *    writes: the system may call the next attempt a success without having
 *    written anything, and a repeated put would then find its own object and
 *    be told it is safe.
 *
 * @module
 */
import * as fs from "node:fs";
import { dirname } from "node:path";
import { KriyaError } from "../../base/errors.ts";
import { isPermitted } from "../../base/permission.ts";
import { errorCode, fileError, isMissing } from "./file_errors.ts";
import { makeFolder, syncFolder } from "./file_io.ts";

/** Folders remembered; forgotten all at once beyond that. */
const KNOWN_MAX = 4096;

/** The folder of a path, empty for the root. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "" : path.slice(0, slash);
}

/** Makes the root with all above it, and its entry durable where allowed. */
export async function makeRoot(root: string): Promise<void> {
  const first = fs.mkdirSync(root, { recursive: true });
  // Only the part that was just made can be missing after a crash.
  const top = first === undefined ? root : first;
  for (let folder = root;; folder = dirname(folder)) {
    try {
      const above = dirname(folder);
      if (isPermitted({ name: "read", path: above })) await syncFolder(above);
    } catch (error) {
      // A process may own the folder and not what is above it; the file
      // system's journal is then what keeps the entry.
      if (!mayNotOpen(error)) throw error;
    }
    if (folder === top || dirname(folder) === folder) return;
  }
}

function mayNotOpen(error: unknown): boolean {
  const code = errorCode(error);
  return ["NotCapable", "PermissionDenied", "EACCES", "EPERM", "EROFS"]
    .includes(code);
}

/** The folders of one store. */
export class FileFolders {
  /** The root, with every link in it resolved. */
  readonly root: string;
  /** Folders that are plain folders; by path below the root. */
  readonly #plain = new Set<string>();
  /** Those of them whose entry is durable. */
  readonly #durable = new Set<string>();
  #failure: KriyaError | undefined;

  /** Folders below `root`, which exists. */
  constructor(root: string) {
    this.root = root;
  }

  /** The file of an object's path, or of a folder's. */
  file(path: string): string {
    return path === "" ? this.root : `${this.root}/${path}`;
  }

  /** Throws if an earlier failure left doubt about what is durable. */
  checkDurable(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /**
   * Whether `folder` and all above it are there and plain.
   *
   * @throws {KriyaError} `unavailable` when one is a symbolic link.
   */
  isPlain(folder: string): boolean {
    if (folder === "" || this.#plain.has(folder)) return true;
    if (!this.isPlain(folderOf(folder))) return false;
    const stats = fs.lstatSync(this.file(folder), { throwIfNoEntry: false });
    if (stats === undefined) return false;
    if (stats.isSymbolicLink()) {
      throw fileError("open", folder, { code: "ELOOP" });
    }
    if (!stats.isDirectory()) return false;
    this.#remember(folder);
    return true;
  }

  #remember(folder: string): void {
    if (this.#plain.size >= KNOWN_MAX) this.forget();
    this.#plain.add(folder);
  }

  /** Forgets what is known of folders: one was removed from outside. */
  forget(): void {
    this.#plain.clear();
    this.#durable.clear();
  }

  /** Makes `folder` and all above it, and their entries durable. */
  async ensure(folder: string): Promise<void> {
    if (folder === "" || this.#durable.has(folder)) return;
    const parent = folderOf(folder);
    await this.ensure(parent);
    makeFolder(this.file(folder));
    if (!this.isPlain(folder)) {
      throw fileError("make the folder", folder, { code: "ENOTDIR" });
    }
    await this.sync(parent);
    this.#durable.add(folder);
  }

  /**
   * Makes `folder`, whose parent exists, known as new: its entry is made
   * durable by the next `ensure` even if one before was.
   */
  make(folder: string): void {
    if (makeFolder(this.file(folder))) this.#durable.delete(folder);
  }

  /** Makes the entries of `folder` durable. */
  async sync(folder: string): Promise<void> {
    this.checkDurable();
    try {
      await syncFolder(this.file(folder));
    } catch (error) {
      if (isMissing(error)) throw fileError("sync the folder", folder, error);
      this.#failure = new KriyaError(
        "unavailable",
        `Cannot make the folder "${this.file(folder)}" durable: ${
          errorCode(error) || String(error)
        }`,
        {
          cause: error,
          hint: "Check the disk, then open the database again",
        },
      );
      throw this.#failure;
    }
  }
}
