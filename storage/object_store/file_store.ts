/**
 * The store in a folder: one file per object, under the object's own path.
 *
 * How an object is created (the protocol of a bucket, on a disk):
 *
 * | step | call | what a crash after it leaves |
 * | --- | --- | --- |
 * | 1 | write a temporary file, `fdatasync` | a temporary file, collected later |
 * | 2 | hard link to the object's name: fails if the name is taken | the object, or nothing |
 * | 3 | `fsync` of the folder | the object |
 * | 4 | unlink the temporary name | the object |
 *
 * Invariants:
 * 1. A name appears with all its bytes or not at all: what is linked is
 *    complete and durable.
 * 2. `stored` is said after step 3. So is `precondition`: the name that was
 *    found taken is durable before the caller acts on it (it may be the
 *    caller's own, from a call whose outcome it never learned).
 * 3. Several processes may use one folder at once: nothing relies on a lock.
 *    Objects that change by compare-and-set are kept as versions, see
 *    `file_cell.ts`; temporary files are explained in `file_temporary.ts`.
 * 4. A path never leads out of the root: paths have no `..`, and symbolic
 *    links below the root are refused.
 * 5. Descriptors are kept open only for names that are never used twice (those
 *    of `object_path.ts` except the boundary and pins). That such an object
 *    was deleted by another process is seen by every `get`.
 *
 * Small reads are synchronous, large ones wait on a thread. Writes wait on a
 * thread for the two syncs and do the rest at once.
 *
 * Rejected: appending to files (a stopped process that wakes after a takeover
 * would append and acknowledge); rename (replaces what is there); `O_EXCL` on
 * the name itself (shows a torn object until the write is complete).
 *
 * @module
 */
import * as fs from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Environment, systemEnvironment } from "../../base/environment.ts";
import { KriyaError } from "../../base/errors.ts";
import { isPromise, type MaybePromise } from "../../base/maybe_promise.ts";
import { isPermitted } from "../../base/permission.ts";
import { DescriptorCache, type OpenFile } from "./descriptor_cache.ts";
import { errorCode, fileError } from "./file_errors.ts";
import {
  anchorTag,
  cellFolder,
  collectCell,
  judgeCell,
  nextTag,
  nextVersionName,
  readCell,
} from "./file_cell.ts";
import { FileFolders, folderOf, makeRoot } from "./file_folders.ts";
import { openObject } from "./file_object.ts";
import {
  closeFile,
  discardFile,
  exists,
  factsAt,
  linkFile,
  readLater,
  readNow,
  removeFile,
} from "./file_io.ts";
import {
  TEMPORARY_FOLDER,
  type TemporaryFile,
  TemporaryFiles,
} from "./file_temporary.ts";
import { walk } from "./file_walk.ts";
import { parseObjectPath, PIN_PREFIX, validatePath } from "./object_path.ts";
import type {
  ByteRange,
  GetOptions,
  ListOptions,
  ListPage,
  ObjectBody,
  ObjectMeta,
  ObjectStore,
  PutCondition,
  PutResult,
  RequestOptions,
} from "./object_store.ts";
import {
  checkRange,
  checkSignal,
  closedError,
  listRequest,
  resolveRange,
} from "./request.ts";

/** Attempts of a put whose folder or temporary file was removed meanwhile. */
const ATTEMPTS_MAX = 5;

/** Options of {@linkcode FileStore.open}. */
export interface FileStoreOptions {
  /** Clock and randomness (default: the system's). */
  readonly environment?: Environment | undefined;
  /** Longest read answered without a promise, bytes (default 64 KiB). */
  readonly syncReadBytesMax?: number | undefined;
  /** Most files kept open (default 128; 0 keeps none). */
  readonly openFilesMax?: number | undefined;
  /**
   * Neither makes the folder nor writes to it; a put or delete is `invalid`
   * (default false). `pins`: but for the pins of readers, where the process
   * has the right to.
   */
  readonly readOnly?: boolean | "pins" | undefined;
}

