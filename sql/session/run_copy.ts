/**
 * Running COPY: an INSERT whose rows are read from outside, or a query whose
 * rows are written as lines.
 *
 * @module
 */
import type { Cancellation } from "../../base/cancellation.ts";
import { isPromise, type MaybePromise } from "../../base/maybe_promise.ts";
import type { BoundCopy, BoundStatement } from "../analyzer/bound_tree.ts";
import { selectedCount } from "../chunk/chunk.ts";
import { SqlError } from "../errors/sql_error.ts";
import { BinaryCopyRows } from "../executor/copy/binary_rows.ts";
import { BinaryCopyWriter } from "../executor/copy/binary_copy_writer.ts";
import { CopyRows } from "../executor/copy/copy_rows.ts";
import { withContext } from "../executor/copy/copy_error.ts";
import { CopyWriter } from "../executor/copy/copy_writer.ts";
import { inputContextOf } from "../functions/input_context.ts";
import type { Operator } from "../executor/operator.ts";
import { openPlan } from "../executor/physical_planner.ts";
import {
  readLocalFile,
  writeLocalFile,
} from "../../storage/object_store/local_file.ts";
import { bytesOf, type CopySource, textOf } from "./copy_source.ts";
import type { DatabaseCore } from "./database_core.ts";
import { executionContext } from "./execution_context.ts";
import type { Prepared } from "./prepared.ts";
import { type QueryResult, tagOnly } from "./result.ts";
import type { RunOptions, RunRequest } from "./run_options.ts";
import type { Settings } from "./settings.ts";

/** A COPY that runs. */
export interface CopyRun {
  readonly core: DatabaseCore;
  readonly settings: Settings;
  readonly prepared: Prepared;
  readonly bound: BoundCopy;
  readonly request: RunRequest;
}

/** How often progress is told, in milliseconds. */
const PROGRESS_MS = 250;

/** Whether a COPY can be run again: its data are still there. */
export function isRepeatable(
  bound: BoundStatement,
  { copySource }: RunOptions,
): boolean {
  return bound.kind !== "copy" || copySource === undefined ||
    typeof copySource === "string" || copySource instanceof Uint8Array;
}

/** Runs a COPY to its end. */
export async function runCopy(run: CopyRun): Promise<QueryResult<unknown>> {
  const { bound, request } = run;
  const { file } = bound;
  if (bound.direction === "from") {
    const source = file === undefined
      ? request.options.copySource
      : await readLocalFile(file);
    if (source !== undefined) return await copyFrom(run, source);
    throw clientOnly("COPY FROM STDIN takes its data from copyFrom");
  }
  const counter = { rows: 0 };
  const done = (): QueryResult<unknown> => ({
    ...tagOnly(`COPY ${counter.rows}`),
    affectedRows: counter.rows,
  });
  if (file === undefined) {
    const { copySink } = request.options;
    if (copySink === undefined) {
      throw clientOnly("COPY TO STDOUT gives its data to copyTo");
    }
    await copyToSink(run, counter, copySink);
    return done();
  }
  if (!file.startsWith("/")) {
    throw new SqlError("42602", "relative path not allowed for COPY to file");
  }
  await writeLocalFile(file, copyTo(run, counter));
  return done();
}

function clientOnly(hint: string): SqlError {
  return new SqlError("0A000", "cannot COPY to or from the client here", {
    hint,
  });
}

async function copyFrom(
  { core, settings, prepared, bound, request }: CopyRun,
  data: CopySource,
): Promise<QueryResult<unknown>> {
  const { options } = request;
  const context = executionContext(core, settings, prepared, request);
  const { table, columns, format } = bound;
  const into = {
    table: table!,
    columns,
    context: inputContextOf(context.functions),
  };
  const isBinary = format.form === "binary";
  const bytes = bytesOf(data, options.signal);
  const text = textOf(data, options.signal);
  // Of the two, one is read: the other one never begins.
  const source = isBinary ? bytes : text;
  const rows = isBinary
    ? new BinaryCopyRows({ ...into, source: bytes })
    : new CopyRows({
      ...into,
      format,
      source: text,
      notice: (message) =>
        options.onNotice?.({ severity: "NOTICE", code: "00000", message }),
    });
  const external = inSlices(core, rows, request, context.signal);
  const plan = openPlan(prepared.plan!, { ...context, external });
  try {
    while (await plan.next() !== undefined);
    await settings.drawn.settle(core.catalog.sequences);
    const { affectedRows } = plan;
    return { ...tagOnly(`COPY ${affectedRows}`), affectedRows };
  } catch (error) {
    const where = rows.contextOf(error);
    throw where === undefined ? error : withContext(error, where);
  } finally {
    plan.close();
    await source.return(undefined);
  }
}

