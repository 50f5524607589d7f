/**
 * Statements that read the past, each in a transaction of its own that only
 * reads: whatever a block around it has done or seen, the past is what it was.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { parse, type ParsedStatement } from "../../parser/parser.ts";
import type { Transaction } from "../../transaction/transaction.ts";
import type { DatabaseCore } from "../database_core.ts";
import { PlanChoices } from "../plan_choices.ts";
import type { Prepared } from "../prepared.ts";
import {
  type PrepareRequest,
  prepareStatement,
} from "../prepared_statement.ts";
import { type QueryResult, RowBuilder } from "../result.ts";
import type { RunOptions, RunRequest } from "../run_options.ts";
import { runStatement, streamRows } from "../run_statement.ts";
import type { Settings } from "../settings.ts";
import type { PastMoment } from "./history.ts";
import { boundPast, canBePast } from "./bound_past.ts";
import { momentOf, momentOfClause } from "./moment.ts";

/** A statement that asks for a moment. */
export interface PastStatement {
  /** The statement. */
  readonly statement: ParsedStatement;
  /** Its parameters. */
  readonly parameters: readonly unknown[];
  /** How it runs; it may be what asks. */
  readonly options: RunOptions;
}

/**
 * What a text is that its caller wants to be run as of a moment: it is bound
 * when the catalog of then is known. `undefined` where no moment can be meant.
 *
 * @throws {SqlError} `42601`.
 */
export function preparedPast(
  { asOf }: RunOptions,
  text: string,
  parsed: ParsedStatement | undefined,
): Prepared | undefined {
  if (asOf === undefined) return undefined;
  const [statement, second] = parsed === undefined ? parse(text) : [parsed];
  if (statement === undefined || second !== undefined) {
    throw new SqlError("42601", "asOf takes one statement");
  }
  if (statement.asOf !== undefined) {
    throw new SqlError("42601", "AS OF is given twice: in the statement, too");
  }
  if (!canBePast(statement)) return undefined;
  return {
    text,
    bound: boundPast(statement),
    plan: undefined,
    fields: [],
    resultFields: [],
    rows: new RowBuilder([], {}),
    catalogVersion: 0,
    hasParameters: false,
    choices: new PlanChoices(),
    sizes: [],
    learned: 0,
  };
}

/** A statement prepared by the tables of now, whatever moment it asks for. */
export function prepareInPresent(
  core: DatabaseCore,
  settings: Settings,
  request: PrepareRequest,
): Prepared {
  const prepared = prepareStatement(core, settings, request);
  const { bound } = prepared;
  if (bound.kind !== "past") return prepared;
  const past = { ...request, parsed: bound.statement, past: true };
  return prepareStatement(core, settings, past);
}

/** Which moment a statement asks for. */
export function momentOfStatement(
  core: DatabaseCore,
  settings: Settings,
  { statement, parameters, options }: PastStatement,
): Promise<PastMoment> {
  const context = { core, settings };
  const { asOf } = statement;
  return asOf === undefined
    ? momentOf(context, options.asOf!)
    : momentOfClause(context, asOf, parameters);
}

/**
 * Runs a statement as of the moment that it asks for.
 *
 * @throws {SqlError} `25006` for one that writes; `72000`, `22023`, `42704`.
 */
export async function runPast(
  core: DatabaseCore,
  settings: Settings,
  past: PastStatement,
): Promise<QueryResult<unknown>> {
  const { transaction, prepared, request } = await begin(core, settings, past);
  try {
    return await runStatement(core, settings, prepared, request);
  } finally {
    transaction.rollback();
  }
}

/** {@linkcode runPast}, chunk by chunk. */
export async function* streamPast<R>(
  core: DatabaseCore,
  settings: Settings,
  past: PastStatement,
): AsyncGenerator<R[]> {
  const { transaction, prepared, request } = await begin(core, settings, past);
  try {
    yield* streamRows<R>(core, settings, prepared, request);
  } finally {
    transaction.rollback();
  }
}

async function begin(
  core: DatabaseCore,
  settings: Settings,
  past: PastStatement,
): Promise<{
  readonly transaction: Transaction;
  readonly prepared: Prepared;
  readonly request: RunRequest;
}> {
  const { statement, parameters, options } = past;
  const moment = await momentOfStatement(core, settings, past);
  const transaction = await core.beginPast(settings, moment);
  try {
    const prepared = prepareStatement(core, settings, {
      text: statement.text,
      parsed: statement,
      catalog: transaction.catalog,
      past: true,
    });
    const given = { transaction, parameters: rest(past), options };
    return { transaction, prepared, request: given };
  } catch (error) {
    transaction.rollback();
    throw error;
  }

  /** The parameters without those that only the time has. */
  function rest({ statement: { asOf } }: PastStatement): readonly unknown[] {
    if (asOf?.kind !== "time") return parameters;
    return parameters.filter((_, i) => !asOf.own.includes(i + 1));
  }
}
