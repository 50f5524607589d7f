/**
 * Running a prepared statement in a transaction.
 *
 * @module
 */
import { RequestLedger } from "../../storage/object_store/request_ledger.ts";
import { delay } from "../../base/environment.ts";
import { isPromise, type MaybePromise } from "../../base/maybe_promise.ts";
import type { BoundPlannable, BoundStatement } from "../analyzer/bound_tree.ts";
import { selectedCount } from "../chunk/chunk.ts";
import { SqlError } from "../errors/sql_error.ts";
import type { PlanRun } from "../executor/operator.ts";
import { viewOf } from "../transaction/transaction_view.ts";
import type { DatabaseCore } from "./database_core.ts";
import { executionContext } from "./execution_context.ts";
import { explain } from "./explain.ts";
import { alterSystem, runSnapshot } from "./history/run_history.ts";
import { openWatched } from "./plan_quality/watched_run.ts";
import type { Prepared } from "./prepared.ts";
import { type QueryResult, RowBuilder, tagOnly } from "./result.ts";
import { BuiltRows, type RowTaker, SunkRows } from "./row_sink.ts";
import type { RunOptions, RunRequest } from "./run_options.ts";
import type { Settings } from "./settings.ts";
import { declareCursor } from "./cursors/run_cursor.ts";
import { copyTo, runCopy } from "./run_copy.ts";
import { refuseWrites } from "./refuse_writes.ts";
import { pointOf, runPoint } from "./run_point.ts";
import { runDefinition } from "./run_definition.ts";
import { runSession } from "./run_session.ts";
import { runDo } from "./routines/run_do.ts";
import { runSet, runShow } from "./run_setting.ts";
import { runSetConstraints } from "./set_constraints.ts";
import { runLockTable } from "./table_locks/lock_tables.ts";
import { refuseAborted } from "./statement_cancellation.ts";

/** How long rows are pulled before everything else may run, in ms. */
const SLICE_MS = 25;

/**
 * Runs a statement; at once where nothing has to be waited for.
 *
 * @throws {SqlError}
 */
export function runStatement(
  core: DatabaseCore,
  settings: Settings,
  prepared: Prepared,
  request: RunRequest,
): MaybePromise<QueryResult<unknown>> {
  const ledger = statementLedger(settings, prepared);
  const run = (): MaybePromise<QueryResult<unknown>> =>
    runUnmetered(core, settings, prepared, request);
  return ledger === undefined ? run() : ledger.run(run);
}

/** What counts a statement's requests, if anybody wants to know. */
function statementLedger(
  settings: Settings,
  { bound }: Prepared,
): RequestLedger | undefined {
  const max = settings.integer("lsm_s3.max_requests");
  const counted = bound.kind === "explain" && bound.options.requests;
  if (max === 0 && !counted) return undefined;
  return new RequestLedger(max === 0 ? undefined : max);
}

function runUnmetered(
  core: DatabaseCore,
  settings: Settings,
  prepared: Prepared,
  request: RunRequest,
): MaybePromise<QueryResult<unknown>> {
  refuseAborted(request.options);
  refuseWrites(settings, prepared, request);
  const result = dispatch(core, settings, prepared, request);
  return isPromise(result) || settings.drawn.owes
    ? settled(core, settings, result)
    : result;
}

/** Runs a statement by its kind. */
function dispatch(
  core: DatabaseCore,
  settings: Settings,
  prepared: Prepared,
  request: RunRequest,
): MaybePromise<QueryResult<unknown>> {
  const { bound } = prepared;
  refuseNoCopy(bound, request.options);
  switch (bound.kind) {
    case "copy":
      return runCopy({ core, settings, prepared, bound, request });
    case "select":
    case "insert":
    case "update":
    case "delete":
    case "merge":
      return runPlan(core, settings, prepared, bound.kind, request);
    case "do":
      return runDo(core, settings, bound, {
        ...request,
        queryText: request.queryText ?? prepared.text,
      });
    case "call_procedure":
      return runPlan(core, settings, prepared, "call", request);
    case "set":
      return runSet(core, settings, bound.syntax, request);
    case "show":
      return runShow(settings, bound.syntax, request);
    case "set_constraints":
      return runSetConstraints(bound.syntax, settings, request);
    case "declare_cursor":
      return declareCursor(core, settings, { ...prepared, bound }, request);
    case "session":
      return runSession(
        { core, settings, request, text: prepared.text },
        bound.syntax,
      );
    case "lock_table":
      return runLockTable(core, settings, bound, request);
    case "explain":
      return explain(
        core,
        settings,
        bound,
        prepared,
        request.transaction,
        executionContext(core, settings, prepared, request),
        request.options,
      );
    case "empty":
      return tagOnly("");
    case "alter_system":
      return alterSystem(core, settings, bound.syntax);
    case "snapshot":
      return runSnapshot(core, settings, bound.syntax, request.options);
    case "past":
    case "transaction":
      throw new SqlError("XX000", `a ${bound.kind} statement is not run here`);
    default:
      return runDefinition(
        core,
        settings,
        { ...prepared, bound },
        request,
      );
  }
}

