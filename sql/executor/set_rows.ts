/**
 * Calls that give rows, while they run side by side: the shorter ones are filled
 * up with NULLs.
 *
 * @module
 */
import { isPromise, type MaybePromise } from "../../base/maybe_promise.ts";
import { type Column, ColumnBuilder } from "../chunk/chunk.ts";
import {
  NO_ROWS,
  type SetColumn,
  type SetSource,
  valuesSource,
} from "../functions/sets/set_source.ts";
import type { SetCall } from "../planner/logical_plan.ts";
import type { Nullable } from "../types/data_type.ts";
import type { RunState } from "./run_state.ts";

/** The rows of a call with these arguments. */
export function callSet(
  { function: definition, columns }: Pick<SetCall, "function" | "columns">,
  args: readonly Nullable[],
  run: RunState,
): MaybePromise<SetSource> {
  if (definition.strict && args.includes(null)) return NO_ROWS;
  return definition.set!(args, run.functions, columns);
}

/** All of several things, at once where nothing has to be waited for. */
export function allOf<T>(
  parts: readonly MaybePromise<T>[],
): MaybePromise<readonly T[]> {
  return parts.some(isPromise) ? Promise.all(parts) : parts as readonly T[];
}

/** The one row of a value. */
export function oneRow(value: Nullable): SetSource {
  return valuesSource([value]);
}

/** Columns that sets are put into, side by side. */
export class SetColumns {
  readonly #columns: readonly (readonly SetColumn[])[];
  #builders: ColumnBuilder[][];
  #sources: (SetSource | undefined)[] = [];

  /** Room for the columns of each set. */
  constructor(columns: readonly (readonly SetColumn[])[]) {
    this.#columns = columns;
    this.#builders = this.#newBuilders();
  }

  /** Whether the sets may have rows that are not there yet. */
  get open(): boolean {
    return this.#sources.some((source) => source !== undefined);
  }

  /** Begins with new sets. */
  start(sources: readonly SetSource[]): void {
    this.#sources = [...sources];
  }

  /** Appends the next rows of the sets, at most `count`; returns how many. */
  fill(count: number): number {
    const filled = this.#sources.map((source, i) => {
      if (source === undefined) return 0;
      const rows = source.fill(this.#builders[i]!, count);
      if (rows < count) this.#sources[i] = undefined;
      return rows;
    });
    const most = Math.max(0, ...filled);
    this.#builders.forEach((builders, i) => {
      for (const builder of builders) {
        for (let row = filled[i]!; row < most; row++) builder.appendNull();
      }
    });
    return most;
  }

  /** The columns so far; the next ones begin anew. */
  take(): Column[] {
    const columns = this.#builders.flat().map((builder) => builder.finish());
    this.#builders = this.#newBuilders();
    return columns;
  }

  #newBuilders(): ColumnBuilder[][] {
    return this.#columns.map((columns) =>
      columns.map(({ type }) => new ColumnBuilder(type.type))
    );
  }
}
