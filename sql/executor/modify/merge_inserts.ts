/**
 * WHEN NOT MATCHED of a MERGE into a tree of tables: the rows that are inserted,
 * for whom they belong to to take.
 *
 * @module
 */
import type { MaybePromise } from "../../../base/maybe_promise.ts";
import type { TableEntry } from "../../catalog/entries.ts";
import { type Chunk, columnOf } from "../../chunk/chunk.ts";
import type { MergeNode } from "../../planner/logical_plan.ts";
import { text } from "../../types/text_types.ts";
import type { ColumnExpression } from "../column_expression.ts";
import { compact, gather, rowsWhere, trueRows } from "../column_tools.ts";
import { compileExpression } from "../expression_compiler.ts";
import { layoutOf } from "../layout.ts";
import type { RunState } from "../run_state.ts";
import { beforeInsert } from "../triggers/before_rows.ts";
import type { ChangedRows } from "./changed_rows.ts";
import { obeyRules } from "./table_rules.ts";
import type { TreeTarget } from "./tree_target.ts";

/** A compiled WHEN NOT MATCHED. */
interface Clause {
  readonly condition: ColumnExpression | undefined;
  /** Absent: DO NOTHING. */
  readonly values: readonly ColumnExpression[] | undefined;
}

/** Rows that are to be inserted. */
export interface MadeRows {
  readonly rows: Chunk;
  readonly source: Chunk;
  /** Inserts some of them into a table, and tells of them. */
  insert(
    target: TreeTarget,
    both: Chunk,
    rows: Uint32Array,
    note: (rows: ChangedRows) => MaybePromise<void>,
  ): Promise<void>;
}

/** What a MERGE inserts. */
export class MergeInserts {
  readonly #clauses: readonly Clause[];

  /** Compiles the clauses of a node. */
  constructor({ clauses, input }: MergeNode) {
    const layout = layoutOf(input);
    this.#clauses = clauses.filter(({ match }) => match === "byTarget").map((
      { condition, action },
    ) => ({
      condition: condition && compileExpression(condition, layout),
      values: action.kind === "insert"
        ? action.assigned.map((each) => compileExpression(each, layout))
        : undefined,
    }));
  }

  /** The rows for those of `source` that have no partner. */
  *of(
    source: Chunk,
    missing: Uint32Array,
    run: RunState,
  ): Iterable<MadeRows> {
    const { rowCount } = source;
    let open = missing;
    for (const { condition, values } of this.#clauses) {
      if (open.length === 0) return;
      const own = condition === undefined
        ? open
        : trueRows(condition(source, open, run), open, rowCount);
      const taken = new Set(own);
      open = rowsWhere(open, rowCount, (row) => !taken.has(row));
      if (values === undefined || own.length === 0) continue;
      const columns = values.map((value) =>
        gather(value(source, own, run), own)
      );
      yield {
        rows: { columns, rowCount: own.length },
        source: compact({ ...source, selection: own }),
        insert: (target, both, rows, note) =>
          insertInto(target, { both, rows, width: columns.length }, run, note),
      };
    }
  }
}

async function insertInto(
  target: TreeTarget,
  { both, rows, width }: {
    readonly both: Chunk;
    readonly rows: Uint32Array;
    readonly width: number;
  },
  run: RunState,
  note: (rows: ChangedRows) => MaybePromise<void>,
): Promise<void> {
  const table: TableEntry = target.table;
  const first = both.columns.length - width;
  for (const row of rows) {
    const one = compact({ ...both, selection: Uint32Array.of(row) });
    const made: Chunk = { columns: one.columns.slice(first), rowCount: 1 };
    const wanted = compact(await beforeInsert(target.triggers, table, made));
    if (wanted.rowCount === 0) continue;
    const obeying = obeyRules(table, wanted, run);
    const locators = await target.writer.insert(obeying);
    const after = { columns: obeying.columns, locators };
    const changed: ChangedRows = {
      count: 1,
      selection: undefined,
      before: undefined,
      after,
      current: after,
      actions: columnOf(text, ["INSERT"]),
      source: { columns: one.columns.slice(0, first), rowCount: 1 },
    };
    target.noteOnly(changed);
    await note(changed);
  }
}
