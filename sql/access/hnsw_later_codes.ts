/**
 * Codes of segments that were opened: made a little later, so that the first
 * answers need not wait for them. Until then walks look at vectors.
 *
 * @module
 */
import type { Environment, Timer } from "../../base/environment.ts";
import type { SealedSegment } from "../../vector/segments/sealed_segment.ts";
import { SlicedTask } from "../../vector/segments/sliced_task.ts";
import { runSliced } from "./hnsw_objects.ts";

/** Ms after opening at which codes are made. */
const DELAY_MS = 100;

/** Makes codes in the background. */
export class LaterCodes {
  readonly #environment: Environment;
  readonly #stop: AbortSignal;
  #segments: readonly SealedSegment[] = [];
  #timer: Timer | undefined;
  #making: Promise<void> | undefined;

  /** Nothing to make yet; `stop` ends what is being made. */
  constructor(environment: Environment, stop: AbortSignal) {
    this.#environment = environment;
    this.#stop = stop;
  }

  /** Makes the codes that these segments lack, a little later. */
  start(segments: readonly SealedSegment[]): void {
    this.#segments = segments.filter(({ codesToMake }) =>
      codesToMake !== "none"
    );
    if (this.#segments.length === 0) return;
    this.#timer = this.#environment.setTimer(
      () => {
        // Without codes walks look at vectors: whoever waits is told.
        this.finish().catch(() => {});
      },
      DELAY_MS,
      { background: true },
    );
  }

  /** Makes them now, unless it is stopped; rejects if memory is not enough. */
  finish(): Promise<void> {
    this.#timer?.cancel();
    return this.#making ??= this.#make();
  }

  async #make(): Promise<void> {
    for (const segment of this.#segments) {
      if (this.#stop.aborted) return;
      const task = new SlicedTask(segment.makeCodes(), this.#environment);
      try {
        await runSliced(task, this.#environment, this.#stop);
      } catch (error) {
        if (!this.#stop.aborted) throw error;
      }
    }
  }

  /** Makes no more. REQUIRES: `stop` was aborted. */
  async close(): Promise<void> {
    this.#timer?.cancel();
    await this.#making?.catch(() => {});
  }
}
