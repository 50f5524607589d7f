/**
 * INSERT without ON CONFLICT.
 *
 * @module
 */
import { type MaybePromise, then } from "../../../base/maybe_promise.ts";
import type { BoundExpression } from "../../analyzer/bound_expression.ts";
import type { TableEntry } from "../../catalog/entries.ts";
import { type Chunk, selectedCount } from "../../chunk/chunk.ts";
import type { InsertNode } from "../../planner/logical_plan.ts";
import type { ColumnExpression } from "../column_expression.ts";
import { compileExpression, type Layout } from "../expression_compiler.ts";
import { layoutOf } from "../layout.ts";
import type { RunState } from "../run_state.ts";
import type { ChangedRows } from "./changed_rows.ts";
import {
  changedSoFar,
  type ChangePlan,
  type ChangeRun,
  type RowChanger,
} from "./row_changer.ts";
import { obeyRules } from "./table_rules.ts";

/** The rows that an INSERT proposes: a value for every column. */
export class ProposedRows {
  readonly #values: readonly ColumnExpression[];

  /** Compiles the values over chunks of a layout. */
  constructor(assigned: readonly BoundExpression[], layout: Layout) {
    this.#values = assigned.map((each) => compileExpression(each, layout));
  }

  /** The rows for the selected rows of `chunk`, with its selection. */
  of(chunk: Chunk, run: RunState): Chunk {
    const { rowCount, selection } = chunk;
    return {
      columns: this.#values.map((value) => value(chunk, selection, run)),
      rowCount,
      selection,
    };
  }
}

/** A compiled INSERT. */
export class InsertRowsPlan implements ChangePlan {
  readonly #table: TableEntry;
  readonly #proposed: ProposedRows;
  readonly #tracked: boolean;

  /** Compiles the node. */
  constructor(node: InsertNode) {
    this.#table = node.table;
    this.#tracked = node.tracked;
    this.#proposed = new ProposedRows(node.assigned, layoutOf(node.input));
  }

  /** Starts it. */
  open({ run, writer }: ChangeRun): RowChanger {
    const table = this.#table;
    const seen = this.#tracked ? changedSoFar(run, table) : undefined;
    return {
      change: (source: Chunk): MaybePromise<ChangedRows> => {
        const rows = obeyRules(table, this.#proposed.of(source, run), run);
        return then(writer.insert(rows), (locators) => {
          for (const locator of seen === undefined ? [] : locators) {
            seen!.add(locator);
          }
          return {
            count: selectedCount(rows),
            selection: rows.selection,
            before: undefined,
            after: { columns: rows.columns, locators },
            source,
          };
        });
      },
    };
  }
}
