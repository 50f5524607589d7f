/**
 * What stops a request: its client is gone, the server closes, or a stream has
 * no reader.
 *
 * It listens no longer than the request lasts: Deno aborts the signals of
 * requests that went well, too, and says so to whoever still listens.
 *
 * @module
 */

/** Stops a request. */
export class RequestStop {
  readonly #controller = new AbortController();
  readonly #sources: readonly AbortSignal[];
  readonly #onAbort = (event: Event): void =>
    this.abort((event.target as AbortSignal).reason);

  /** Aborted when one of `sources` is. */
  constructor(...sources: readonly (AbortSignal | undefined)[]) {
    this.#sources = sources.filter((source) => source !== undefined);
    for (const source of this.#sources) {
      if (source.aborted) this.abort(source.reason);
      source.addEventListener("abort", this.#onAbort, { once: true });
    }
  }

  /** Aborted when the request has to stop. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Stops the request. */
  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }

  /** The request has ended. */
  release(): void {
    for (const source of this.#sources) {
      source.removeEventListener("abort", this.#onAbort);
    }
  }
}
