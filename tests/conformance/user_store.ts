/**
 * A store as a user would write one, from the interface alone: one array of
 * objects, searched from one end to the other. It shares no code with ours.
 *
 * @module
 */
import {
  type GetOptions,
  KriyaError,
  type ListOptions,
  type ListPage,
  type ObjectBody,
  type ObjectMeta,
  type ObjectStore,
  type PutCondition,
  type PutResult,
  type RequestOptions,
} from "../../storage/mod.ts";

/** The objects of a {@linkcode UserStore}, to be shared by its handles. */
export interface UserObjects {
  /** The objects, in no order. */
  list: ObjectBody[];
  /** How many writes there were. */
  writes: number;
}

/** A store of a user's own. */
export class UserStore implements ObjectStore {
  readonly address = "user:";
  readonly #objects: UserObjects;
  #open = true;

  /** Opens a handle on `objects`. */
  constructor(objects: UserObjects) {
    this.#objects = objects;
  }

  async get(
    path: string,
    options: GetOptions = {},
  ): Promise<ObjectBody | undefined> {
    await this.#begin(path, options);
    const { range } = options;
    const wrong = (): never => {
      throw new KriyaError("invalid", `No such range of "${path}"`);
    };
    const whole = (value: number, min: number): boolean =>
      Number.isInteger(value) && value >= min;
    if (range !== undefined) {
      const good = "suffix" in range
        ? whole(range.suffix, 1)
        : whole(range.offset, 0) && whole(range.length, 1);
      if (!good) wrong();
    }
    const found = this.#find(path);
    if (found === undefined || range === undefined) return found;
    if ("suffix" in range) {
      return { ...found, bytes: found.bytes.slice(-range.suffix) };
    }
    if (range.offset >= found.size) wrong();
    const end = range.offset + range.length;
    return { ...found, bytes: found.bytes.slice(range.offset, end) };
  }

  async head(
    path: string,
    options: RequestOptions = {},
  ): Promise<ObjectMeta | undefined> {
    await this.#begin(path, options);
    const found = this.#find(path);
    return found && withoutBytes(found);
  }

  async put(
    path: string,
    bytes: Uint8Array,
    condition: PutCondition,
    options: RequestOptions = {},
  ): Promise<PutResult> {
    await this.#begin(path, options);
    const found = this.#find(path);
    const holds = condition.kind === "absent"
      ? found === undefined
      : found?.etag === condition.etag;
    if (!holds) return { kind: "precondition" };
    const etag = `"${++this.#objects.writes}"`;
    const lastModifiedMs = Date.now();
    const size = bytes.length;
    const stored = { path, size, etag, lastModifiedMs, bytes: bytes.slice() };
    this.#remove(path);
    this.#objects.list.push(stored);
    return { kind: "stored", etag };
  }

  async delete(path: string, options: RequestOptions = {}): Promise<void> {
    await this.#begin(path, options);
    this.#remove(path);
  }

  async list(prefix: string, options: ListOptions = {}): Promise<ListPage> {
    const { startAfter = "", limit = 1000 } = options;
    await this.#begin(`${prefix}x`, options);
    await this.#begin(`${startAfter}x`, options);
    if (!Number.isInteger(limit) || limit < 1) {
      throw new KriyaError("invalid", `Not a limit: ${limit}`);
    }
    const matching = this.#objects.list
      .filter(({ path }) => path.startsWith(prefix) && path > startAfter)
      .sort((a, b) => a.path < b.path ? -1 : 1);
    const objects = matching.slice(0, Math.min(limit, 1000)).map(withoutBytes);
    return { objects, truncated: objects.length < matching.length };
  }

  close(): Promise<void> {
    this.#open = false;
    return Promise.resolve();
  }

  #find(path: string): ObjectBody | undefined {
    return this.#objects.list.find((object) => object.path === path);
  }

  #remove(path: string): void {
    const { list } = this.#objects;
    this.#objects.list = list.filter((object) => object.path !== path);
  }

  async #begin(path: string, options: RequestOptions): Promise<void> {
    await Promise.resolve();
    if (!this.#open) throw new KriyaError("closed", "This store was closed");
    options.signal?.throwIfAborted();
    const segments = path.split("/");
    const good = path.length <= 512 &&
      segments.every((segment) =>
        /^[\w.-]{1,200}$/.test(segment) && !/^\.\.?$/.test(segment)
      );
    if (!good) throw new KriyaError("invalid", `Not a path: "${path}"`);
  }
}

function withoutBytes(object: ObjectBody): ObjectMeta {
  const { path, size, etag, lastModifiedMs } = object;
  return { path, size, etag, lastModifiedMs };
}
