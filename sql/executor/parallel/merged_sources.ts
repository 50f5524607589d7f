/**
 * Rows of several sources, each in order, merged. Sources are few: the next one is
 * found by walking over them.
 *
 * @module
 */
import type { MaybePromise } from "../../../base/maybe_promise.ts";
import {
  type Chunk,
  CHUNK_ROWS,
  type Column,
  ColumnBuilder,
  valueAt,
} from "../../chunk/chunk.ts";
import type { GatherNode } from "../../planner/logical_plan.ts";
import type { ColumnExpression } from "../column_expression.ts";
import { compact } from "../column_tools.ts";
import { compileExpression } from "../expression_compiler.ts";
import { layoutOf } from "../layout.ts";
import { typesOf } from "../output_types.ts";
import { compareByKeys, type CompareRows } from "../row_order.ts";
import type { RunState } from "../run_state.ts";
import type { DataType } from "../../types/data_type.ts";

/** Gives the next rows of a source. */
export type Source = () => MaybePromise<Chunk | undefined>;

/** The place in a source. */
interface Place {
  readonly source: Source;
  chunk: Chunk | undefined;
  keys: readonly Column[];
  row: number;
}

/** A merge. */
export class MergedSources {
  readonly #run: RunState;
  readonly #types: readonly DataType[];
  readonly #keys: readonly ColumnExpression[];
  readonly #compare: CompareRows;
  #places: Place[];
  #isOpen = false;

  /** Merges `sources` by the keys of `node`. */
  constructor(node: GatherNode, run: RunState, sources: readonly Source[]) {
    this.#run = run;
    const keys = node.keys!;
    const layout = layoutOf(node.input);
    this.#types = typesOf(node.input);
    this.#keys = keys.map(({ expression }) =>
      compileExpression(expression, layout)
    );
    this.#compare = compareByKeys(
      keys.map(({ expression }) => expression.type.type),
      keys,
    );
    this.#places = sources.map((source) => ({
      source,
      chunk: undefined,
      keys: [],
      row: 0,
    }));
  }

  /** The next rows in order. */
  next(): MaybePromise<Chunk | undefined> {
    if (!this.#isOpen) {
      this.#isOpen = true;
      return this.#loadAll(0);
    }
    return this.#merge(
      this.#types.map((type) => new ColumnBuilder(type)),
      0,
    );
  }

  #loadAll(from: number): MaybePromise<Chunk | undefined> {
    for (let i = from; i < this.#places.length; i++) {
      const loading = this.#load(this.#places[i]!);
      if (loading !== undefined) {
        return loading.then(() => this.#loadAll(i + 1));
      }
    }
    this.#places = this.#places.filter(({ chunk }) => chunk !== undefined);
    return this.next();
  }

  /** Goes to the next rows of a source. */
  #load(place: Place): Promise<void> | undefined {
    const chunk = place.source();
    if (chunk instanceof Promise) {
      return chunk.then((chunk) => this.#enter(place, chunk));
    }
    this.#enter(place, chunk);
    return undefined;
  }

  #enter(place: Place, chunk: Chunk | undefined): void {
    const whole = place.chunk = chunk && compact(chunk);
    place.row = 0;
    place.keys = whole === undefined
      ? []
      : this.#keys.map((key) => key(whole, undefined, this.#run));
  }

  #merge(
    builders: readonly ColumnBuilder[],
    from: number,
  ): MaybePromise<Chunk | undefined> {
    let rowCount = from;
    while (rowCount < CHUNK_ROWS && this.#places.length > 0) {
      const place = this.#least();
      const { columns } = place.chunk!;
      for (let c = 0; c < builders.length; c++) {
        builders[c]!.append(valueAt(columns[c]!, place.row));
      }
      rowCount++;
      place.row++;
      if (place.row < place.chunk!.rowCount) continue;
      const loading = this.#load(place);
      if (loading !== undefined) {
        return loading.then(() => {
          this.#drop(place);
          return this.#merge(builders, rowCount);
        });
      }
      this.#drop(place);
    }
    this.#run.checkAborted();
    return rowCount === 0
      ? undefined
      : { columns: builders.map((builder) => builder.finish()), rowCount };
  }

  #least(): Place {
    const places = this.#places;
    let least = places[0]!;
    for (let i = 1; i < places.length; i++) {
      const place = places[i]!;
      if (this.#compare(place.keys, place.row, least.keys, least.row) < 0) {
        least = place;
      }
    }
    return least;
  }

  /** Forgets a source that is at its end. */
  #drop(place: Place): void {
    if (place.chunk !== undefined) return;
    this.#places = this.#places.filter((each) => each !== place);
  }
}