/** Lets everything else run, and tells how many rows were read, now and then. */
function inSlices(
  { environment }: DatabaseCore,
  rows: Operator,
  { options }: RunRequest,
  signal: Cancellation | undefined,
): Operator {
  const { onProgress } = options;
  let rowsDone = 0;
  let toldAt = environment.monotonicMs();
  return {
    next: async () => {
      await signal?.pause?.();
      const chunk = await rows.next();
      if (chunk !== undefined) rowsDone += selectedCount(chunk);
      const now = environment.monotonicMs();
      if (chunk === undefined || now - toldAt >= PROGRESS_MS) {
        toldAt = now;
        onProgress?.({ phase: "copying rows", rowsDone, rowsTotal: rowsDone });
      }
      return chunk;
    },
    close: () => rows.close(),
  };
}

/** What writes the rows of a COPY … TO. */
function writerOf({ settings, bound }: CopyRun): {
  readonly writer: BinaryCopyWriter | CopyWriter;
  readonly header: Uint8Array | undefined;
} {
  const { fields } = bound.statement;
  const types = fields.map(({ type }) => type.type);
  const writer = bound.format.form === "binary"
    ? new BinaryCopyWriter(types)
    : new CopyWriter(bound.format, types, settings.datetime);
  return { writer, header: writer.header(fields.map(({ name }) => name)) };
}

/**
 * Gives `sink` what COPY … TO writes, a row at a time; the header of the binary
 * form stands before the first.
 */
async function copyToSink(
  run: CopyRun,
  counter: { rows: number },
  sink: NonNullable<RunOptions["copySink"]>,
): Promise<void> {
  const { core, settings, prepared, bound, request } = run;
  const { writer, header } = writerOf(run);
  const isBinary = bound.format.form === "binary";
  let before = isBinary ? header : undefined;
  if (!isBinary && header !== undefined) await sink(header);
  const give = (bytes: Uint8Array): MaybePromise<void> => {
    if (before === undefined) return sink(bytes);
    const all = new Uint8Array(before.length + bytes.length);
    all.set(before);
    all.set(bytes, before.length);
    before = undefined;
    return sink(all);
  };
  const context = executionContext(core, settings, prepared, request);
  const plan = openPlan(prepared.plan!, context);
  try {
    for (;;) {
      await context.signal?.pause?.();
      const chunk = await plan.next();
      if (chunk === undefined) break;
      const { selection } = chunk;
      const count = selectedCount(chunk);
      counter.rows += count;
      for (let i = 0; i < count; i++) {
        const row = selection === undefined ? i : selection[i]!;
        const given = give(writer.row(chunk, row));
        if (isPromise(given)) await given;
      }
      context.signal?.throwIfAborted();
    }
    const trailer = writer.trailer();
    if (trailer !== undefined) await give(trailer);
    await settings.drawn.settle(core.catalog.sequences);
  } finally {
    plan.close();
  }
}

/** The lines that COPY … TO writes, counted in `counter`. */
export async function* copyTo(
  copy: CopyRun,
  counter: { rows: number },
): AsyncGenerator<Uint8Array> {
  const { core, settings, prepared, request } = copy;
  const { writer, header } = writerOf(copy);
  if (header !== undefined) yield header;
  const plan = openPlan(
    prepared.plan!,
    executionContext(core, settings, prepared, request),
  );
  try {
    for (;;) {
      const chunk = await plan.next();
      if (chunk === undefined) break;
      counter.rows += selectedCount(chunk);
      yield writer.lines(chunk);
    }
    const trailer = writer.trailer();
    if (trailer !== undefined) yield trailer;
    await settings.drawn.settle(core.catalog.sequences);
  } finally {
    plan.close();
  }
}
