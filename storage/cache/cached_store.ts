/**
 * A store whose immutable objects are kept in pieces elsewhere: in a local store,
 * the disk cache before a bucket, or in memory that Workers share (`shared/`).
 *
 * Only sstables and vector segments are kept. They are never overwritten, so a
 * piece of one is right for ever; that the bucket still means the same object
 * by the name is asked once for each object and process (one HEAD, where any of
 * it is here). Everything else goes to the store behind.
 *
 * A read asks for whole chunks, those that are missing and side by side in one
 * request, each chunk once however many wait for it.
 *
 * Against rule 2 of `object_store.ts`: an object that was read here and then
 * deleted by another process may still be read here. No name is used twice, so
 * what is read is right; only that it is gone is learned later.
 *
 * Invariant: what a read returns is what the store behind has, or had, under that
 * name, tag and size, whatever the local store holds, loses or refuses.
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";
import type { MaybePromise } from "../../base/maybe_promise.ts";
import { parseObjectPath } from "../object_store/object_path.ts";
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
} from "../object_store/object_store.ts";
import {
  checkRange,
  checkSignal,
  closedError,
  resolveRange,
} from "../object_store/request.ts";
import type { CachePolicyName } from "./cache_policy.ts";
import { ChunkStore } from "./chunk_store.ts";
import type { ChunkStatistics, KeptChunks } from "./kept_chunks.ts";

/** What a {@linkcode CachedStore} keeps. */
export interface KeepOptions {
  /** Reads of more bytes are not kept if they are not here (default 8 MiB). */
  readonly readBytesMax?: number | undefined;
  /** Which paths are kept: immutable ones (default `sst/` and `vec/`). */
  readonly keeps?: ((path: string) => boolean) | undefined;
}

/** How a {@linkcode CachedStore} keeps what it reads in a local store. */
export interface CachedStoreOptions extends KeepOptions {
  /** Bytes of local files at most. */
  readonly bytesMax: number;
  /** Bytes of a chunk: what a read asks for at least (default 256 KiB). */
  readonly chunkBytes?: number | undefined;
  /** What goes when the budget is full (default `arc`). */
  readonly policy?: CachePolicyName | undefined;
}

/** What a {@linkcode CachedStore} did so far. */
export interface CachedStoreStatistics extends ChunkStatistics {
  /** Chunks that had to be read from the store behind. */
  readonly misses: number;
  /** Bytes that were read from the store behind, for chunks. */
  readonly bytesFetched: number;
  /** Reads that were passed on as they were. */
  readonly passed: number;
}

/** Objects of which is known that they are the ones that the chunks are of. */
const KNOWN_MAX = 20_000;

/** A chunk as it came, with the object it is of. */
interface Fetched {
  readonly object: ObjectMeta;
  readonly data: Uint8Array;
}

/** The object changed under its name, which objects that are kept never do. */
class Changed extends Error {}

/**
 * A store with a local cache before it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { MemoryStore } from "../object_store/memory_store.ts";
 * import { MeteredStore } from "../object_store/metered_store.ts";
 * import { ABSENT } from "../object_store/object_store.ts";
 * import { sstPath } from "../object_store/object_path.ts";
 * import { CachedStore } from "./cached_store.ts";
 *
 * const bucket = new MeteredStore(new MemoryStore());
 * const path = sstPath({ epoch: 1, job: 0, number: 1 });
 * await bucket.put(path, new Uint8Array(1000), ABSENT);
 * const store = await CachedStore.open(bucket, new MemoryStore(), {
 *   bytesMax: 1_000_000,
 * });
 * await store.get(path, { range: { offset: 10, length: 20 } });
 * await store.idle();
 * await store.get(path, { range: { offset: 500, length: 20 } });
 * assertEquals(bucket.snapshot().get, 1);
 * await store.close();
 * ```
 */
