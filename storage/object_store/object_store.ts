/**
 * What the engine asks of the place where its objects live.
 *
 * A store keeps immutable byte strings under paths. Memory, a folder and a
 * bucket are stores; `memory_store.ts` is the definition that the others, and
 * every decorator, are held to by `tests/conformance/object_store_suite.ts`.
 *
 * Rules every store keeps:
 * 1. A `put` is atomic: a reader sees all of the object or none of it.
 * 2. A `put` or `delete` that resolved is durable and seen by every later
 *    `get`, `head` and `list`, of any process.
 * 3. Of several `put`s with condition `absent` at one path, one at most
 *    succeeds.
 * 4. A call that rejects with kind `unavailable` may have had its effect:
 *    the outcome is unknown until it is read back.
 *
 * @module
 */
import type { MaybePromise } from "../../base/maybe_promise.ts";

/** What must hold for a `put` to take effect. */
export type PutCondition =
  /** No object is at the path (`If-None-Match: *`). */
  | { readonly kind: "absent" }
  /** The object at the path has this tag (`If-Match`). */
  | { readonly kind: "match"; readonly etag: string };

/** Condition `absent`, ready to use. */
export const ABSENT: PutCondition = { kind: "absent" };

/** What became of a `put`. */
export type PutResult =
  /** The object is stored and durable; `etag` is its tag. */
  | { readonly kind: "stored"; readonly etag: string }
  /** The condition did not hold; nothing was written. */
  | { readonly kind: "precondition" };

/** What a store knows of an object without its bytes. */
export interface ObjectMeta {
  /** The object's path. */
  readonly path: string;
  /** Its size in bytes. */
  readonly size: number;
  /** Its entity tag: changes whenever the bytes do. */
  readonly etag: string;
  /** When it was written, by the store's own clock: ms since the epoch. */
  readonly lastModifiedMs: number;
}

/** An object, or the range of it that was asked for. */
export interface ObjectBody extends ObjectMeta {
  /** The bytes; the caller must not change them. */
  readonly bytes: Uint8Array;
}

/** Which bytes a `get` wants. */
export type ByteRange =
  /**
   * `length` bytes (at least 1) from `offset`, which lies before the end;
   * fewer where the object ends.
   */
  | { readonly offset: number; readonly length: number }
  /** The last `suffix` bytes (at least 1); all if the object is shorter. */
  | { readonly suffix: number };

/** Options of every call. */
export interface RequestOptions {
  /** Gives up when aborted; a `put` or `delete` may still take effect. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of {@linkcode ObjectStore.get}. */
export interface GetOptions extends RequestOptions {
  /** The bytes wanted (default: all). */
  readonly range?: ByteRange | undefined;
  /**
   * Where to put the bytes, as long as they are: the body's are then this very
   * view. A hint: a store may give others, and may have written here even so.
   */
  readonly into?: Uint8Array<ArrayBuffer> | undefined;
}

/** Options of {@linkcode ObjectStore.list}. */
export interface ListOptions extends RequestOptions {
  /** Only paths after this one, in byte order (default: from the first). */
  readonly startAfter?: string | undefined;
  /** At most so many objects (default and maximum 1000). */
  readonly limit?: number | undefined;
}

/** One page of a listing. */
export interface ListPage {
  /** The objects, in byte order of their paths. */
  readonly objects: readonly ObjectMeta[];
  /** Whether there are more after the last one. */
  readonly truncated: boolean;
}

/**
 * A place that keeps objects.
 *
 * Paths are `/`-separated, made of `[A-Za-z0-9._-]` segments of at most 200
 * characters, at most 512 characters in all, never with an empty segment, `.`
 * or `..`; other paths are refused with kind `invalid`. A call whose signal
 * was aborted before it began has no effect and fails with the signal's
 * reason.
 */
export interface ObjectStore {
  /**
   * The address of the store for people and errors, without secrets; for
   * example `file:///home/me/data` or `memory:`.
   */
  readonly address: string;

  /**
   * Reads the object at `path`, or the wanted range of it. Resolves with
   * `undefined` if there is none. Answers at once, without a promise, where
   * the store can (memory; a folder, for small ranges); then it throws at
   * once, too.
   *
   * @throws {KriyaError} `unavailable` when the store does not answer;
   * `invalid` when the path is not one, the range is none, or it begins at or
   * past the end.
   */
  get(path: string, options?: GetOptions): MaybePromise<ObjectBody | undefined>;

  /**
   * Reads what the store knows of the object at `path`, `undefined` if there
   * is none.
   *
   * @throws {KriyaError} as `get`.
   */
  head(path: string, options?: RequestOptions): Promise<ObjectMeta | undefined>;

  /**
   * Stores `bytes` at `path` if `condition` holds, as one atomic step.
   *
   * Once it resolves with `stored` the object is durable. The caller must not
   * change `bytes` before it settles.
   *
   * REQUIRES: `path` is not a folder of another object's path.
   *
   * @throws {KriyaError} `unavailable` when the outcome is unknown; `invalid`
   * when the path is not one.
   */
  put(
    path: string,
    bytes: Uint8Array,
    condition: PutCondition,
    options?: RequestOptions,
  ): Promise<PutResult>;

  /**
   * Removes the object at `path`; does nothing if there is none.
   *
   * @throws {KriyaError} as `put`.
   */
  delete(path: string, options?: RequestOptions): Promise<void>;

  /**
   * Lists the objects whose path begins with `prefix`, in byte order.
   *
   * @throws {KriyaError} as `get`.
   */
  list(prefix: string, options?: ListOptions): Promise<ListPage>;

  /**
   * Whether a byte of an object is kept nearer than the store behind; at once.
   * Absent: the store keeps nothing.
   */
  isNear?(path: string, offset: number): boolean;

  /** Lets go of what the store holds open; later calls fail with `closed`. */
  close(): Promise<void>;
}

/** What is read from a store by those who only read known objects. */
export type ObjectSource = Pick<ObjectStore, "get">;
