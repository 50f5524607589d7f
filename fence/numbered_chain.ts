/**
 * A chain of numbered objects, each created once: compare-and-set made of
 * put-if-absent.
 *
 * The newest object is the state. Whoever wants to change it reads it and
 * creates the next number; of several who try, one succeeds, and the others
 * read what it made. Epochs are claimed in this way, and manifests published.
 *
 * Paths must sort with the newest first, so that a listing of one key finds it.
 *
 * @module
 */
import { KriyaError } from "../base/errors.ts";
import type { ObjectStore } from "../storage/object_store/object_store.ts";
import { createOnce, type CreateOnceOptions } from "./create_once.ts";
import type { CreateOutcome } from "./create_once.ts";

/** How a chain's objects are named. */
export interface ChainNames {
  /** What every path begins with. */
  readonly prefix: string;
  /** The path of number `number`; higher numbers sort first. */
  readonly pathOf: (number: number) => string;
  /** The number in a path, `undefined` if it is none of the chain's. */
  readonly numberOf: (path: string) => number | undefined;
}

/** One object of a chain. */
export interface ChainObject {
  /** Its number. */
  readonly number: number;
  /** Its bytes. */
  readonly bytes: Uint8Array;
  /** When it was written, by the store's clock. */
  readonly lastModifiedMs: number;
}

/** A chain in a store. */
export class NumberedChain {
  readonly #store: ObjectStore;
  readonly #names: ChainNames;
  readonly #options: CreateOnceOptions;

  /** The chain of `names` in `store`. */
  constructor(
    store: ObjectStore,
    names: ChainNames,
    options: CreateOnceOptions,
  ) {
    this.#store = store;
    this.#names = names;
    this.#options = options;
  }

  /**
   * The newest object, `undefined` if there is none yet.
   *
   * @throws {KriyaError} `unavailable`.
   */
  async newest(): Promise<ChainObject | undefined> {
    // Between the listing and the read a collector may have removed it: then
    // there is a newer one.
    for (let attempt = 0; attempt < 8; attempt++) {
      const number = await this.#newestNumber();
      if (number === undefined) return undefined;
      const object = await this.read(number);
      if (object !== undefined) return object;
    }
    throw new KriyaError(
      "unavailable",
      `Cannot read the newest object under "${this.#names.prefix}" in ${this.#store.address}: it keeps disappearing`,
    );
  }

  /** Object `number`, `undefined` if there is none. */
  async read(number: number): Promise<ChainObject | undefined> {
    const body = await this.#store.get(this.#names.pathOf(number));
    return body === undefined
      ? undefined
      : { number, bytes: body.bytes, lastModifiedMs: body.lastModifiedMs };
  }

  /**
   * Creates object `number`, unless somebody has.
   *
   * @throws {KriyaError} `unavailable` (`08007`) when the outcome is unknown.
   */
  create(number: number, bytes: Uint8Array): Promise<CreateOutcome> {
    return createOnce(
      this.#store,
      this.#names.pathOf(number),
      bytes,
      this.#options,
    );
  }

  async #newestNumber(): Promise<number | undefined> {
    let startAfter: string | undefined;
    for (;;) {
      const page = await this.#store.list(this.#names.prefix, {
        startAfter,
        limit: startAfter === undefined ? 1 : 1000,
      });
      for (const { path } of page.objects) {
        const number = this.#names.numberOf(path);
        if (number !== undefined) return number;
        startAfter = path;
      }
      if (!page.truncated || startAfter === undefined) return undefined;
    }
  }
}