/** @throws {SqlError} `42601` where `copyFrom` or `copyTo` is given no COPY. */
function refuseNoCopy(bound: BoundStatement, options: RunOptions): void {
  const { copySource, copyOut, copySink } = options;
  const isFrom = bound.kind === "copy" && bound.direction === "from";
  const isTo = bound.kind === "copy" && bound.direction === "to";
  if (copySource !== undefined && !(isFrom && bound.file === undefined)) {
    throw new SqlError("42601", "copyFrom takes COPY … FROM STDIN");
  }
  const wantsOut = copyOut === true || copySink !== undefined;
  if (wantsOut && !(isTo && bound.file === undefined)) {
    throw new SqlError("42601", "copyTo takes COPY … TO STDOUT");
  }
}

/** A result that may be told: what was drawn for it is not drawn again. */
async function settled(
  core: DatabaseCore,
  settings: Settings,
  result: MaybePromise<QueryResult<unknown>>,
): Promise<QueryResult<unknown>> {
  const done = await result;
  if (settings.drawn.owes) {
    await settings.drawn.settle(core.catalog.sequences);
  }
  return done;
}

/** A plan, opened in a transaction with its parameters. */
export function openRun(
  core: DatabaseCore,
  settings: Settings,
  prepared: Prepared,
  request: RunRequest,
): PlanRun {
  const context = executionContext(core, settings, prepared, request);
  const { transaction } = request;
  const { parameters } = context;
  const run = { core, settings, prepared, transaction, parameters };
  return openWatched(run, context);
}

/** As `openRun`, for rows that are read while other statements run. */
function openStream(
  core: DatabaseCore,
  settings: Settings,
  prepared: Prepared,
  request: RunRequest,
): PlanRun {
  const { transaction } = request;
  // Later statements of READ COMMITTED look from another place.
  if (!transaction.readCommitted || prepared.plan!.locks) {
    return openRun(core, settings, prepared, request);
  }
  const context = executionContext(core, settings, prepared, request);
  const { parameters } = context;
  const run = { core, settings, prepared, transaction, parameters };
  return openWatched(run, { ...context, transaction: viewOf(transaction) });
}

function runPlan(
  core: DatabaseCore,
  settings: Settings,
  prepared: Prepared,
  kind: BoundPlannable["kind"] | "call",
  request: RunRequest,
): MaybePromise<QueryResult<unknown>> {
  const point = pointOf(core, prepared, settings);
  if (point !== undefined) {
    const rows = rowBuilder(settings, prepared, request.options);
    const statement = { core, settings, prepared, request };
    const done = runPoint(statement, point, rows);
    if (isPromise(done)) {
      return done.then((result) =>
        result ?? runWhole(core, settings, prepared, kind, request)
      );
    }
    if (done !== undefined) return done;
  }
  return runWhole(core, settings, prepared, kind, request);
}

/** Runs a plan by its operators. */
function runWhole(
  core: DatabaseCore,
  settings: Settings,
  prepared: Prepared,
  kind: BoundPlannable["kind"] | "call",
  request: RunRequest,
): MaybePromise<QueryResult<unknown>> {
  const run = openRun(core, settings, prepared, request);
  const builder = rowTaker(settings, prepared, kind, request.options);
  let sliceEnd = 0;
  let next: ReturnType<PlanRun["next"]>;
  try {
    for (;;) {
      next = run.next();
      if (isPromise(next)) break;
      if (next === undefined) {
        run.close();
        return planResult(prepared, kind, run, builder);
      }
      const taken = builder.append(next);
      if (isPromise(taken)) {
        next = taken.then(() => run.next());
        break;
      }
      // The clock is not asked for a single chunk.
      if (sliceEnd === 0) sliceEnd = core.environment.monotonicMs() + SLICE_MS;
      else if (core.environment.monotonicMs() > sliceEnd) break;
    }
  } catch (error) {
    run.close();
    throw error;
  }
  return finishPlan(core, prepared, kind, builder, run, next);
}