export class CachedStore implements ObjectStore {
  readonly address: string;
  readonly #inner: ObjectStore;
  readonly #chunks: KeptChunks;
  readonly #keeps: (path: string) => boolean;
  readonly #readBytesMax: number;
  readonly #known = new Map<string, ObjectMeta>();
  readonly #asking = new Map<string, Promise<ObjectMeta | undefined>>();
  readonly #fetching = new Map<string, Promise<Fetched | undefined>>();
  /** Goes up with every put and delete: what was read before is not noted. */
  #changes = 0;
  #misses = 0;
  #bytesFetched = 0;
  #passed = 0;
  #closed = false;

  private constructor(
    inner: ObjectStore,
    chunks: KeptChunks,
    options: KeepOptions,
  ) {
    this.address = inner.address;
    this.#inner = inner;
    this.#chunks = chunks;
    this.#keeps = options.keeps ?? isImmutable;
    this.#readBytesMax = options.readBytesMax ?? 8 * 1024 * 1024;
  }

  /**
   * Puts a cache in `local` before `inner`. Both are closed with it; nothing
   * else may be in `local`.
   *
   * @throws {KriyaError} when `local` cannot be listed; `invalid` for a chunk
   * size that is none.
   */
  static async open(
    inner: ObjectStore,
    local: ObjectStore,
    options: CachedStoreOptions,
  ): Promise<CachedStore> {
    const { bytesMax, chunkBytes = 256 * 1024, policy = "arc" } = options;
    for (const bytes of [bytesMax, chunkBytes]) {
      if (Number.isSafeInteger(bytes) && bytes >= 0 && chunkBytes >= 1) {
        continue;
      }
      throw new KriyaError(
        "invalid",
        `Cannot open the disk cache: ${bytes} is no number of bytes`,
      );
    }
    const chunks = await ChunkStore.open(local, bytesMax, chunkBytes, policy);
    return new CachedStore(inner, chunks, options);
  }

  /** Puts a place for chunks before `inner`. Both are closed with it. */
  static over(
    inner: ObjectStore,
    chunks: KeptChunks,
    options: KeepOptions = {},
  ): CachedStore {
    return new CachedStore(inner, chunks, options);
  }

  /** What it did so far. */
  get statistics(): CachedStoreStatistics {
    return {
      ...this.#chunks.statistics,
      misses: this.#misses,
      bytesFetched: this.#bytesFetched,
      passed: this.#passed,
    };
  }

  /** Resolves when what was read is in the local store. */
  idle(): Promise<void> {
    return this.#chunks.idle();
  }

