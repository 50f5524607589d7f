/**
 * Text that is made while it is read: a stream of bytes that asks for no more
 * than its reader takes, and ends when the reader is gone, or asleep. One that
 * is stopped ends with its last words, not with an error: whoever serves it
 * would print that.
 *
 * @module
 */
import type { Environment, Timer } from "../../mod.ts";
import type { RequestStop } from "./request_stop.ts";

/** What a stream is made of. */
export interface LineStreamOptions {
  readonly environment: Environment;
  /** How long the reader may take nothing. */
  readonly idleMs: number;
  /** Aborted when what makes the text has to stop. */
  readonly stop: RequestStop;
  /** What a reader finds who comes back after it was stopped. */
  readonly lastWords: string;
  /** Called once, when there is no more. */
  readonly onEnd: () => Promise<void>;
}

/** A stream of pieces of text: the first, and the others, which have begun. */
export function lineStream(
  first: string,
  others: AsyncGenerator<string, void, void>,
  options: LineStreamOptions,
): ReadableStream<Uint8Array> {
  const source = new LineSource(first, others, options);
  return new ReadableStream<Uint8Array>(source, { highWaterMark: 0 });
}

class LineSource implements UnderlyingDefaultSource<Uint8Array> {
  readonly #others: AsyncGenerator<string, void, void>;
  readonly #options: LineStreamOptions;
  readonly #encoder = new TextEncoder();
  #first: string | undefined;
  #idle: Timer | undefined;
  #ended = false;
  #onStop = (): void => {};

  constructor(
    first: string,
    others: AsyncGenerator<string, void, void>,
    options: LineStreamOptions,
  ) {
    this.#first = first;
    this.#others = others;
    this.#options = options;
  }

  start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    const { signal } = this.#options.stop;
    this.#onStop = () => {
      if (this.#ended) return;
      controller.enqueue(this.#encoder.encode(this.#options.lastWords));
      controller.close();
      void this.#end();
    };
    if (signal.aborted) this.#onStop();
    else signal.addEventListener("abort", this.#onStop, { once: true });
    this.#watch();
  }

  async pull(
    controller: ReadableStreamDefaultController<Uint8Array>,
  ): Promise<void> {
    this.#idle?.cancel();
    const piece = this.#first ?? await this.#next();
    this.#first = undefined;
    if (this.#ended) return;
    if (piece === undefined) {
      controller.close();
      return await this.#end();
    }
    controller.enqueue(this.#encoder.encode(piece));
    this.#watch();
  }

  async cancel(reason: unknown): Promise<void> {
    const ending = this.#end();
    this.#options.stop.abort(reason);
    await ending;
  }

  async #next(): Promise<string | undefined> {
    const { done, value } = await this.#others.next();
    return done === true ? undefined : value;
  }

  /** Gives up on a reader that takes nothing. */
  #watch(): void {
    const { environment, idleMs, stop } = this.#options;
    this.#idle = environment.setTimer(
      () => stop.abort("the client reads nothing"),
      idleMs,
      { background: true },
    );
  }

  async #end(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    this.#idle?.cancel();
    const { stop, onEnd } = this.#options;
    stop.signal.removeEventListener("abort", this.#onStop);
    await this.#others.return().catch(() => {});
    await onEnd();
  }
}
