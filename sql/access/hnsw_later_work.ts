/**
 * What segments that were opened lack: made a little later, so that the first
 * answers need not wait for it. Until there are codes walks look at vectors; the
 * order of locators is made by whoever needs it first.
 *
 * @module
 */
import { delay, type Environment, type Timer } from "../../base/environment.ts";
import type { SealedSegment } from "../../vector/segments/sealed_segment.ts";
import { SlicedTask } from "../../vector/segments/sliced_task.ts";
import { runSliced } from "./hnsw_objects.ts";

/** Ms after opening at which it is made. */
const DELAY_MS = 100;

/** Makes codes, and the order of locators, in the background. */
export class LaterWork {
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

  /** Makes what these segments lack, a little later. */
  start(segments: readonly SealedSegment[]): void {
    this.#segments = segments;
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
    for (const { versions } of this.#segments) {
      await delay(this.#environment, 0);
      if (this.#stop.aborted) return;
      versions.prepare();
    }
  }

  /** Makes no more. REQUIRES: `stop` was aborted. */
  async close(): Promise<void> {
    this.#timer?.cancel();
    await this.#making?.catch(() => {});
  }
}
