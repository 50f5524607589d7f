/**
 * When the rows that a vector index compares one by one, the newest, become a
 * segment with a graph of their own:
 *
 * - they are so many that a graph is faster (2048), or
 * - they hold more bytes than `flush_size` (100 MB), or
 * - the oldest of them is older than `flush_interval` (600 s): then they are in
 *   an object, and the next process that opens the index reads no entries.
 *
 * Whatever they are, they are found from their commit on.
 *
 * @module
 */
import type { Environment, Timer } from "../../base/environment.ts";
import type { VectorIndex } from "../../vector/segments/vector_index.ts";
import type { HnswDefinition } from "./hnsw_definition.ts";

/** Rows at which they are sealed into a graph. */
export const SEAL_ROWS = 2048;

const MB = 1_000_000;

/** Knows since when there are rows, and says when they are due. */
export class FlushSchedule {
  readonly #environment: Environment;
  readonly #intervalMs: number;
  readonly #bytesMax: number;
  readonly #onDue: () => void;
  /** When the oldest row came, if there are rows. */
  #sinceMs: number | undefined;
  /** When the rows that a seal takes were looked at. */
  #sealedToMs: number | undefined;
  #timer: Timer | undefined;
  /** Whether all rows are wanted in segments, however few and new. */
  #isAsked = false;

  /** `onDue` is called when rows have become too old. */
  constructor(
    environment: Environment,
    definition: Pick<HnswDefinition, "flushIntervalSeconds" | "flushSizeMb">,
    onDue: () => void,
  ) {
    this.#environment = environment;
    this.#intervalMs = definition.flushIntervalSeconds * 1000;
    this.#bytesMax = definition.flushSizeMb * MB;
    this.#onDue = onDue;
  }

  /** Rows may have come, or gone into a segment. */
  note({ liveCount }: VectorIndex): void {
    if (liveCount === 0) {
      this.cancel();
      this.#sinceMs = undefined;
      this.#isAsked = false;
    } else if (this.#sinceMs === undefined) {
      this.#sinceMs = this.#environment.monotonicMs();
      this.#watch();
    }
  }

  /** A seal takes the rows that there are. */
  begin(): void {
    this.#sealedToMs = this.#environment.monotonicMs();
  }

  /** The rows that a seal took are in a segment: those left came since. */
  end(index: VectorIndex): void {
    if (this.#sealedToMs === undefined) return;
    this.#sinceMs = this.#sealedToMs;
    this.#sealedToMs = undefined;
    this.#isAsked = false;
    this.cancel();
    this.#watch();
    this.note(index);
  }

  /** The rows that there are shall go into a segment. */
  ask(): void {
    this.#isAsked = true;
  }

  /** Whether the rows have to go into a segment. */
  isDue(index: VectorIndex): boolean {
    const { liveCount } = index;
    if (liveCount >= SEAL_ROWS) return true;
    if (liveCount === 0) return false;
    return this.#isAsked || this.#isOld() || index.liveBytes > this.#bytesMax;
  }

  /** Looks no more. */
  cancel(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #isOld(): boolean {
    if (this.#sinceMs === undefined || this.#intervalMs === 0) return false;
    const age = this.#environment.monotonicMs() - this.#sinceMs;
    return age >= this.#intervalMs;
  }

  #watch(): void {
    if (this.#intervalMs === 0) return;
    const age = this.#environment.monotonicMs() - this.#sinceMs!;
    this.#timer = this.#environment.setTimer(
      this.#onDue,
      this.#intervalMs - age,
      { background: true },
    );
  }
}
