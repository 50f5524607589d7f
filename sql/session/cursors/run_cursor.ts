/**
 * DECLARE, FETCH and MOVE.
 *
 * @module
 */
import type { BoundDeclareCursor } from "../../analyzer/bound_tree.ts";
import { SqlError } from "../../errors/sql_error.ts";
import { openPlan } from "../../executor/physical_planner.ts";
import type { FetchSyntax } from "../../parser/syntax.ts";
import { viewOf } from "../../transaction/transaction_view.ts";
import type { DatabaseCore } from "../database_core.ts";
import { cancellation, executionContext } from "../execution_context.ts";
import type { Prepared } from "../prepared.ts";
import { fieldsOf, type QueryResult, RowBuilder, tagOnly } from "../result.ts";
import type { RunRequest } from "../run_options.ts";
import type { Settings } from "../settings.ts";
import { Cursor, CursorCancellation } from "./cursor.ts";
import { canGoBack, isSimple } from "./cursor_plan.ts";
import { CursorRows, type Keeping } from "./cursor_rows.ts";

/** Runs DECLARE. */
export async function declareCursor(
  core: DatabaseCore,
  settings: Settings,
  prepared: Prepared & { readonly bound: BoundDeclareCursor },
  request: RunRequest,
): Promise<QueryResult<unknown>> {
  const { bound, plan, text } = prepared;
  const { name, hold, scroll, binary } = bound.syntax;
  const { cursors } = settings.objects;
  if (!hold && !settings.inTransaction) {
    throw new SqlError(
      "25P01",
      "DECLARE CURSOR can only be used in transaction blocks",
    );
  }
  cursors.requireFree(name);
  const stop = new CursorCancellation(cancellation(core, settings, request));
  const context = executionContext(core, settings, prepared, request);
  const { transaction } = request;
  // What the transaction changes later is not seen.
  const run = openPlan(plan!, {
    ...context,
    transaction: viewOf(transaction),
    ...plan!.locks && { cursorLocks: transaction },
    signal: stop,
  });
  const goesBack = scroll ?? canGoBack(plan!.logical);
  const keeping: Keeping = scroll === true ? "all" : goesBack ? "some" : "last";
  const cursor = new Cursor(
    {
      name,
      text,
      fields: bound.cursorFields,
      table: isSimple(plan!.logical) ? bound.table : undefined,
      binary,
      hold,
      scroll: goesBack,
      declaredAt: core.now(),
    },
    new CursorRows(run, keeping, context),
    stop,
  );
  if (!settings.inTransaction) {
    await cursor.readAll();
    cursor.keep();
  }
  cursors.add(cursor);
  return tagOnly("DECLARE CURSOR");
}

/** Runs FETCH and MOVE. */
export async function fetchRows(
  core: DatabaseCore,
  settings: Settings,
  { cursor: name, direction, count, move }: FetchSyntax,
  request: RunRequest,
): Promise<QueryResult<unknown>> {
  const cursor = settings.objects.cursors.get(name);
  const { fields } = cursor.definition;
  cursor.stop.current = cancellation(core, settings, request);
  const rows: unknown[] = [];
  const { datetime } = settings;
  const { rowMode, resultFormat, types, parsers } = request.options;
  const form = { rowMode, resultFormat, types, parsers, datetime };
  const builder = new RowBuilder(fields, form);
  const passed = await cursor.fetch(
    { direction, count },
    move ? undefined : (chunk) => builder.append(chunk, rows),
  );
  return {
    rows,
    fields: move ? [] : fieldsOf(fields),
    affectedRows: passed,
    command: `${move ? "MOVE" : "FETCH"} ${passed}`,
  };
}