/**
 * A store in a folder.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { FileStore } from "./file_store.ts";
 * import { ABSENT } from "./object_store.ts";
 *
 * const folder = await Deno.makeTempDir();
 * const store = await FileStore.open(folder);
 * await store.put("a/b", new Uint8Array([1, 2, 3]), ABSENT);
 * const body = await store.get("a/b", { range: { offset: 1, length: 1 } });
 * assertEquals(body?.bytes, new Uint8Array([2]));
 * await store.close();
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export class FileStore implements ObjectStore {
  readonly address: string;
  readonly #folders: FileFolders;
  readonly #temporary: TemporaryFiles;
  readonly #open: DescriptorCache;
  readonly #openFilesMax: number;
  readonly #syncReadBytesMax: number;
  readonly #readOnly: boolean;
  /** What may be written all the same begins with this. */
  readonly #writablePrefix: string | undefined;
  #closed = false;

  private constructor(root: string, options: FileStoreOptions) {
    this.address = pathToFileURL(root).href;
    this.#folders = new FileFolders(root);
    this.#temporary = new TemporaryFiles(
      this.#folders,
      options.environment ?? systemEnvironment,
    );
    this.#openFilesMax = options.openFilesMax ?? 128;
    this.#open = new DescriptorCache(this.#openFilesMax);
    this.#syncReadBytesMax = options.syncReadBytesMax ?? 64 * 1024;
    this.#readOnly = Boolean(options.readOnly);
    this.#writablePrefix = options.readOnly === "pins" &&
        isPermitted({ name: "write", path: root })
      ? PIN_PREFIX
      : undefined;
  }

  /**
   * Opens the store in `folder` (a path, or a `file:` address), which is made
   * if it is not there.
   *
   * @throws {KriyaError} `unavailable` when the folder cannot be used,
   * `invalid` when it is not a folder.
   */
  static async open(
    folder: string | URL,
    options: FileStoreOptions = {},
  ): Promise<FileStore> {
    const path = folderPath(folder);
    try {
      if (!options.readOnly) await makeRoot(path);
      const root = fs.realpathSync(path);
      if (!fs.statSync(root).isDirectory()) {
        throw fileError("open", path, { code: "ENOTDIR" });
      }
      const store = new FileStore(root, options);
      if (!options.readOnly) {
        await store.#folders.ensure(TEMPORARY_FOLDER);
        store.#temporary.collect();
      }
      return store;
    } catch (error) {
      throw fileError("open the folder", path, error);
    }
  }

  /** The path of the folder, with every link in it resolved. */
  get folder(): string {
    return this.#folders.root;
  }

  #check(path: string, options: RequestOptions | undefined): void {
    if (this.#closed) throw closedError(this.address);
    validatePath(path);
    checkSignal(options);
  }

  #checkWritable(path: string, options: RequestOptions | undefined): void {
    this.#check(path, options);
    this.#folders.checkDurable();
    if (!this.#readOnly) return;
    const prefix = this.#writablePrefix;
    if (prefix !== undefined && path.startsWith(prefix)) return;
    throw new KriyaError(
      "invalid",
      `Cannot write "${path}": "${this.address}" was opened read-only`,
    );
  }

  get(
    path: string,
    options?: GetOptions,
  ): MaybePromise<ObjectBody | undefined> {
    this.#check(path, options);
    const range = options?.range;
    checkRange(path, range);
    try {
      const opened = this.#find(path, range !== undefined);
      if (opened === undefined) return undefined;
      const body = this.#read(path, opened, range, options);
      return isPromise(body) ? body.catch((e) => rethrow(path, e)) : body;
    } catch (error) {
      throw fileError("read", path, error);
    }
  }

  /** The open file of an object; kept open if it is read in pieces. */
  #find(path: string, inPieces: boolean): OpenFile | undefined {
    const file = this.#folders.file(path);
    const known = this.#open.find(path);
    if (known !== undefined) {
      if (exists(file)) return known;
      this.#open.drop(path);
      return undefined;
    }
    if (!this.#folders.isPlain(folderOf(path))) return undefined;
    const opened = openObject(file);
    if (opened === undefined) return undefined;
    return inPieces && this.#openFilesMax > 0 && isNeverReused(path)
      ? this.#open.add(path, opened)
      : opened;
  }

  #read(
    path: string,
    file: OpenFile,
    range: ByteRange | undefined,
    options: GetOptions | undefined,
  ): MaybePromise<ObjectBody> {
    const cached = this.#open.find(path) === file;
    let kept = false;
    try {
      const { size, mtimeMs } = file.facts;
      const { start, end } = resolveRange(path, size, range);
      const bytes = options?.into?.length === end - start
        ? options.into
        : new Uint8Array(end - start);
      const { etag } = file;
      const body = { path, size, etag, lastModifiedMs: mtimeMs, bytes };
      if (bytes.length <= this.#syncReadBytesMax) {
        checkLength(path, bytes, readNow(file.descriptor, bytes, start));
        return body;
      }
      kept = true;
      return this.#readLarge(file, cached, body, start, options);
    } finally {
      if (!cached && !kept) closeFile(file.descriptor);
    }
  }

  async #readLarge(
    file: OpenFile,
    cached: boolean,
    body: ObjectBody,
    start: number,
    options: RequestOptions | undefined,
  ): Promise<ObjectBody> {
    if (cached) this.#open.acquire(file);
    try {
      const n = await readLater(file.descriptor, body.bytes, start);
      checkLength(body.path, body.bytes, n);
    } finally {
      if (cached) this.#open.release(file);
      else closeFile(file.descriptor);
    }
    checkSignal(options);
    return body;
  }

  // deno-lint-ignore require-await -- errors come as rejections
  async head(
    path: string,
    options?: RequestOptions,
  ): Promise<ObjectMeta | undefined> {
    this.#check(path, options);
    try {
      if (!this.#folders.isPlain(folderOf(path))) return undefined;
      return this.#meta(path);
    } catch (error) {
      throw fileError("look at", path, error);
    }
  }

  #meta(path: string): ObjectMeta | undefined {
    const state = readCell(this.#folders.file(path));
    if (state === undefined) return undefined;
    const { etag, facts: { size, mtimeMs } } = state;
    return { path, size, etag, lastModifiedMs: mtimeMs };
  }

  async put(
    path: string,
    bytes: Uint8Array,
    condition: PutCondition,
    options?: RequestOptions,
  ): Promise<PutResult> {
    this.#checkWritable(path, options);
    for (let attempt = 1;; attempt++) {
      try {
        return condition.kind === "absent"
          ? await this.#create(path, bytes, options)
          : await this.#replace(path, bytes, condition.etag, options);
      } catch (error) {
        if (options?.signal?.aborted && error === options.signal.reason) {
          throw error;
        }
        // A folder or the temporary file was removed from outside before the
        // link: nothing has happened yet.
        if (errorCode(error) === "ENOENT" && attempt < ATTEMPTS_MAX) {
          this.#folders.forget();
          continue;
        }
        throw fileError("store", path, error);
      }
    }
  }

  async #create(
    path: string,
    bytes: Uint8Array,
    options: RequestOptions | undefined,
  ): Promise<PutResult> {
    const folder = folderOf(path);
    await this.#folders.ensure(folder);
    await this.#folders.ensure(TEMPORARY_FOLDER);
    const temporary = await this.#temporary.write(bytes);
    try {
      this.#checkWritable(path, options);
      const file = this.#folders.file(path);
      const linked = tryLink(temporary, file);
      if (!linked && factsAt(file)?.isFile === false) {
        throw fileError("store", path, { code: "EISDIR" });
      }
      await this.#folders.sync(folder);
      return linked
        ? { kind: "stored", etag: anchorTag(temporary.facts) }
        : { kind: "precondition" };
    } finally {
      discardFile(temporary.file);
    }
  }

  async #replace(
    path: string,
    bytes: Uint8Array,
    etag: string,
    options: RequestOptions | undefined,
  ): Promise<PutResult> {
    const file = this.#folders.file(path);
    const folder = folderOf(path);
    if (!this.#folders.isPlain(folder) || readCell(file)?.etag !== etag) {
      return { kind: "precondition" };
    }
    await this.#folders.ensure(TEMPORARY_FOLDER);
    const temporary = await this.#temporary.write(bytes);
    try {
      this.#checkWritable(path, options);
      await this.#folders.ensure(folder);
      const state = readCell(file);
      if (state?.etag !== etag) return { kind: "precondition" };
      const cell = cellFolder(path);
      this.#folders.make(cell);
      const name = `${cellFolder(file)}/${nextVersionName(state)}`;
      const linked = tryLink(temporary, name);
      const outcome = linked ? judgeCell(file, state, temporary.facts) : "lost";
      if (linked && outcome === "lost") discardFile(name);
      await this.#folders.ensure(cell);
      await this.#folders.sync(cell);
      if (outcome === "unknown") {
        throw new KriyaError(
          "unavailable",
          `Cannot tell whether "${path}" was stored: it was changed meanwhile`,
        );
      }
      if (outcome === "lost") return { kind: "precondition" };
      collectCell(file);
      return { kind: "stored", etag: nextTag(state, temporary.facts) };
    } finally {
      discardFile(temporary.file);
    }
  }

  async delete(path: string, options?: RequestOptions): Promise<void> {
    this.#checkWritable(path, options);
    const folder = folderOf(path);
    const file = this.#folders.file(path);
    this.#open.drop(path);
    try {
      if (!this.#folders.isPlain(folder)) return;
      if (factsAt(file)?.isFile) removeFile(file);
      await this.#folders.sync(folder);
      collectCell(file);
    } catch (error) {
      throw fileError("delete", path, error);
    }
  }

  async list(prefix: string, options?: ListOptions): Promise<ListPage> {
    if (this.#closed) throw closedError(this.address);
    checkSignal(options);
    const request = listRequest(prefix, options);
    const objects: ObjectMeta[] = [];
    let truncated = false;
    try {
      await walk(this.#folders, request, (path) => {
        truncated = objects.length === request.limit;
        if (truncated) return false;
        const meta = this.#meta(path);
        if (meta !== undefined) objects.push(meta);
        return true;
      });
    } catch (error) {
      throw fileError("list", prefix, error);
    }
    checkSignal(options);
    return { objects, truncated };
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#open.clear();
    return Promise.resolve();
  }
}

/** The path of a folder given as a path or as a `file:` address. */
function folderPath(folder: string | URL): string {
  if (typeof folder !== "string") return fileURLToPath(folder);
  if (folder.startsWith("file://")) return fileURLToPath(folder);
  return resolve(folder.startsWith("file:") ? folder.slice(5) : folder);
}

/** Whether the name is given to one object only, ever. */
function isNeverReused(path: string): boolean {
  const name = parseObjectPath(path);
  return name !== undefined && name.kind !== "boundary" && name.kind !== "pin";
}

function tryLink(temporary: TemporaryFile, name: string): boolean {
  try {
    linkFile(temporary.file, name);
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    throw error;
  }
}

function checkLength(path: string, bytes: Uint8Array, read: number): void {
  if (read === bytes.length) return;
  throw new KriyaError(
    "corrupt",
    `Cannot read "${path}": its file was cut short while it was open`,
  );
}

function rethrow(path: string, error: unknown): never {
  if (error instanceof Error && error.name === "AbortError") throw error;
  throw fileError("read", path, error);
}
