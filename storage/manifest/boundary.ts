/**
 * The gc boundary in a store: how it is read, and how it is moved.
 *
 * It moves by compare-and-set against what was read before the manifests were:
 * a collector that was overtaken has read manifests of a chain that is not the
 * database any more, and only the failing compare-and-set keeps it from
 * deleting what lives (rule 16 of `docs/decisions/001-protocol-model.md`).
 *
 * @module
 */
import { equalBytes } from "../../base/bytes.ts";
import { KriyaError } from "../../base/errors.ts";
import { GC_BOUNDARY_PATH } from "../object_store/object_path.ts";
import {
  ABSENT,
  type ObjectStore,
  type RequestOptions,
} from "../object_store/object_store.ts";
import {
  ATTEMPT_BYTES,
  type Boundary,
  decodeBoundary,
  encodeBoundary,
} from "./boundary_codec.ts";

/** A boundary as it was found. */
export interface StoredBoundary {
  /** What it says. */
  readonly boundary: Boundary;
  /** Its tag; `undefined` if there is none yet. */
  readonly etag: string | undefined;
}

/**
 * The boundary as it is now; number 0 where there is none.
 *
 * @throws {KriyaError} `corrupt`, `unavailable`.
 */
export async function readBoundary(
  store: ObjectStore,
  options?: RequestOptions,
): Promise<StoredBoundary> {
  const body = await store.get(GC_BOUNDARY_PATH, options);
  if (body !== undefined) {
    return { boundary: decodeBoundary(body.bytes), etag: body.etag };
  }
  const attempt = new Uint8Array(ATTEMPT_BYTES);
  return { boundary: { number: 0, attempt, plan: [] }, etag: undefined };
}

/**
 * Writes `next` if the boundary is still as it was read; `undefined` when it is
 * not, or when that stays unknown: then `next` may yet come to be written.
 *
 * REQUIRES: the attempt of `next` is new.
 *
 * @throws {KriyaError} `corrupt`, `unavailable`.
 */
export async function moveBoundary(
  store: ObjectStore,
  read: StoredBoundary,
  next: Boundary,
  options?: RequestOptions,
): Promise<StoredBoundary | undefined> {
  const bytes = encodeBoundary(next);
  const condition = read.etag === undefined
    ? ABSENT
    : { kind: "match" as const, etag: read.etag };
  try {
    const result = await store.put(GC_BOUNDARY_PATH, bytes, condition, options);
    if (result.kind === "stored") return { boundary: next, etag: result.etag };
  } catch (error) {
    if (!(error instanceof KriyaError && error.kind === "unavailable")) {
      throw error;
    }
  }
  const now = await readBoundary(store, options);
  return equalBytes(now.boundary.attempt, next.attempt) ? now : undefined;
}

/**
 * The number of the boundary, asked again and again: whether it has moved is
 * told by its tag, so that a plan of many paths is not read with every answer.
 */
export class BoundaryProbe {
  readonly #store: ObjectStore;
  #last: StoredBoundary | undefined;

  /** Of the boundary in `store`. */
  constructor(store: ObjectStore) {
    this.#store = store;
  }

  /**
   * The number as it is now; 0 where there is none.
   *
   * @throws {KriyaError} `corrupt`, `unavailable`.
   */
  async number(): Promise<number> {
    const first = await this.#store.get(GC_BOUNDARY_PATH, {
      range: { offset: 0, length: 1 },
    });
    const last = this.#last;
    if (first === undefined) return 0;
    if (last !== undefined && first.etag === last.etag) {
      return last.boundary.number;
    }
    const read = await readBoundary(this.#store);
    // Two probes under way at once may end in any order.
    const newer = (this.#last?.boundary.number ?? 0) <= read.boundary.number;
    if (newer) this.#last = read;
    return read.boundary.number;
  }
}