  get(
    path: string,
    options?: GetOptions,
  ): MaybePromise<ObjectBody | undefined> {
    if (this.#closed) throw closedError(this.address);
    if (!this.#keeps(path)) return this.#inner.get(path, options);
    checkSignal(options);
    checkRange(path, options?.range);
    const reading = this.#get(path, options);
    const { signal } = options ?? {};
    return signal === undefined ? reading : orAborted(reading, signal);
  }

  async #get(
    path: string,
    options: GetOptions | undefined,
  ): Promise<ObjectBody | undefined> {
    const range = options?.range;
    let object = this.#known.get(path) ?? this.#chunks.objectAt(path);
    if (object === undefined && this.#chunks.hasAny(path)) {
      object = await this.#ask(path);
      if (object === undefined) {
        this.#chunks.dropObject(path);
        return undefined;
      }
    }
    // The end of an object of which nothing is known, or all of it.
    if (object === undefined && (range === undefined || "suffix" in range)) {
      return await this.#pass(path, options);
    }
    const span = object === undefined
      ? undefined
      : resolveRange(path, object.size, range);
    const start = span?.start ?? (range as { offset: number }).offset;
    const end = span?.end ?? start + (range as { length: number }).length;
    if (end <= start || end - start > this.#readBytesMax) {
      if (end <= start || !this.#hasAll(path, start, end)) {
        return await this.#pass(path, options);
      }
    }
    try {
      return await this.#assemble(path, object, range, start, end);
    } catch (error) {
      if (!(error instanceof Changed)) throw error;
      this.#forget(path);
      return await this.#pass(path, options);
    }
  }

  isNear(path: string, offset: number): boolean {
    const { chunkBytes } = this.#chunks;
    return this.#chunks.has(path, Math.floor(offset / chunkBytes)) ||
      this.#inner.isNear?.(path, offset) === true;
  }

  #hasAll(path: string, start: number, end: number): boolean {
    const { chunkBytes } = this.#chunks;
    const last = Math.floor((end - 1) / chunkBytes);
    for (let chunk = Math.floor(start / chunkBytes); chunk <= last; chunk++) {
      if (!this.#chunks.has(path, chunk)) return false;
    }
    return true;
  }

  /** Puts bytes [start, end) together, of `object` if that is known. */
  async #assemble(
    path: string,
    object: ObjectMeta | undefined,
    range: ByteRange | undefined,
    start: number,
    end: number,
  ): Promise<ObjectBody | undefined> {
    const { chunkBytes } = this.#chunks;
    const first = Math.floor(start / chunkBytes);
    const last = Math.floor((end - 1) / chunkBytes);
    const parts = new Array<Uint8Array | undefined>(last - first + 1)
      .fill(undefined);
    if (object !== undefined) {
      const known = object;
      await Promise.all(parts.map(async (_, i) => {
        const at = (first + i) * chunkBytes;
        parts[i] = await this.#chunks.read(
          known,
          first + i,
          Math.max(0, start - at),
          Math.min(chunkBytes, end - at),
        );
      }));
    }
    const missing = [...parts.keys()].filter((i) => parts[i] === undefined)
      .map((i) => first + i);
    const fetched = await Promise.all(this.#fetch(path, missing));
    for (const [i, chunk] of missing.entries()) {
      const part = fetched[i];
      if (part === undefined) {
        // Past the end, if anything of the object is there.
        if (i === 0 && object === undefined) return undefined;
        if (object !== undefined) throw new Changed();
        break;
      }
      object ??= part.object;
      if (
        part.object.etag !== object.etag || part.object.size !== object.size
      ) throw new Changed();
      const at = chunk * chunkBytes;
      parts[chunk - first] = part.data.subarray(
        Math.max(0, start - at),
        Math.min(chunkBytes, end - at),
      );
    }
    const span = resolveRange(path, object!.size, range);
    const bytes = new Uint8Array(span.end - span.start);
    let length = 0;
    for (const part of parts) {
      if (part === undefined) break;
      bytes.set(part, length);
      length += part.length;
    }
    if (length !== bytes.length) throw new Changed();
    return { ...object!, bytes };
  }

