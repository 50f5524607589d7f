/**
 * An aggregate over frames.
 *
 * | frames | done by |
 * | --- | --- |
 * | the same as the row before's | the same result |
 * | only longer at the end | the rows that came |
 * | moved on, and the aggregate can take back rows | the rows that came and went |
 * | anything else | all rows of the frame anew |
 *
 * @module
 */
import type {
  AggregateDefinition,
  AggregateState,
  FunctionContext,
  SlidingState,
} from "../../functions/registry.ts";
import { type Column, isNull, valueAt } from "../../chunk/chunk.ts";
import type { Nullable } from "../../types/data_type.ts";
import type { FrameRows } from "./frame_rows.ts";
import type { Partition } from "./partition.ts";

/** From how many rows on the column form pays. */
const COLUMN_ROWS_MIN = 8;

/** What an aggregate over a window is computed from. */
export interface WindowAggregateInput {
  readonly definition: AggregateDefinition;
  readonly args: readonly Column[];
  /** The rows that count, by row; absent: all. */
  readonly passes: Uint8Array | undefined;
  readonly rowCount: number;
  readonly frames: FrameRows;
  /** Whether frames may leave rows behind at their start. */
  readonly slides: boolean;
  /** What the aggregate may ask. */
  readonly functions: FunctionContext;
  /** Called now and then: may throw. */
  readonly check: () => void;
}

/** Computes an aggregate over the frames of the rows of one partition. */
export class WindowAggregate {
  readonly #input: WindowAggregateInput;
  readonly #values: Nullable[];
  #state: AggregateState;
  #sliding: SlidingState | undefined;
  /** The rows in the state. */
  #start: number;
  #end: number;
  #result: Nullable = null;
  #hasResult = false;
  #steps = 0;

  /** Begins before the first row of the partition. */
  constructor(input: WindowAggregateInput, { start }: Partition) {
    this.#input = input;
    this.#values = new Array<Nullable>(input.args.length).fill(null);
    this.#state = this.#newState();
    this.#start = start;
    this.#end = start;
  }

  /** The result for a row; rows are asked for in order. */
  valueAt(row: number): Nullable {
    const { frames } = this.#input;
    if (!frames.whole) return this.#overRuns(frames.runs(row));
    const start = frames.start(row);
    const end = frames.end(row);
    const isSame = start === this.#start && end === this.#end;
    if (isSame && this.#hasResult) return this.#result;
    this.#moveTo(start, end);
    this.#result = this.#state.finish();
    this.#hasResult = true;
    return this.#result;
  }

  #newState(): AggregateState {
    const { definition, slides, functions } = this.#input;
    this.#sliding = slides ? definition.sliding?.() : undefined;
    return this.#sliding ?? definition.create(functions);
  }

  #moveTo(start: number, end: number): void {
    const goesOn = end >= this.#end && start >= this.#start &&
      (start === this.#start || this.#sliding !== undefined);
    if (goesOn) {
      for (let row = this.#start; row < Math.min(start, this.#end); row++) {
        if (this.#load(row)) this.#sliding!.remove(this.#values);
      }
      this.#step(Math.max(this.#end, start), end);
    } else {
      this.#state = this.#newState();
      this.#step(start, end);
    }
    this.#start = start;
    this.#end = end;
  }

  #overRuns(runs: readonly number[]): Nullable {
    this.#state = this.#newState();
    for (let i = 0; i < runs.length; i += 2) this.#step(runs[i]!, runs[i + 1]!);
    return this.#state.finish();
  }

  /** Takes the rows from `start` to before `end`. */
  #step(start: number, end: number): void {
    const { args, passes, rowCount } = this.#input;
    const state = this.#state;
    const count = end - start;
    this.#steps += count;
    if (this.#steps > 65_536) {
      this.#steps = 0;
      this.#input.check();
    }
    if (
      state.stepColumns !== undefined && count >= COLUMN_ROWS_MIN &&
      passes === undefined && this.#sliding === undefined
    ) {
      const rows = new Uint32Array(count);
      for (let i = 0; i < count; i++) rows[i] = start + i;
      state.stepColumns(args, rowCount, rows);
      return;
    }
    for (let row = start; row < end; row++) {
      if (this.#load(row)) state.step(this.#values);
    }
  }

  /** Puts a row's arguments in place; false if it does not count. */
  #load(row: number): boolean {
    const { args, passes, definition } = this.#input;
    if (passes !== undefined && passes[row] !== 1) return false;
    for (let c = 0; c < args.length; c++) {
      if (definition.strict && isNull(args[c]!, row)) return false;
      this.#values[c] = valueAt(args[c]!, row);
    }
    return true;
  }
}
