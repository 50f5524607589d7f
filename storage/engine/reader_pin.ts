/**
 * The pin of a reader: an object that tells collectors which manifest it reads.
 *
 * It is put when the reader is first used, put again (by compare-and-set, so
 * that nobody's else is overwritten) when the reader goes over to another
 * manifest and when half of its lease is over, and deleted at the close. A
 * reader that nobody uses lets it lapse: collectors remove it. Nothing else is
 * written, and nothing waits for it: a pin is comfort, a reader without one
 * meets a missing object and moves on (`storage/gc/pins.ts`).
 *
 * Where it may not be written (a bucket's 403, a folder that is read-only) it
 * is not tried again.
 *
 * The pin counts once the boundary, read after it was put, is below its
 * manifest (rule 26 of `docs/decisions/001-protocol-model.md`).
 *
 * @module
 */
import type { Environment, Timer } from "../../base/environment.ts";
import { KriyaError } from "../../base/errors.ts";
import { encodePin } from "../gc/pin_codec.ts";
import type { Manifest } from "../manifest/manifest.ts";
import { pinPath } from "../object_store/object_path.ts";
import {
  ABSENT,
  type ObjectStore,
  type PutCondition,
} from "../object_store/object_store.ts";

/** Bytes of chance in the name of a pin. */
const ID_BYTES = 16;

/** The share of its lease after which a pin that failed is tried again. */
const RETRY_SHARE = 0.02;

/** What a pin needs of its reader. */
export interface PinHost {
  /** The objects. */
  readonly objects: ObjectStore;
  /** Clock and chance. */
  readonly environment: Environment;
  /** Ms for which the pin holds. */
  readonly leaseMs: number;
  /** What is read now. */
  manifest(): Manifest;
  /** The boundary of collection as it is now. */
  boundary(): Promise<number>;
  /** Whether something is held that the pin is for. */
  isUsed(): boolean;
}

/** What became of a pin. */
export type PinState =
  /** It holds what is read. */
  | "held"
  /** There is none: not used yet, lapsed, too late, or not answered. */
  | "none"
  /** It may not be written. */
  | "forbidden";

/** The pin of one reader. */
export class ReaderPin {
  readonly #host: PinHost;
  readonly #path: string;
  #etag: string | undefined;
  /** The manifest of the pin that was put last, and when. */
  #put: { readonly number: number; readonly sentMs: number } | undefined;
  /** Whether there may be something to delete. */
  #there = false;
  #counts = false;
  #forbidden = false;
  /** When it may be tried again after a failure. */
  #retryMs = -Infinity;
  #used = false;
  #timer: Timer | undefined;
  #writing: Promise<void> | undefined;
  #closed = false;

  /** A pin that is not put yet. */
  constructor(host: PinHost) {
    this.#host = host;
    const id = host.environment.randomBytes(new Uint8Array(ID_BYTES));
    this.#path = pinPath(id.toHex());
  }

  /** What became of it. */
  get state(): PinState {
    if (this.#forbidden) return "forbidden";
    const put = this.#put;
    const held = this.#counts && put !== undefined &&
      put.number === this.#host.manifest().number && this.#ageMs() <
        this.#host.leaseMs;
    return held ? "held" : "none";
  }

  /** Says that the reader is used: puts the pin, or again, where it is due. */
  use(): void {
    this.#used = true;
    if (!this.#isDue() || this.#writing !== undefined) return;
    this.#writing = this.#write().catch((error) => this.#failed(error))
      .finally(() => {
        this.#writing = undefined;
      });
  }

  /** Deletes it, if it was put; resolves when that was tried. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    await this.#writing;
    if (!this.#there) return;
    try {
      await this.#host.objects.delete(this.#path);
    } catch {
      // Its lease ends, and collectors remove it.
    }
  }

  #ageMs(): number {
    const { environment } = this.#host;
    return environment.monotonicMs() - (this.#put?.sentMs ?? -Infinity);
  }

  #isDue(): boolean {
    if (this.#forbidden || this.#closed) return false;
    const { leaseMs, environment } = this.#host;
    if (environment.monotonicMs() < this.#retryMs) return false;
    const manifest = this.#host.manifest();
    return manifest.number > 0 && (this.#put?.number !== manifest.number ||
      this.#ageMs() >= leaseMs / 2);
  }

  async #write(): Promise<void> {
    const { objects, environment, leaseMs } = this.#host;
    const { number } = this.#host.manifest();
    const sentMs = environment.monotonicMs();
    const bytes = encodePin({ manifest: number, leaseMs });
    this.#counts = false;
    this.#there = true;
    const path = this.#path;
    let result = await objects.put(path, bytes, this.#condition());
    if (result.kind === "precondition") {
      // It was collected when its lease was over, or an answer was lost.
      this.#etag = (await objects.head(path))?.etag;
      result = await objects.put(path, bytes, this.#condition());
    }
    if (result.kind === "precondition") return this.#failed(undefined);
    this.#etag = result.etag;
    this.#put = { number, sentMs };
    this.#counts = await this.#host.boundary() < number;
    this.#renewLater();
  }

  #condition(): PutCondition {
    return this.#etag === undefined
      ? ABSENT
      : { kind: "match", etag: this.#etag };
  }

  #failed(error: unknown): void {
    const { environment, leaseMs } = this.#host;
    this.#retryMs = environment.monotonicMs() + leaseMs * RETRY_SHARE;
    if (!(error instanceof KriyaError)) return;
    this.#forbidden = error.kind === "invalid" || isRefusal(error.cause);
    if (this.#forbidden) this.#there = this.#etag !== undefined;
  }

  #renewLater(): void {
    this.#timer?.cancel();
    if (this.#closed) return;
    this.#used = false;
    this.#timer = this.#host.environment.setTimer(
      () => {
        if (this.#used || this.#host.isUsed()) this.use();
      },
      this.#host.leaseMs / 2,
      { background: true },
    );
  }
}

/** Whether the system says that a folder may not be written to. */
function isRefusal(cause: unknown): boolean {
  const { code, name } = (cause ?? {}) as { code?: unknown; name?: unknown };
  return ["EACCES", "EPERM", "EROFS"].includes(String(code)) ||
    ["NotCapable", "PermissionDenied"].includes(String(name));
}
