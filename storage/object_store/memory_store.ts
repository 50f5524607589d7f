/**
 * The store in memory: the reference semantics of every other.
 *
 * A {@linkcode MemoryBucket} holds the objects; a {@linkcode MemoryStore} is
 * one handle on a bucket, as one process would have. Several handles on one
 * bucket are "several processes"; closing a handle and making another is a
 * restart; a bucket's `clone()` is the image a crash would leave behind.
 *
 * Invariants:
 * 1. Every call takes effect at once, in the turn in which it is made; only
 *    the answers of `head`, `put`, `delete` and `list` come as promises.
 * 2. Stored bytes are the store's own: `put` copies them, so the caller may
 *    use its buffer again at once. `get` hands out views of them, never
 *    copies: nothing ever writes to stored bytes again.
 * 3. An etag is never used twice in a bucket, nor in its clones.
 *
 * @module
 */
import { type Environment, systemEnvironment } from "../../base/environment.ts";
import { validatePath } from "./object_path.ts";
import type {
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
  promised,
  resolveRange,
} from "./request.ts";

let etagLast = 0;

/** The objects of a store in memory, shared by its handles. */
export class MemoryBucket {
  readonly #objects = new Map<string, ObjectBody>();
  /** All paths in byte order, or undefined until a listing wants them. */
  #sorted: string[] | undefined;
  #bytes = 0;

  /** How many objects there are. */
  get objectCount(): number {
    return this.#objects.size;
  }

  /** How many bytes the objects have together. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The object at `path`, if there is one. */
  object(path: string): ObjectBody | undefined {
    return this.#objects.get(path);
  }

  /** Every path, in byte order. */
  paths(): readonly string[] {
    // Paths are ASCII, so the order of code units is the order of bytes.
    return this.#sorted ??= [...this.#objects.keys()].sort();
  }

  /** Puts a copy of `bytes` at `path`, whatever is there. */
  set(path: string, bytes: Uint8Array, nowMs: number): ObjectBody {
    const before = this.#objects.get(path);
    if (before === undefined) this.#sorted = undefined;
    this.#bytes += bytes.length - (before?.size ?? 0);
    const object = {
      path,
      size: bytes.length,
      etag: `m${++etagLast}`,
      lastModifiedMs: nowMs,
      bytes: bytes.slice(),
    };
    this.#objects.set(path, object);
    return object;
  }

  /** Removes the object at `path`; returns whether there was one. */
  remove(path: string): boolean {
    const before = this.#objects.get(path);
    if (before === undefined) return false;
    this.#bytes -= before.size;
    this.#sorted = undefined;
    return this.#objects.delete(path);
  }

  /** A bucket with the same objects that goes its own way from here. */
  clone(): MemoryBucket {
    const copy = new MemoryBucket();
    for (const [path, object] of this.#objects) {
      copy.#objects.set(path, object);
    }
    copy.#bytes = this.#bytes;
    return copy;
  }
}

const named = new Map<string, MemoryBucket>();

/**
 * The bucket that every `memory:name` address of this process means; made
 * empty the first time, kept until {@linkcode removeMemoryBucket}.
 */
export function memoryBucket(name: string): MemoryBucket {
  let bucket = named.get(name);
  if (bucket === undefined) named.set(name, bucket = new MemoryBucket());
  return bucket;
}

/** Forgets a named bucket: the next use of its name begins with an empty one. */
export function removeMemoryBucket(name: string): void {
  named.delete(name);
}

/** Options of a {@linkcode MemoryStore}. */
export interface MemoryStoreOptions {
  /**
   * The named bucket to open, shared by all stores of this process with the
   * same name (default: none).
   */
  readonly name?: string | undefined;
  /** The bucket to open (default: the named one, else a new one). */
  readonly bucket?: MemoryBucket | undefined;
  /** Where the objects' dates come from (default: the system's clock). */
  readonly environment?: Environment | undefined;
}

