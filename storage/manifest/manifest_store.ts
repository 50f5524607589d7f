/**
 * The chain of manifests in a store: read the newest, claim the epoch, publish.
 *
 * Publishing takes effect only if the boundary of collection, read *after* the
 * manifest was created, still lies below its number: a writer that slept while
 * its successors' manifests were collected could otherwise create a number that
 * existed once. The same holds for a claim; it is asked once, after the fence
 * (`engine/recovery.ts`), for that and for the WAL ids that were found free.
 *
 * A guest (a compactor in another process) publishes in the writer's epoch, by
 * the steps of `tests/model/compacting.ts`: from the newest manifest as read,
 * created if absent, counted by the boundary.
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";
import type { CreateOnceOptions } from "../../fence/create_once.ts";
import { fencedError } from "../../fence/fenced_error.ts";
import { NumberedChain } from "../../fence/numbered_chain.ts";
import type { WriterIdentity } from "../../fence/writer_id.ts";
import {
  MANIFEST_PREFIX,
  manifestPath,
  parseManifestPath,
} from "../object_store/object_path.ts";
import type { ObjectStore } from "../object_store/object_store.ts";
import { readBoundary } from "./boundary.ts";
import { emptyManifest, type Manifest, type ManifestEdit } from "./manifest.ts";
import {
  type GuestEdit,
  guestManifest,
  nextManifest,
} from "./manifest_edit.ts";
import { decodeManifest, encodeManifest } from "./manifest_codec.ts";

/** How often a guest tries to be the next. */
const GUEST_ATTEMPTS_MAX = 64;

/** A manifest with the date the store gave it. */
export interface StoredManifest {
  /** The manifest. */
  readonly manifest: Manifest;
  /** When it was written, by the store's clock; 0 if it never was. */
  readonly lastModifiedMs: number;
}

/** The manifests of a store. */
export class ManifestStore {
  readonly #store: ObjectStore;
  readonly #chain: NumberedChain;

  /** The manifests in `store`. */
  constructor(store: ObjectStore, options: CreateOnceOptions) {
    this.#store = store;
    this.#chain = new NumberedChain(store, {
      prefix: MANIFEST_PREFIX,
      pathOf: manifestPath,
      numberOf: parseManifestPath,
    }, options);
  }

  /**
   * The newest manifest; the empty one, number 0, in an empty store.
   *
   * @throws {KriyaError} `corrupt`, `unavailable`.
   */
  async newest(): Promise<StoredManifest> {
    const object = await this.#chain.newest();
    if (object === undefined) {
      return { manifest: emptyManifest(), lastModifiedMs: 0 };
    }
    return {
      manifest: this.#decode(object.bytes, object.number),
      lastModifiedMs: object.lastModifiedMs,
    };
  }

  /**
   * Claims the epoch after that of `base` by creating the next manifest;
   * `undefined` when another was faster: read the newest and try again. The
   * claim counts once `confirm` resolves.
   */
  async claim(
    base: Manifest,
    writerId: string,
    writerName: string,
  ): Promise<Manifest | undefined> {
    const claimed: Manifest = {
      ...nextManifest(base, { closed: false, nextJob: 1 }),
      epoch: base.epoch + 1,
      settled: 1,
      writerId,
      writerName,
    };
    const outcome = await this.#chain.create(
      claimed.number,
      encodeManifest(claimed),
    );
    return outcome.kind === "taken" ? undefined : claimed;
  }

  /**
   * Makes sure that `manifest`, which this writer has created, counts.
   *
   * @throws {KriyaError} `fenced` when it was collected: successors made newer
   * ones before it was created.
   */
  async confirm(manifest: Manifest): Promise<void> {
    if (await this.isCollected(manifest)) {
      throw fencedError(this.#store.address);
    }
  }

  /** Whether collection has passed `manifest`: objects it names may be gone. */
  async isCollected(manifest: Manifest): Promise<boolean> {
    const { boundary } = await readBoundary(this.#store);
    return boundary.number >= manifest.number;
  }

  /**
   * Manifest `number`, `undefined` if there is none.
   *
   * @throws {KriyaError} `corrupt`, `unavailable`.
   */
  async read(number: number): Promise<Manifest | undefined> {
    const object = await this.#chain.read(number);
    return object && this.#decode(object.bytes, number);
  }

  /**
   * Publishes `edit` of the newest manifest, `base` as far as the caller knows.
   * When somebody else published in between (a compactor of this epoch), the
   * edit is made again on what that one made.
   *
   * @throws {KriyaError} `fenced` when a newer epoch has published;
   * `unavailable` (`08007`) when the outcome is unknown.
   */
  async publish(
    writer: WriterIdentity,
    base: Manifest,
    edit: (base: Manifest) => ManifestEdit,
  ): Promise<Manifest> {
    for (;;) {
      const next = nextManifest(base, edit(base));
      const outcome = await this.#chain.create(
        next.number,
        encodeManifest(next),
      );
      if (outcome.kind === "created") {
        await this.confirm(next);
        return next;
      }
      base = this.#decode(outcome.bytes, next.number);
      if (base.epoch !== writer.epoch || base.writerId !== writer.writerId) {
        throw fencedError(this.#store.address, describeWriter(base));
      }
    }
  }

  /**
   * Publishes an edit of the newest manifest without being the writer: in the
   * epoch and the name of who is. Resolves with it, or with `undefined` when
   * `edit` wants none, or when it came too late to count.
   *
   * REQUIRES: nobody else would make the same edit; a token sees to that.
   *
   * @throws {KriyaError} `unavailable`, with `08007` when the outcome is unknown
   * and with `53000` when others are always faster; `corrupt`.
   */
  async publishAsGuest(
    edit: (base: Manifest) => GuestEdit | undefined,
  ): Promise<Manifest | undefined> {
    for (let attempt = 1; attempt <= GUEST_ATTEMPTS_MAX; attempt++) {
      const { manifest: base } = await this.newest();
      const change = edit(base);
      if (change === undefined) return undefined;
      const next = guestManifest(base, change);
      const outcome = await this.#chain.create(
        next.number,
        encodeManifest(next),
      );
      if (outcome.kind === "taken") continue;
      return await this.isCollected(next) ? undefined : next;
    }
    throw new KriyaError(
      "unavailable",
      `Cannot publish a manifest in ${this.#store.address}: others were faster ${GUEST_ATTEMPTS_MAX} times`,
      { code: "53000", hint: "Try again later" },
    );
  }

  #decode(bytes: Uint8Array, number: number): Manifest {
    return decodeManifest(bytes, number, manifestPath(number));
  }
}

/** The writer of a manifest, for people. */
export function describeWriter(manifest: Manifest): string {
  const name = manifest.writerName === "" ? "" : ` (${manifest.writerName})`;
  return `writer ${manifest.writerId}${name} of epoch ${manifest.epoch}`;
}
