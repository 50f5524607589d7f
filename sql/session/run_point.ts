/**
 * Running the way beside a plan that is for one row; see
 * `executor/point/point_plan.ts`.
 *
 * What a plan is given besides its parameters is made only if an expression
 * asks for it.
 *
 * @module
 */
import { isPromise, type MaybePromise } from "../../base/maybe_promise.ts";
import type { AccessRegistry } from "../access/access_registry.ts";
import type {
  PointPlan,
  PointRun,
  PointSelect,
} from "../executor/point/point_run.ts";
import type { ExecutionContext } from "../executor/operator.ts";
import type { FunctionContext } from "../functions/registry.ts";
import type { Transaction } from "../transaction/transaction.ts";
import type { InputContext, Nullable } from "../types/data_type.ts";
import type { DateTimeSettings } from "../types/datetime_settings.ts";
import type { DatabaseCore } from "./database_core.ts";
import { convertParameters, executionContext } from "./execution_context.ts";
import type { Prepared } from "./prepared.ts";
import type { QueryResult, RowBuilder } from "./result.ts";
import type { RunRequest } from "./run_options.ts";
import type { Settings } from "./settings.ts";

/** A statement that runs. */
export interface PointStatement {
  readonly core: DatabaseCore;
  readonly settings: Settings;
  readonly prepared: Prepared;
  readonly request: RunRequest;
}

/**
 * The way beside the plan of a statement, if it may be taken. What may take
 * long, what EXECUTE gives its values to, and what has hooks, goes by the plan.
 */
export function pointOf(
  { extensions }: DatabaseCore,
  { plan, values }: Prepared,
  settings: Settings,
): PointPlan | undefined {
  const point = plan?.point;
  if (point === undefined || values !== undefined) return undefined;
  if (!extensions.hooks.isEmpty) return undefined;
  return settings.integer("statement_timeout") === 0 ? point : undefined;
}

/**
 * Runs a statement the way beside its plan; `undefined`: nothing was done, the
 * plan has to run.
 */
export function runPoint(
  statement: PointStatement,
  point: PointPlan,
  rows: RowBuilder,
): MaybePromise<QueryResult<unknown> | undefined> {
  const run = new StatementRun(statement);
  const { prepared } = statement;
  if (point.kind === "select") return select(point, run, prepared, rows);
  const changed = point.change(run);
  return isPromise(changed)
    ? changed.then((count) => changeResult(prepared, count))
    : changeResult(prepared, changed);
}

function select(
  point: PointSelect,
  run: PointRun,
  prepared: Prepared,
  rows: RowBuilder,
): MaybePromise<QueryResult<unknown>> {
  const values = point.read(run);
  return isPromise(values)
    ? values.then((values) => selectResult(prepared, rows, values))
    : selectResult(prepared, rows, values);
}

function selectResult(
  { resultFields }: Prepared,
  rows: RowBuilder,
  values: readonly Nullable[] | undefined,
): QueryResult<unknown> {
  return values === undefined
    ? { rows: [], fields: resultFields, affectedRows: 0, command: "SELECT 0" }
    : {
      rows: [rows.row(values)],
      fields: resultFields,
      affectedRows: 1,
      command: "SELECT 1",
    };
}

function changeResult(
  { resultFields, bound }: Prepared,
  count: number | undefined,
): QueryResult<unknown> | undefined {
  if (count === undefined) return undefined;
  const command = bound.kind === "insert"
    ? `INSERT 0 ${count}`
    : `${bound.kind.toUpperCase()} ${count}`;
  return { rows: [], fields: resultFields, affectedRows: count, command };
}

/** What a point plan is given, and what the input of its parameters asks. */
class StatementRun implements PointRun, InputContext {
  readonly transaction: Transaction;
  readonly access: AccessRegistry;
  readonly parameters: readonly Nullable[];
  readonly #statement: PointStatement;
  #context: ExecutionContext | undefined;

  constructor(statement: PointStatement) {
    const { core, prepared, request } = statement;
    this.#statement = statement;
    this.transaction = request.transaction;
    this.access = core.access;
    this.parameters = convertParameters(prepared, request, this);
  }

  get functions(): FunctionContext {
    const { core, settings, prepared, request } = this.#statement;
    this.#context ??= executionContext(core, settings, prepared, request);
    return this.#context.functions;
  }

  get inputContext(): InputContext {
    return this;
  }

  now(): number {
    return this.transaction.startedAt;
  }

  get datetime(): DateTimeSettings {
    return this.#statement.settings.datetime;
  }

  catalog(question: string, args: readonly Nullable[]): Nullable {
    return this.functions.catalog?.(question, args) ?? null;
  }
}
