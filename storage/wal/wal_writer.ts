/**
 * Writes groups to the log, one object at a time.
 *
 * An id is bound to its bytes from the moment the first PUT is sent until the
 * outcome is known: `write` may be called again for the same group only, and
 * the next id follows only a success. So a group whose outcome is unknown holds
 * up all later ones, and nothing is acknowledged before the answer.
 *
 * @module
 */
import { hasBug } from "../../base/deliberate_bug.ts";
import { KriyaError } from "../../base/errors.ts";
import { invariant } from "../../base/invariant.ts";
import { createOnce, type CreateOnceOptions } from "../../fence/create_once.ts";
import { fencedError } from "../../fence/fenced_error.ts";
import type { WriterIdentity } from "../../fence/writer_id.ts";
import { walPath } from "../object_store/object_path.ts";
import type { ObjectStore } from "../object_store/object_store.ts";
import { encodeFence, type WalEncoder, walWriterOf } from "./wal_format.ts";

/** A group whose object is being created. */
export interface WalGroup {
  /** The id it is bound to. */
  readonly id: number;
  /** The object's bytes. */
  readonly bytes: Uint8Array;
}

/** Appends to the log of one writer. */
export class WalWriter {
  readonly #store: ObjectStore;
  readonly #writer: WriterIdentity;
  readonly #options: CreateOnceOptions;
  #nextId: number;
  #bound: WalGroup | undefined;
  #writing = false;

  /** A writer whose next object is `nextId`. */
  constructor(
    store: ObjectStore,
    writer: WriterIdentity,
    nextId: number,
    options: CreateOnceOptions,
  ) {
    this.#store = store;
    this.#writer = writer;
    this.#nextId = nextId;
    this.#options = options;
  }

  /** The id of the next object, or of the one whose outcome is unknown. */
  get nextId(): number {
    return this.#nextId;
  }

  /** Binds a group to the next id. REQUIRES: no group is bound. */
  bind(group: WalEncoder): WalGroup {
    invariant(this.#bound === undefined, "a WAL group is unsettled");
    const id = this.#nextId;
    this.#bound = { id, bytes: group.finish(this.#writer, id) };
    return this.#bound;
  }

  /**
   * Creates the object of the bound group; when it resolves, the group is
   * durable and no group is bound.
   *
   * @throws {KriyaError} `fenced` when another writer has the id; `unavailable`
   * (`08007`) when the outcome is unknown, or the bucket refuses the write,
   * which rights given back undo: the group stays bound.
   */
  async settle(): Promise<void> {
    const bound = this.#bound;
    invariant(bound !== undefined && !this.#writing, "no WAL group to settle");
    this.#writing = true;
    try {
      const path = walPath(bound.id);
      const outcome = await createOnce(
        this.#store,
        path,
        bound.bytes,
        this.#options,
      );
      if (outcome.kind === "taken" && !hasBug("fencing")) {
        throw fencedError(
          this.#store.address,
          describeOwner(outcome.bytes, bound.id, path),
        );
      }
      this.#bound = undefined;
      this.#nextId = bound.id + 1;
    } catch (error) {
      const refused = refusedError(error);
      if (refused !== undefined) this.#options.onFailure?.(refused);
      throw refused ?? error;
    } finally {
      this.#writing = false;
    }
  }
}

/** A bucket's refusal as what it is to a group that will be sent again. */
function refusedError(error: unknown): KriyaError | undefined {
  if (!(error instanceof KriyaError) || error.kind !== "invalid") return;
  return new KriyaError("unavailable", `${error.message}: not durable yet`, {
    code: "08007",
    cause: error,
    ...error.detail !== undefined && { detail: error.detail },
    hint: `${error.hint ?? "Check the bucket"}; the commit is sent again then`,
  });
}

/** What a fence attempt met. */
export type FenceOutcome =
  /** The fence stands at the id. */
  | { readonly kind: "fenced" }
  /** An object of another writer is there: replay it, take the next id. */
  | { readonly kind: "taken"; readonly bytes: Uint8Array };

/** Tries to put this writer's fence at `id`. */
export async function createFence(
  store: ObjectStore,
  writer: WriterIdentity,
  id: number,
  options: CreateOnceOptions,
): Promise<FenceOutcome> {
  const outcome = await createOnce(
    store,
    walPath(id),
    encodeFence(writer, id),
    options,
  );
  return outcome.kind === "created"
    ? { kind: "fenced" }
    : { kind: "taken", bytes: outcome.bytes };
}

function describeOwner(
  bytes: Uint8Array,
  id: number,
  path: string,
): string | undefined {
  try {
    const { epoch, writerId } = walWriterOf(bytes, id, path);
    return `writer ${writerId} of epoch ${epoch}`;
  } catch {
    return undefined;
  }
}
