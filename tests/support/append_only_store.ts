/**
 * A store that refuses to change an object that is there: for runs of the
 * engine that must never want to.
 *
 * Only `gc/boundary` and pins may change, and only by compare-and-set. An
 * object may be deleted, but no fence ever, nor what `mayDelete` forbids; a
 * path that is free again may be taken. What was stored is looked at again when
 * it is read: the bytes must be those that were put, so that a caller who
 * changes a buffer it had handed over, or a view it was given, is found out.
 *
 * @module
 */
import { isPromise, type MaybePromise } from "../../base/maybe_promise.ts";
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
} from "../../storage/object_store/object_store.ts";
import {
  GC_BOUNDARY_PATH,
  parseWalPath,
  PIN_PREFIX,
} from "../../storage/object_store/object_path.ts";

import { decodeWal } from "../../storage/wal/wal_format.ts";

/** Puts that were made, by what they asked for. */
export interface PutLog {
  readonly path: string;
  readonly condition: PutCondition;
  readonly stored: boolean;
}

function isFence(path: string, bytes: Uint8Array): boolean {
  const id = parseWalPath(path);
  return id !== undefined &&
    decodeWal(bytes, id, path, { allowTornTail: true }).fence;
}

/** Refuses changes of what is there. */
export class AppendOnlyStore implements ObjectStore {
  readonly address: string;
  readonly #inner: ObjectStore;
  /** What every path was given, for good. */
  readonly #given: Map<string, Uint8Array>;
  /** The puts, in order. */
  readonly puts: PutLog[];
  /** Throws when the object may not be deleted; the same for all handles. */
  readonly deletions: { mayDelete: (path: string) => void };

  /** Stands before `inner`; handles of one bucket share what they know. */
  constructor(inner: ObjectStore, sibling?: AppendOnlyStore) {
    this.#inner = inner;
    this.address = inner.address;
    this.#given = sibling === undefined ? new Map() : sibling.#given;
    this.puts = sibling === undefined ? [] : sibling.puts;
    this.deletions = sibling?.deletions ?? { mayDelete: () => {} };
  }

  get(
    path: string,
    options?: GetOptions,
  ): MaybePromise<ObjectBody | undefined> {
    const body = this.#inner.get(path, options);
    const check = (body: ObjectBody | undefined): ObjectBody | undefined => {
      const given = this.#given.get(path);
      if (body === undefined || given === undefined) return body;
      const range = options?.range;
      let start = 0;
      if (range !== undefined) {
        start = "offset" in range
          ? range.offset
          : Math.max(0, given.length - range.suffix);
      }
      for (let i = 0; i < body.bytes.length; i++) {
        if (body.bytes[i] !== given[start + i]) {
          throw new Error(`"${path}" has changed at byte ${start + i}`);
        }
      }
      return body;
    };
    return isPromise(body) ? body.then(check) : check(body);
  }

  head(
    path: string,
    options?: RequestOptions,
  ): Promise<ObjectMeta | undefined> {
    return this.#inner.head(path, options);
  }

  async put(
    path: string,
    bytes: Uint8Array,
    condition: PutCondition,
    options?: RequestOptions,
  ): Promise<PutResult> {
    const mutable = path === GC_BOUNDARY_PATH || path.startsWith(PIN_PREFIX);
    if (condition.kind !== "absent" && !mutable) {
      throw new Error(`"${path}" was to be overwritten`);
    }
    const result = await this.#inner.put(path, bytes, condition, options);
    const stored = result.kind === "stored";
    this.puts.push({ path, condition, stored });
    if (stored && !mutable) {
      if (this.#given.has(path)) throw new Error(`"${path}" was overwritten`);
      this.#given.set(path, bytes.slice());
    }
    return result;
  }

  async delete(path: string, options?: RequestOptions): Promise<void> {
    const given = this.#given.get(path);
    if (given !== undefined && isFence(path, given)) {
      throw new Error(`the fence "${path}" was to be deleted`);
    }
    this.deletions.mayDelete(path);
    this.#given.delete(path);
    await this.#inner.delete(path, options);
  }

  list(prefix: string, options?: ListOptions): Promise<ListPage> {
    return this.#inner.list(prefix, options);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}
