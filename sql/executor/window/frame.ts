/**
 * Frames: from which row to which each row's window goes within its partition.
 *
 * Both ends only move forward from row to row, so that a whole partition takes
 * one pass. What EXCLUDE leaves out is not part of the ends; {@linkcode
 * FrameRows} goes round it.
 *
 * @module
 */
import type {
  BoundFrame,
  BoundFrameEnd,
} from "../../analyzer/bound_expression.ts";
import { type Column, isNull, valueAt } from "../../chunk/chunk.ts";
import { SqlError } from "../../errors/sql_error.ts";
import { evaluate } from "../../planner/evaluate.ts";
import type { SqlValue } from "../../types/data_type.ts";
import type { KeyOrder } from "../row_order.ts";
import type { RunState } from "../run_state.ts";
import type { Partition, Peers } from "./partition.ts";

/** The ends of every row's frame, the second exclusive. */
export interface FrameEnds {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/** The column that RANGE measures by, and its order. */
export interface RangeKey {
  readonly column: Column;
  readonly order: KeyOrder;
}

/** Distances of a frame, evaluated. */
interface Distances {
  readonly start: SqlValue | undefined;
  readonly end: SqlValue | undefined;
}

/** The frames of all rows. */
export function frameEnds(
  frame: BoundFrame,
  peers: Peers,
  key: RangeKey | undefined,
  run: RunState,
): FrameEnds {
  const rowCount = peers.starts.length;
  const ends: FrameEnds = {
    starts: new Int32Array(rowCount),
    ends: new Int32Array(rowCount),
  };
  if (rowCount === 0) return ends;
  const distances: Distances = {
    start: distanceOf(frame, frame.start, "starting", run),
    end: distanceOf(frame, frame.end, "ending", run),
  };
  for (const partition of peers.partitions) {
    const fill = new FrameFiller(frame, distances, peers, partition);
    fill.starts(ends.starts, key);
    fill.ends(ends.ends, key);
    for (let row = partition.start; row < partition.end; row++) {
      if (ends.starts[row]! > ends.ends[row]!) {
        ends.ends[row] = ends.starts[row]!;
      }
    }
  }
  return ends;
}

function distanceOf(
  { mode, range }: BoundFrame,
  { distance }: BoundFrameEnd,
  which: "starting" | "ending",
  run: RunState,
): SqlValue | undefined {
  if (distance === undefined) return undefined;
  const value = evaluate(distance, run);
  if (value === null) {
    throw new SqlError("22004", `frame ${which} offset must not be null`);
  }
  if (mode === "range") {
    if (!range!.isInvalid(value)) return value;
    throw new SqlError(
      "22013",
      "invalid preceding or following size in window function",
    );
  }
  if ((value as number) < 0) {
    throw new SqlError("22013", `frame ${which} offset must not be negative`);
  }
  return Number(value);
}

/** Finds the frames of one partition. */
class FrameFiller {
  readonly #frame: BoundFrame;
  readonly #distances: Distances;
  readonly #peers: Peers;
  readonly #partition: Partition;

  constructor(
    frame: BoundFrame,
    distances: Distances,
    peers: Peers,
    partition: Partition,
  ) {
    this.#frame = frame;
    this.#distances = distances;
    this.#peers = peers;
    this.#partition = partition;
  }

  starts(into: Int32Array, key: RangeKey | undefined): void {
    const { start: first, end: last } = this.#partition;
    const { mode, start } = this.#frame;
    if (start.kind === "unbounded_preceding") {
      into.fill(first, first, last);
    } else if (start.kind === "current_row") {
      for (let row = first; row < last; row++) {
        into[row] = mode === "rows" ? row : this.#peers.starts[row]!;
      }
    } else {
      const sign = start.kind === "preceding" ? -1 : 1;
      const distance = this.#distances.start!;
      if (mode === "rows") this.#byRows(into, distance as number * sign);
      else if (mode === "groups") {
        this.#byGroups(into, distance as number * sign, false);
      } else this.#byRange(into, key!, { distance, sign, isEnd: false });
    }
  }

  ends(into: Int32Array, key: RangeKey | undefined): void {
    const { start: first, end: last } = this.#partition;
    const { mode, end } = this.#frame;
    if (end.kind === "unbounded_following") {
      into.fill(last, first, last);
    } else if (end.kind === "current_row") {
      for (let row = first; row < last; row++) {
        into[row] = mode === "rows" ? row + 1 : this.#peers.ends[row]!;
      }
    } else {
      const sign = end.kind === "preceding" ? -1 : 1;
      const distance = this.#distances.end!;
      if (mode === "rows") this.#byRows(into, distance as number * sign + 1);
      else if (mode === "groups") {
        this.#byGroups(into, distance as number * sign, true);
      } else this.#byRange(into, key!, { distance, sign, isEnd: true });
    }
  }

  #byRows(into: Int32Array, distance: number): void {
    const { start, end } = this.#partition;
    for (let row = start; row < end; row++) {
      into[row] = Math.max(start, Math.min(end, row + distance));
    }
  }

  #byGroups(into: Int32Array, distance: number, isEnd: boolean): void {
    const { start, end } = this.#partition;
    const { starts, groups } = this.#peers;
    // Where each group begins; behind the last, the partition's end.
    const begins: number[] = [];
    for (let row = start; row < end; row++) {
      if (starts[row] === row) begins.push(row);
    }
    begins.push(end);
    const last = begins.length - 1;
    for (let row = start; row < end; row++) {
      const group = groups[row]! + distance + (isEnd ? 1 : 0);
      into[row] = begins[Math.max(0, Math.min(last, group))]!;
    }
  }

  #byRange(
    into: Int32Array,
    { column, order }: RangeKey,
    { distance, sign, isEnd }: {
      readonly distance: SqlValue;
      readonly sign: number;
      readonly isEnd: boolean;
    },
  ): void {
    const { start, end } = this.#partition;
    const range = this.#frame.range!;
    const direction = order.descending ? -1 : 1;
    const { starts, ends } = this.#peers;
    let place = start;
    for (let row = start; row < end; row = ends[row]!) {
      const key = valueAt(column, row);
      const bound = key === null
        ? undefined
        : range.move(key, distance, sign * direction);
      /** Whether the row at `place` is before the frame's end. */
      const isBefore = (): boolean => {
        const isNullAt = isNull(column, place);
        if (bound === undefined || isNullAt) {
          const same = (bound === undefined) === isNullAt;
          // NULLs are peers of each other, all first or all last.
          return same ? isEnd : isNullAt === order.nullsFirst;
        }
        const compared = range.compare(valueAt(column, place)!, bound) *
          direction;
        return isEnd ? compared <= 0 : compared < 0;
      };
      while (place < end && isBefore()) place++;
      into.fill(place, starts[row]!, ends[row]!);
    }
  }
}
