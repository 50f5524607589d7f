/**
 * RETURNING: expressions over changed rows, as they were, as they are, and with
 * what they were made from.
 *
 * Only the columns that are used are taken together.
 *
 * @module
 */
import { type MaybePromise, then } from "../../../base/maybe_promise.ts";
import {
  type BoundColumn,
  type BoundExpression,
  CTID_COLUMN,
} from "../../analyzer/bound_expression.ts";
import type { RowImages } from "../../analyzer/bound_tree.ts";
import type { TableEntry } from "../../catalog/entries.ts";
import { type Chunk, type Column, columnOf } from "../../chunk/chunk.ts";
import { oid } from "../../types/int_types.ts";
import { tid } from "../../types/place_types.ts";
import type { ColumnExpression } from "../column_expression.ts";
import { constantColumn, gather } from "../column_tools.ts";
import { compileExpression, type Layout } from "../expression_compiler.ts";
import type { RunState } from "../run_state.ts";
import type { ChangedRows, RowImage } from "./changed_rows.ts";
import type { LateRowsPlan } from "./late_rows.ts";

/** What RETURNING is compiled from. */
export interface ReturningNode {
  readonly returning: readonly BoundExpression[];
  readonly images: RowImages;
}

/** The rows that a table's relation number stands for in RETURNING. */
export interface ReturningTarget {
  readonly table: TableEntry;
  readonly relation: number;
  /** Which of its images that is. */
  readonly current: "before" | "after" | "current";
  /** The relation number of `merge_action()`. */
  readonly actions?: number;
}

/** Changed rows, and what queries say about them. */
interface ToldRows extends ChangedRows {
  readonly answers?: readonly Column[];
}

/** Takes one column of the changed rows. */
type Pick = (rows: ToldRows) => Column;

/** Compiled RETURNING. */
export class Returning {
  readonly #picks: Pick[] = [];
  readonly #expressions: readonly ColumnExpression[];
  readonly #late: LateRowsPlan | undefined;
  readonly #asked: readonly Pick[];

  /** Compiles RETURNING; `source` is where the other columns are. */
  constructor(
    node: ReturningNode,
    target: ReturningTarget,
    source: Layout,
    late: LateRowsPlan | undefined,
  ) {
    this.#late = late;
    this.#asked =
      late?.columns.map((column) => pickOf(column, node, target, source)) ?? [];
    const answers = new Map(
      late?.output.map(({ relation, column }, i) => [
        `${relation}.${column}`,
        i,
      ]),
    );
    const known = new Map<string, number>();
    const layout: Layout = (column) => {
      const key = `${column.relation}.${column.column}`;
      let position = known.get(key);
      if (position === undefined) {
        const answer = answers.get(key);
        const pick: Pick = answer === undefined
          ? pickOf(column, node, target, source)
          : (rows) => rows.answers![answer]!;
        position = this.#picks.push(pick) - 1;
        known.set(key, position);
      }
      return position;
    };
    this.#expressions = node.returning.map((expression) =>
      compileExpression(expression, layout)
    );
  }

  /** The result for changed rows. */
  apply(rows: ChangedRows, run: RunState): MaybePromise<Chunk> {
    if (this.#late === undefined) return this.#apply(rows, run);
    const asked = this.#asked.map((pick) => pick(rows));
    return then(
      this.#late.values(asked, rows.count, run),
      (answers) => this.#apply({ ...rows, answers }, run),
    );
  }

  #apply(rows: ToldRows, run: RunState): Chunk {
    const chunk: Chunk = {
      columns: this.#picks.map((pick) => pick(rows)),
      rowCount: rows.count,
    };
    return {
      columns: this.#expressions.map((each) => each(chunk, undefined, run)),
      rowCount: rows.count,
    };
  }
}

function pickOf(
  column: BoundColumn,
  { images }: ReturningNode,
  { table, relation, current, actions }: ReturningTarget,
  source: Layout,
): Pick {
  if (column.relation === actions) return (rows) => rows.actions!;
  const image = column.relation === images.old
    ? "before"
    : column.relation === images.new
    ? "after"
    : column.relation === relation
    ? current
    : undefined;
  if (image === undefined) {
    const position = source(column);
    return ({ source, selection }) =>
      selected(source.columns[position]!, selection);
  }
  if (column.column < 0) {
    return (rows) =>
      systemColumn(
        column.column,
        rows[image],
        rows,
        image === "before" ? table.id : rows.movedTo ?? table.id,
      );
  }
  const { type } = column.type;
  return (rows) => {
    const found = rows[image]?.columns[column.column];
    return found === undefined
      ? constantColumn(type, null, rows.count)
      : selected(found, rows.selection);
  };
}

function selected(column: Column, rows: Uint32Array | undefined): Column {
  return rows === undefined ? column : gather(column, rows);
}

function systemColumn(
  column: number,
  image: RowImage | undefined,
  { count }: ChangedRows,
  id: number,
): Column {
  const type = column === CTID_COLUMN ? tid : oid;
  if (image === undefined) return constantColumn(type, null, count);
  const values = Array.from(image.locators, (locator) => {
    if (Number.isNaN(locator)) return null;
    return column === CTID_COLUMN ? locator : id;
  });
  return columnOf(type, values);
}
