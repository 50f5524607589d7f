/**
 * INSERT without ON CONFLICT.
 *
 * @module
 */
import { type MaybePromise, then } from "../../../base/maybe_promise.ts";
import type { TableEntry } from "../../catalog/entries.ts";
import { type Chunk, selectedCount } from "../../chunk/chunk.ts";
import type { InsertNode } from "../../planner/logical_plan.ts";
import type { ColumnExpression } from "../column_expression.ts";
import { trueRows } from "../column_tools.ts";
import { compileExpression, type Layout } from "../expression_compiler.ts";
import { layoutOf, layoutOfIds } from "../layout.ts";
import type { RunState } from "../run_state.ts";
import { beforeInsert } from "../triggers/before_rows.ts";
import type { ChangedRows } from "./changed_rows.ts";
import type { LocatorSet } from "./locator_set.ts";
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
  readonly #where: ColumnExpression | undefined;

  /** Compiles the values over chunks of a layout. */
  constructor({ assigned, where, newRelation }: InsertNode, layout: Layout) {
    this.#values = assigned.map((each) => compileExpression(each, layout));
    this.#where = where && compileExpression(
      where,
      layoutOfIds(
        assigned.map((_, column) => ({ relation: newRelation, column })),
      ),
    );
  }

  /** The rows for the selected rows of `chunk`, with its selection. */
  of(chunk: Chunk, run: RunState): Chunk {
    const { rowCount, selection } = chunk;
    const columns = this.#values.map((value) => value(chunk, selection, run));
    if (this.#where === undefined) return { columns, rowCount, selection };
    const wanted = this.#where({ columns, rowCount }, selection, run);
    return {
      columns,
      rowCount,
      selection: trueRows(wanted, selection, rowCount),
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
    this.#proposed = new ProposedRows(node, layoutOf(node.input));
  }

  /** Starts it. */
  open({ run, writer, triggers, placement }: ChangeRun): RowChanger {
    const table = this.#table;
    const seen = this.#tracked ? changedSoFar(run, table) : undefined;
    return {
      change: (source: Chunk): MaybePromise<ChangedRows> => {
        const insert = (rows: Chunk): MaybePromise<ChangedRows> => {
          const obeying = obeyRules(table, rows, run);
          placement?.requireOwn(obeying);
          return this.#insert(obeying, source, { writer, seen });
        };
        const proposed = this.#proposed.of(source, run);
        return triggers === undefined
          ? insert(proposed)
          : then(beforeInsert(triggers, table, proposed), insert);
      },
    };
  }

  #insert(
    rows: Chunk,
    source: Chunk,
    { writer, seen }: {
      readonly writer: ChangeRun["writer"];
      readonly seen: LocatorSet | undefined;
    },
  ): MaybePromise<ChangedRows> {
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
  }
}