/** Goes on with a plan that has to wait, or runs long. */
async function finishPlan(
  core: DatabaseCore,
  prepared: Prepared,
  kind: BoundPlannable["kind"] | "call",
  builder: RowTaker,
  run: PlanRun,
  waiting: ReturnType<PlanRun["next"]>,
): Promise<QueryResult<unknown>> {
  const { environment } = core;
  try {
    // Who has to wait lets everything else run anyway.
    let sliceEnd = isPromise(waiting)
      ? environment.monotonicMs() + SLICE_MS
      : 0;
    // A chunk that is there already was taken; only a promise has news.
    let got = isPromise(waiting) ? waiting : undefined;
    for (;;) {
      if (got === undefined) {
        if (environment.monotonicMs() > sliceEnd) {
          await delay(environment, 0);
          sliceEnd = environment.monotonicMs() + SLICE_MS;
        }
      }
      const next = got ?? run.next();
      got = undefined;
      const chunk = isPromise(next) ? await next : next;
      if (chunk === undefined) return planResult(prepared, kind, run, builder);
      const taken = builder.append(chunk);
      if (isPromise(taken)) await taken;
    }
  } finally {
    run.close();
  }
}

/** What takes the rows of one run of a plan. */
function rowTaker(
  settings: Settings,
  prepared: Prepared,
  kind: BoundPlannable["kind"] | "call",
  options: RunOptions,
): RowTaker {
  const { rowSink } = options;
  return rowSink === undefined || kind === "call"
    ? new BuiltRows(rowBuilder(settings, prepared, options))
    : new SunkRows(rowSink, settings, prepared);
}

function rowBuilder(
  { datetime }: Settings,
  prepared: Prepared,
  { rowMode, resultFormat, types, parsers }: RunOptions,
): RowBuilder {
  const isUsual = rowMode === undefined && resultFormat === undefined &&
    types === undefined && parsers === undefined;
  if (isUsual) return prepared.rows;
  const form = { rowMode, resultFormat, types, parsers, datetime };
  return new RowBuilder(prepared.fields, form);
}

function planResult(
  prepared: Prepared,
  kind: BoundPlannable["kind"] | "call",
  run: PlanRun,
  { rows, rowCount }: RowTaker,
): QueryResult<unknown> {
  if (kind === "call") {
    const { fields } = prepared;
    return {
      ...tagOnly("CALL"),
      rows: fields.length > 0 ? rows : [],
      fields: prepared.resultFields,
    };
  }
  const count = kind === "select" ? rowCount : run.affectedRows;
  return {
    rows,
    fields: prepared.resultFields,
    affectedRows: count,
    command: kind === "insert"
      ? `INSERT 0 ${count}`
      : `${kind.toUpperCase()} ${count}`,
  };
}

/** Runs a query and hands on its rows chunk by chunk. */
export async function* streamRows<R>(
  core: DatabaseCore,
  settings: Settings,
  prepared: Prepared,
  request: RunRequest,
): AsyncGenerator<R[]> {
  const { bound } = prepared;
  const { transaction } = request;
  refuseAborted(request.options);
  refuseWrites(settings, prepared, request);
  refuseNoCopy(bound, request.options);
  if (bound.kind === "copy" && request.options.copyOut === true) {
    const run = { core, settings, prepared, bound, request };
    for await (const bytes of copyTo(run, { rows: 0 })) yield [bytes as R];
    return;
  }
  if (
    prepared.plan === undefined || bound.kind === "explain" ||
    bound.kind === "copy" || bound.kind === "declare_cursor"
  ) {
    const result = await runStatement(core, settings, prepared, request);
    if (result.rows.length > 0) yield result.rows as R[];
    return;
  }
  const ledger = statementLedger(settings, prepared);
  const step = <T>(work: () => T): T =>
    ledger === undefined ? work() : ledger.step(work);
  const run = step(() => openStream(core, settings, prepared, request));
  const builder = rowBuilder(settings, prepared, request.options);
  try {
    for (;;) {
      if (transaction.ended) {
        throw new SqlError("25P01", "the transaction has ended");
      }
      const next = step(() => run.next());
      const chunk = isPromise(next) ? await next : next;
      if (chunk === undefined) return;
      if (selectedCount(chunk) === 0) continue;
      const rows: unknown[] = [];
      builder.append(chunk, rows);
      if (settings.drawn.owes) {
        await settings.drawn.settle(core.catalog.sequences);
      }
      yield rows as R[];
    }
  } finally {
    run.close();
    ledger?.close();
  }
}
