/**
 * The rows of a row's frame, without what EXCLUDE leaves out: at most two runs
 * of rows and, under EXCLUDE TIES, the row itself between them.
 *
 * @module
 */
import type { BoundFrame } from "../../analyzer/bound_expression.ts";
import type { FrameEnds } from "./frame.ts";
import type { Peers } from "./partition.ts";

/** The frames of all rows. */
export class FrameRows {
  readonly #ends: FrameEnds;
  readonly #peers: Peers;
  readonly #exclude: BoundFrame["exclude"];

  /** Frames with these ends. */
  constructor(ends: FrameEnds, peers: Peers, exclude: BoundFrame["exclude"]) {
    this.#ends = ends;
    this.#peers = peers;
    this.#exclude = exclude;
  }

  /** The first row of the frame, were nothing excluded. */
  start(row: number): number {
    return this.#ends.starts[row]!;
  }

  /** The row behind the frame, were nothing excluded. */
  end(row: number): number {
    return this.#ends.ends[row]!;
  }

  /** Whether frames are runs of rows without gaps. */
  get whole(): boolean {
    return this.#exclude === "no_others";
  }

  /** The runs of the frame in order: starts and ends by turns. */
  runs(row: number): readonly number[] {
    const start = this.start(row);
    const end = this.end(row);
    const [from, to] = this.#excluded(row);
    const runs = [
      start,
      Math.max(start, Math.min(end, from)),
      Math.min(end, Math.max(start, to)),
      end,
    ];
    if (this.#exclude !== "ties" || row < start || row >= end) return runs;
    return [runs[0]!, runs[1]!, row, row + 1, runs[2]!, runs[3]!];
  }

  /** The `place`-th row of the frame; -1 if it has fewer. */
  at(row: number, place: number): number {
    if (this.whole) {
      const found = this.start(row) + place;
      return found < this.end(row) ? found : -1;
    }
    let left = place;
    const runs = this.runs(row);
    for (let i = 0; i < runs.length; i += 2) {
      const count = runs[i + 1]! - runs[i]!;
      if (left < count) return runs[i]! + left;
      left -= count;
    }
    return -1;
  }

  /** The last row of the frame; -1 if it is empty. */
  last(row: number): number {
    if (this.whole) {
      const end = this.end(row);
      return end > this.start(row) ? end - 1 : -1;
    }
    const runs = this.runs(row);
    for (let i = runs.length - 2; i >= 0; i -= 2) {
      if (runs[i + 1]! > runs[i]!) return runs[i + 1]! - 1;
    }
    return -1;
  }

  /** The run of rows that is left out. */
  #excluded(row: number): readonly [from: number, to: number] {
    switch (this.#exclude) {
      case "no_others":
        return [row, row];
      case "current_row":
        return [row, row + 1];
      case "group":
      case "ties":
        return [this.#peers.starts[row]!, this.#peers.ends[row]!];
    }
  }
}
