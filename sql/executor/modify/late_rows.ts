/**
 * Queries over rows as they are changed: run for the rows of a chunk, once these
 * are known.
 *
 * The plan may give the rows in another order (a query may have become a join):
 * each carries its number.
 *
 * @module
 */
import { then } from "../../../base/maybe_promise.ts";
import type { MaybePromise } from "../../../base/maybe_promise.ts";
import type { BoundColumn } from "../../analyzer/bound_expression.ts";
import {
  type Chunk,
  type Column,
  columnOf,
  valueAt,
} from "../../chunk/chunk.ts";
import type { ColumnId, LateRows } from "../../planner/logical_plan.ts";
import { outputOf } from "../../planner/plan_tree.ts";
import type { Nullable } from "../../types/data_type.ts";
import { int4 } from "../../types/int_types.ts";
import { forEachRow } from "../column_tools.ts";
import { layoutOf } from "../layout.ts";
import { typesOf } from "../output_types.ts";
import { openInput, type PhysicalPlan, pullAll } from "../physical_plan.ts";
import type { RunState } from "../run_state.ts";

/** Compiled queries over changed rows. */
export class LateRowsPlan {
  /** The columns that they give, in the order of `values`. */
  readonly output: readonly ColumnId[];
  readonly #late: LateRows;
  /** The columns that they take. */
  readonly columns: readonly BoundColumn[];
  readonly #plan: PhysicalPlan;
  readonly #positions: readonly number[];
  readonly #number: number;

  /** Compiles them; `plan` is the compiled plan of `late`. */
  constructor(late: LateRows, plan: PhysicalPlan) {
    const layout = layoutOf(late.plan);
    this.#late = late;
    this.columns = late.columns;
    this.#plan = plan;
    this.output = outputOf(late.plan).filter(({ relation }) =>
      relation !== late.external
    );
    this.#positions = this.output.map(layout);
    this.#number = layout({
      relation: late.external,
      column: late.columns.length,
    });
  }

  /** What the queries say of `rowCount` rows that have the columns of `late`. */
  values(
    columns: readonly Column[],
    rowCount: number,
    run: RunState,
  ): MaybePromise<Column[]> {
    const numbers = columnOf(
      int4,
      Array.from({ length: rowCount }, (_, i) => i),
    );
    let given: Chunk | undefined = { columns: [...columns, numbers], rowCount };
    run.external.set(this.#late.external, {
      next: () => {
        const chunk = given;
        given = undefined;
        return chunk;
      },
      close: () => {},
    });
    const types = typesOf(this.#late.plan);
    const values = this.#positions.map(() =>
      new Array<Nullable>(rowCount).fill(null)
    );
    const operator = openInput(this.#plan, run);
    const finish = (): Column[] => {
      operator.close();
      return values.map((each, i) =>
        columnOf(types[this.#positions[i]!]!, each)
      );
    };
    return then(
      pullAll(
        () => operator.next(),
        ({ columns, rowCount, selection }: Chunk) => {
          const places = columns[this.#number]!;
          forEachRow(selection, rowCount, (row) => {
            const place = valueAt(places, row) as number;
            this.#positions.forEach((position, i) => {
              values[i]![place] = valueAt(columns[position]!, row);
            });
          });
        },
        finish,
      ),
      (all) => all,
    );
  }
}
