/**
 * What a missing table or segment means to the process that wanted it.
 *
 * A manifest names only what is there, until its successors are collected from:
 * then objects that only it named go. So a missing object is damage only if the
 * boundary of collection is still below our manifest. Else a writer was taken
 * over, and a reader has to open anew (rule 24 of
 * `docs/decisions/001-protocol-model.md`). It is asked only when an object is
 * missing; what is there is handed on as it comes, at once if it came at once.
 *
 * @module
 */
import { fencedError } from "../../fence/fenced_error.ts";
import { KriyaError } from "../../base/errors.ts";
import { isPromise, type MaybePromise } from "../../base/maybe_promise.ts";
import type { Manifest } from "../manifest/manifest.ts";
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
} from "../object_store/object_store.ts";
import { SST_PREFIX, VEC_PREFIX } from "../object_store/object_path.ts";

/** Whose manifest it is. */
export interface ManifestUse {
  /** Whether what only the manifest needs may be gone. */
  isCollected(): Promise<boolean>;
  /**
   * Whether a read still wants the table at `path`, which a compaction has
   * replaced: only this process knows, and a collector elsewhere does not.
   */
  isReplaced(path: string): boolean;
  /** Whether it is a writer's. */
  readonly writer: boolean;
  /** Whether it is a reader's that moves on to newer manifests. */
  readonly follows: boolean;
}

/** A store whose missing tables and segments are explained. */
export class CollectedObjects implements ObjectStore {
  readonly address: string;
  readonly #inner: ObjectStore;
  readonly #use: ManifestUse;

  /** Explains what is missing in `inner`. */
  constructor(inner: ObjectStore, use: ManifestUse) {
    this.#inner = inner;
    this.#use = use;
    this.address = inner.address;
  }

  get(
    path: string,
    options?: GetOptions,
  ): MaybePromise<ObjectBody | undefined> {
    const body = this.#inner.get(path, options);
    if (isPromise(body)) {
      return body.then((body) => body ?? this.#explain(path));
    }
    return body ?? this.#explain(path);
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
    return this.#inner.put(path, bytes, condition, options);
  }

  delete(path: string, options?: RequestOptions): Promise<void> {
    return this.#inner.delete(path, options);
  }

  list(prefix: string, options?: ListOptions): Promise<ListPage> {
    return this.#inner.list(prefix, options);
  }

  isNear(path: string, offset: number): boolean {
    return this.#inner.isNear?.(path, offset) === true;
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  #explain(path: string): MaybePromise<undefined> {
    const named = path.startsWith(SST_PREFIX) || path.startsWith(VEC_PREFIX);
    return named ? this.#checkBoundary(path) : undefined;
  }

  async #checkBoundary(path: string): Promise<undefined> {
    const collected = await this.#use.isCollected();
    if (!collected && !this.#use.isReplaced(path)) return undefined;
    if (collected && this.#use.writer) throw fencedError(this.address);
    throw new KriyaError(
      "invalid",
      `Cannot read from ${this.address}: what was opened is collected`,
      {
        code: "72000",
        detail: `"${path}" is gone, and newer manifests do not need it.`,
        hint: this.#use.writer || this.#use.follows
          ? "Read again"
          : "Open it again",
      },
    );
  }
}

/** Whether a manifest names the object at `path`. */
export function isNamed({ levels, segments }: Manifest, path: string): boolean {
  return segments.some((segment) => segment.path === path) ||
    levels.some((tables) => tables.some((table) => table.path === path));
}
