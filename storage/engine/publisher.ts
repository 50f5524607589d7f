/**
 * Edits of the manifest by one writer, one at a time, and the names of the
 * objects that they bring in.
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";
import type { WriterIdentity } from "../../fence/writer_id.ts";
import type { Manifest, ManifestEdit } from "../manifest/manifest.ts";
import type { ManifestStore } from "../manifest/manifest_store.ts";
import type { TableObjectId } from "../object_store/object_path.ts";
import { ObjectNumbers } from "./object_numbers.ts";

/** Who is told of what becomes of edits. */
export interface PublishHost {
  /** `after` is the manifest that counts now, `before` the one before. */
  onPublished(before: Manifest, after: Manifest): void;
  /** Another writer has taken over. */
  onFenced(error: KriyaError): void;
}

/** Publishes the manifests of one writer. */
export class Publisher {
  readonly #manifests: ManifestStore;
  readonly #writer: WriterIdentity;
  readonly #host: PublishHost;
  readonly #numbers: ObjectNumbers;
  #manifest: Manifest;
  #publishing: Promise<unknown> = Promise.resolve();

  /** A publisher that begins at `manifest`, which counts. */
  constructor(
    manifests: ManifestStore,
    writer: WriterIdentity,
    manifest: Manifest,
    host: PublishHost,
  ) {
    this.#manifests = manifests;
    this.#writer = writer;
    this.#manifest = manifest;
    this.#host = host;
    this.#numbers = new ObjectNumbers(writer.epoch);
  }

  /** The manifest that this writer made last; it counts. */
  get manifest(): Manifest {
    return this.#manifest;
  }

  /** See `LsmStore.newObjectId`. */
  newObjectId(): TableObjectId {
    return this.#numbers.take();
  }

  /** See `LsmStore.abandonObject`. */
  abandonObject(path: string): void {
    this.#numbers.abandon(path);
  }

  /** See `LsmStore.publish`. */
  publish(edit: (manifest: Manifest) => ManifestEdit): Promise<Manifest> {
    const publish = () => this.#publish(edit);
    const published = this.#publishing.then(publish, publish);
    this.#publishing = published.catch(() => {});
    return published;
  }

  async #publish(
    edit: (manifest: Manifest) => ManifestEdit,
  ): Promise<Manifest> {
    const before = this.#manifest;
    const numbers = this.#numbers;
    try {
      const after = await this.#manifests.publish(
        this.#writer,
        before,
        (base) => {
          numbers.note(base);
          const change = edit(base);
          return {
            ...change,
            settled: numbers.settledIn({ ...base, ...change }),
          };
        },
      );
      numbers.note(after);
      this.#manifest = after;
      this.#host.onPublished(before, after);
      return after;
    } catch (error) {
      if (error instanceof KriyaError && error.kind === "fenced") {
        this.#host.onFenced(error);
      }
      throw error;
    }
  }
}