  /** Reads chunks, ascending, those that are side by side in one request. */
  #fetch(
    path: string,
    chunks: readonly number[],
  ): Promise<Fetched | undefined>[] {
    const { chunkBytes } = this.#chunks;
    const keyOf = (chunk: number): string => `${path}#${chunk}`;
    const fresh = chunks.filter((chunk) => !this.#fetching.has(keyOf(chunk)));
    this.#misses += chunks.length;
    for (let from = 0; from < fresh.length;) {
      let to = from + 1;
      while (to < fresh.length && fresh[to] === fresh[to - 1]! + 1) to++;
      const first = fresh[from]!;
      const count = to - from;
      const reading = this.#read(path, first * chunkBytes, count * chunkBytes);
      for (let i = 0; i < count; i++) {
        const key = keyOf(first + i);
        const chunk: Promise<Fetched | undefined> = reading.then((body) =>
          this.#take(body, first + i, i * chunkBytes)
        ).finally(() => {
          if (this.#fetching.get(key) === chunk) this.#fetching.delete(key);
        });
        this.#fetching.set(key, chunk);
      }
      from = to;
    }
    return chunks.map((chunk) => this.#fetching.get(keyOf(chunk))!);
  }

  async #read(
    path: string,
    offset: number,
    length: number,
  ): Promise<ObjectBody | undefined> {
    const changes = this.#changes;
    const body = await this.#inner.get(path, { range: { offset, length } });
    this.#bytesFetched += body?.bytes.length ?? 0;
    if (body === undefined || changes !== this.#changes) return body;
    this.#note(body);
    return body;
  }

  /** One chunk of what was read, and the local store's copy of it. */
  #take(
    body: ObjectBody | undefined,
    chunk: number,
    at: number,
  ): Fetched | undefined {
    if (body === undefined || at >= body.bytes.length) return undefined;
    const { chunkBytes } = this.#chunks;
    const { path, size, etag, lastModifiedMs } = body;
    const object = { path, size, etag, lastModifiedMs };
    const data = body.bytes.subarray(at, at + chunkBytes);
    const whole = Math.min(chunkBytes, size - chunk * chunkBytes);
    if (data.length === whole && this.#known.get(path)?.etag === etag) {
      this.#chunks.write(object, chunk, data);
    }
    return { object, data };
  }

  /** Asks the store behind as it was asked; a whole object is kept. */
  async #pass(
    path: string,
    options: GetOptions | undefined,
  ): Promise<ObjectBody | undefined> {
    this.#passed++;
    const changes = this.#changes;
    const body = await this.#inner.get(path, options);
    if (body === undefined || changes !== this.#changes) return body;
    this.#note(body);
    const { size, bytes } = body;
    if (bytes.length === size && size <= this.#readBytesMax) {
      const { chunkBytes } = this.#chunks;
      for (let at = 0; at < size; at += chunkBytes) {
        this.#take(body, at / chunkBytes, at);
      }
    }
    return body;
  }

  /** What the store behind has under a name: asked once. */
  #ask(path: string): Promise<ObjectMeta | undefined> {
    const asking = this.#asking.get(path);
    if (asking !== undefined) return asking;
    const changes = this.#changes;
    const asked: Promise<ObjectMeta | undefined> = this.#inner.head(path).then(
      (object) => {
        if (object !== undefined && changes === this.#changes) {
          this.#note(object);
        }
        return object;
      },
    ).finally(() => {
      if (this.#asking.get(path) === asked) this.#asking.delete(path);
    });
    this.#asking.set(path, asked);
    return asked;
  }

  #note({ path, size, etag, lastModifiedMs }: ObjectMeta): void {
    const known = this.#known;
    const before = known.get(path);
    if (before?.etag === etag && before.size === size) return;
    if (before !== undefined) this.#chunks.dropObject(path);
    if (known.size >= KNOWN_MAX) {
      known.delete(known.keys().next().value!);
    }
    const object = { path, size, etag, lastModifiedMs };
    known.set(path, object);
    this.#chunks.noteObject(object);
  }

  #forget(path: string): void {
    this.#changes++;
    this.#known.delete(path);
    this.#chunks.dropObject(path);
    this.#asking.delete(path);
    for (const key of this.#fetching.keys()) {
      if (key.startsWith(`${path}#`)) this.#fetching.delete(key);
    }
  }

  head(
    path: string,
    options?: RequestOptions,
  ): Promise<ObjectMeta | undefined> {
    return this.#inner.head(path, options);
  }

  put(
    path: string,
    bytes: Uint8Array,
    condition: PutCondition,
    options?: RequestOptions,
  ): Promise<PutResult> {
    const put = this.#inner.put(path, bytes, condition, options);
    return this.#keeps(path) ? this.#changing(path, put) : put;
  }

  delete(path: string, options?: RequestOptions): Promise<void> {
    const deleted = this.#inner.delete(path, options);
    return this.#keeps(path) ? this.#changing(path, deleted) : deleted;
  }

  /** Nothing that is read before a change is done is taken for the new. */
  async #changing<T>(path: string, change: Promise<T>): Promise<T> {
    this.#forget(path);
    try {
      return await change;
    } finally {
      this.#forget(path);
    }
  }

  list(prefix: string, options?: ListOptions): Promise<ListPage> {
    return this.#inner.list(prefix, options);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#chunks.close();
    await this.#inner.close();
  }
}

function isImmutable(path: string): boolean {
  const kind = parseObjectPath(path)?.kind;
  return kind === "sst" || kind === "vec";
}

/** `promise`, or the signal's reason when it is aborted before. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() =>
      signal.removeEventListener("abort", abort)
    );
  });
}
