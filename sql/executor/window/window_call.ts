/**
 * One call over a window: its column, for all rows in the window's order.
 *
 * @module
 */
import type { BoundWindowCall } from "../../analyzer/bound_expression.ts";
import { type Column, valueAt } from "../../chunk/chunk.ts";
import type { WindowRows } from "../../functions/window/window_function.ts";
import { ColumnFiller } from "../column_tools.ts";
import type { RunState } from "../run_state.ts";
import { frameEnds, type RangeKey } from "./frame.ts";
import { FrameRows } from "./frame_rows.ts";
import type { Partition, Peers } from "./partition.ts";
import {
  WindowAggregate,
  type WindowAggregateInput,
} from "./window_aggregate.ts";

/** How many rows are computed between two looks at the clock. */
const CHECK_ROWS = 8192;

/** The columns that a call is computed from, and the order of the rows. */
export interface WindowCallInput {
  readonly call: BoundWindowCall;
  readonly args: readonly Column[];
  /** The values of FILTER. */
  readonly filter: Column | undefined;
  readonly rowCount: number;
  readonly peers: Peers;
  readonly rangeKey: RangeKey | undefined;
  readonly run: RunState;
}

/** The results of a call. */
export function windowColumn(input: WindowCallInput): Column {
  const { call, rowCount, peers, rangeKey, run } = input;
  const ends = frameEnds(call.frame, peers, rangeKey, run);
  const frames = new FrameRows(ends, peers, call.frame.exclude);
  const filler = new ColumnFiller(call.type.type, rowCount);
  const compute = computeOver(input, frames);
  for (const partition of peers.partitions) {
    const valueOf = compute(partition);
    for (let row = partition.start; row < partition.end; row++) {
      if (row % CHECK_ROWS === 0) run.checkAborted();
      filler.set(row, valueOf(row));
    }
  }
  return filler.finish();
}

type OpenPartition = (
  partition: Partition,
) => (row: number) => ReturnType<typeof valueAt>;

function computeOver(
  { call, args, filter, rowCount, peers, run }: WindowCallInput,
  frames: FrameRows,
): OpenPartition {
  const { callee, frame } = call;
  if (callee.kind === "aggregate") {
    const input: WindowAggregateInput = {
      definition: callee.definition,
      args,
      passes: filter === undefined ? undefined : passing(filter, rowCount),
      rowCount,
      frames,
      slides: frame.start.kind !== "unbounded_preceding",
      functions: run.functions,
      check: () => run.checkAborted(),
    };
    return (partition) => {
      const aggregate = new WindowAggregate(input, partition);
      return (row) => aggregate.valueAt(row);
    };
  }
  return (partition) => {
    const valueOf = callee.definition.open(
      rowsOf(partition, args, peers, frames),
    );
    return (row) => valueOf(row - partition.start);
  };
}

/** Which rows a filter lets through. */
function passing(filter: Column, rowCount: number): Uint8Array {
  const passes = new Uint8Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    if (valueAt(filter, row) === true) passes[row] = 1;
  }
  return passes;
}

function rowsOf(
  { start, end }: Partition,
  args: readonly Column[],
  { starts, ends, groups }: Peers,
  frames: FrameRows,
): WindowRows {
  const within = (row: number): number => row < 0 ? row : row - start;
  return {
    count: end - start,
    argument: (index, row) => valueAt(args[index]!, start + row),
    groupOf: (row) => groups[start + row]!,
    groupStart: (row) => starts[start + row]! - start,
    groupEnd: (row) => ends[start + row]! - start,
    inFrame: (row, place) => within(frames.at(start + row, place)),
    lastInFrame: (row) => within(frames.last(start + row)),
  };
}