/**
 * A store in memory.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ABSENT } from "./object_store.ts";
 * import { MemoryStore } from "./memory_store.ts";
 *
 * const store = new MemoryStore();
 * const first = await store.put("a/b", new Uint8Array([1]), ABSENT);
 * assertEquals(first.kind, "stored");
 * const second = await store.put("a/b", new Uint8Array([2]), ABSENT);
 * assertEquals(second.kind, "precondition");
 *
 * const again = new MemoryStore({ bucket: store.bucket });
 * const body = await again.get("a/b");
 * assertEquals(body?.bytes, new Uint8Array([1]));
 * ```
 */
export class MemoryStore implements ObjectStore {
  readonly address: string;
  /** The objects, to be shared with another handle. */
  readonly bucket: MemoryBucket;
  readonly #environment: Environment;
  #closed = false;

  /** Opens a handle on a bucket. */
  constructor(options: MemoryStoreOptions = {}) {
    const { name, bucket, environment = systemEnvironment } = options;
    this.address = name === undefined ? "memory:" : `memory:${name}`;
    this.bucket = bucket ??
      (name === undefined ? new MemoryBucket() : memoryBucket(name));
    this.#environment = environment;
  }

  /**
   * A handle on the bucket that the address `memory:name` means; without a
   * name, on a new one.
   */
  static named(name: string, environment?: Environment): MemoryStore {
    return new MemoryStore(
      name === "" ? { environment } : { name, environment },
    );
  }

  #check(path: string | undefined, options: RequestOptions | undefined): void {
    if (this.#closed) throw closedError(this.address);
    if (path !== undefined) validatePath(path);
    checkSignal(options);
  }

  get(path: string, options?: GetOptions): ObjectBody | undefined {
    this.#check(path, options);
    const range = options?.range;
    checkRange(path, range);
    const object = this.bucket.object(path);
    if (object === undefined || range === undefined) return object;
    const { start, end } = resolveRange(path, object.size, range);
    return { ...object, bytes: object.bytes.subarray(start, end) };
  }

  head(
    path: string,
    options?: RequestOptions,
  ): Promise<ObjectMeta | undefined> {
    return promised(() => {
      this.#check(path, options);
      const object = this.bucket.object(path);
      return object === undefined ? undefined : metaOf(object);
    });
  }

  put(
    path: string,
    bytes: Uint8Array,
    condition: PutCondition,
    options?: RequestOptions,
  ): Promise<PutResult> {
    return promised(() => {
      this.#check(path, options);
      const before = this.bucket.object(path);
      const holds = condition.kind === "absent"
        ? before === undefined
        : before?.etag === condition.etag;
      if (!holds) return { kind: "precondition" };
      const object = this.bucket.set(path, bytes, this.#environment.now());
      return { kind: "stored", etag: object.etag };
    });
  }

  delete(path: string, options?: RequestOptions): Promise<void> {
    return promised(() => {
      this.#check(path, options);
      this.bucket.remove(path);
    });
  }

  list(prefix: string, options?: ListOptions): Promise<ListPage> {
    return promised(() => {
      this.#check(undefined, options);
      const { startAfter, limit } = listRequest(prefix, options);
      const paths = this.bucket.paths();
      const objects: ObjectMeta[] = [];
      let at = firstIndex(paths, prefix, startAfter);
      while (at < paths.length && paths[at]!.startsWith(prefix)) {
        if (objects.length === limit) return { objects, truncated: true };
        objects.push(metaOf(this.bucket.object(paths[at++]!)!));
      }
      return { objects, truncated: false };
    });
  }

  close(): Promise<void> {
    this.#closed = true;
    return Promise.resolve();
  }
}

function metaOf(object: ObjectBody): ObjectMeta {
  const { path, size, etag, lastModifiedMs } = object;
  return { path, size, etag, lastModifiedMs };
}

/** Index of the first path that is at least `from` and after `after`. */
function firstIndex(
  paths: readonly string[],
  from: string,
  after: string,
): number {
  let low = 0;
  let high = paths.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const path = paths[middle]!;
    if (path < from || path <= after) low = middle + 1;
    else high = middle;
  }
  return low;
}
