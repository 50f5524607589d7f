/**
 * What a running statement is given: its parameters, its settings, what its
 * functions may ask.
 *
 * @module
 */
import {
  BinaryValue,
  decodeBinary,
  TextValue,
} from "../encoding/binary/binary_values.ts";
import { delay } from "../../base/environment.ts";
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import type { BoundExplain, BoundStatement } from "../analyzer/bound_tree.ts";
import type { AnalyzeOptions } from "../analyzer/analyzer.ts";
import {
  bindColumnDefault,
  bindTableRules,
} from "../analyzer/constraints/table_rules.ts";
import { bindIndexKeys } from "../analyzer/indexes/index_keys.ts";
import { withSearchPath } from "../catalog/search_path.ts";
import { SqlError } from "../errors/sql_error.ts";
import { inputContextOf } from "../functions/input_context.ts";
import type { ExecutionContext } from "../executor/operator.ts";
import type {
  FunctionContext,
  RoutineAccess,
  SequenceAccess,
} from "../functions/registry.ts";
import { evaluate } from "../planner/evaluate.ts";
import type { MaybePromise } from "../../base/maybe_promise.ts";
import type { LockWait } from "../transaction/locks/lock_table.ts";
import type { LockWaiter } from "../transaction/locks/transaction_locks.ts";
import type { Transaction } from "../transaction/transaction.ts";
import type { InputContext, Nullable } from "../types/data_type.ts";
import type { DateTimeSettings } from "../types/datetime_settings.ts";
import {
  type AdvisoryCall,
  advisoryFunction,
  isAdvisory,
} from "./advisory_locks.ts";
import { catalogFunction } from "./catalog_functions.ts";
import { databaseFunction } from "./database_functions.ts";
import { functionsIn } from "./extensions/extension_functions.ts";
import type { DatabaseCore } from "./database_core.ts";
import type {
  FireTrigger,
  TriggerFiring,
} from "../executor/triggers/trigger_firing.ts";
import { fireTrigger } from "./routines/fire_trigger.ts";
import { ParallelHelp } from "./parallel_help.ts";
import { RoutineRunner } from "./routines/routine_runner.ts";
import { RoutineSession } from "./routines/routine_session.ts";
import { routineWaits } from "./routines/routine_waits.ts";
import type { RunRequest } from "./run_options.ts";
import { searchSettings } from "./search_settings.ts";
import { sessionFunction } from "./session_functions.ts";
import { SessionSequences } from "./session_sequences.ts";
import type { Settings } from "./settings.ts";
import { StatementCancellation } from "./statement_cancellation.ts";

/** What has to be known of a statement to run it. */
export interface StatementFacts {
  /** Its text, for errors. */
  readonly text: string;
  /** What it says. */
  readonly bound: Pick<BoundStatement, "parameterTypes">;
  /** The values of EXECUTE. */
  readonly values?: readonly BoundExpression[] | undefined;
}

/** What a running plan is given. */
export function executionContext(
  core: DatabaseCore,
  settings: Settings,
  prepared: StatementFacts,
  request: RunRequest,
): ExecutionContext {
  const { transaction } = request;
  const signal = cancellation(core, settings, request);
  const functions = new StatementFunctions(core, settings, request, signal);
  functions.queryText = request.queryText ?? prepared.text;
  if (transaction.locks !== undefined) transaction.locks.waiter = functions;
  const analysis = (): AnalyzeOptions =>
    analysisOptions(core, settings, transaction);
  const context: ExecutionContext = {
    fireTrigger: (firing) => functions.fire(firing),
    transaction,
    access: core.access,
    parameters: prepared.values === undefined
      ? convertParameters(prepared, request, inputContextOf(functions))
      : executedValues(prepared.values, request.parameters, functions),
    functions,
    signal,
    warn: (message) =>
      request.options.onNotice?.({
        severity: "WARNING",
        code: "01000",
        message,
      }),
    workers: new ParallelHelp(core, settings),
    temporaryFiles: core.spills.of(settings).files,
    hooks: core.extensions.hooks.isEmpty
      ? undefined
      : core.extensions.hooks.around(prepared.text, () => context),
    bindRules: (table) => bindTableRules(analysis(), table),
    bindIndex: (index, table) => bindIndexKeys(analysis, index, table),
    bindDefault: (column) => bindColumnDefault(analysis(), column),
    settings: {
      memoryBytesMax: settings.integer("work_mem") * 1024,
      ...searchSettings(settings),
      scansEnabled: settings.boolean("enable_seqscan"),
    },
  };
  functions.attach(context);
  return context;
}

/** The context of a routine that has settings of its own. */
function contextUnder(
  settings: Settings,
  { core, request, context }: RoutineSession,
): ExecutionContext {
  const facts = { text: "", bound: { parameterTypes: [] } };
  const own = executionContext(core, settings, facts, {
    ...request,
    parameters: [],
  });
  return { ...own, signal: context.signal };
}

/** Where names are looked up, as a transaction sees them now. */
export function analysisOptions(
  core: DatabaseCore,
  settings: Settings,
  { catalog }: Transaction,
): AnalyzeOptions {
  const named = withSearchPath(catalog, settings.searchPath);
  return {
    catalog: named,
    routineWaits: (entry) => routineWaits(named, core.functions, entry),
    types: core.types,
    functions: functionsIn(core.functions, named),
    access: core.access,
    inputContext: { now: () => core.now(), datetime: settings.datetime },
  };
}

/** What stops a statement. */
export function cancellation(
  core: DatabaseCore,
  settings: Settings,
  { options, sinceMs }: Pick<RunRequest, "options" | "sinceMs">,
): StatementCancellation {
  return new StatementCancellation({
    environment: core.environment,
    timeoutMs: settings.integer("statement_timeout"),
    signal: options.signal,
    stops: settings.objects.stops,
    sinceMs,
  });
}

/** What functions may ask; a class, as every statement needs one. */
class StatementFunctions implements FunctionContext, LockWaiter {
  readonly #core: DatabaseCore;
  readonly #settings: Settings;
  readonly #request: RunRequest;
  readonly #transaction: Transaction;
  readonly #signal: StatementCancellation;
  #context: ExecutionContext | undefined;
  #session: RoutineSession | undefined;
  #routines: RoutineAccess | undefined;
  #sequences: SequenceAccess | undefined;
  /** What the client asked for: `current_query()`. */
  queryText = "";

  constructor(
    core: DatabaseCore,
    settings: Settings,
    request: RunRequest,
    signal: StatementCancellation,
  ) {
    this.#signal = signal;
    this.#core = core;
    this.#settings = settings;
    this.#request = request;
    this.#transaction = request.transaction;
  }

  get transactionTimestamp(): number {
    return this.#transaction.startedAt;
  }

  clock(): number {
    return this.#core.now();
  }

  random(): number {
    return this.#settings.objects.random?.next() ??
      this.#core.environment.random();
  }

  randomBytes(bytes: Uint8Array): Uint8Array {
    return this.#core.environment.randomBytes(bytes);
  }

  get datetime(): DateTimeSettings {
    return this.#settings.datetime;
  }

  setting(name: string): string | undefined {
    return this.#settings.find(name);
  }

  catalog(name: string, args: readonly Nullable[]): Nullable {
    const settings = this.#settings;
    const core = this.#core;
    const transaction = this.#transaction;
    const catalog = withSearchPath(transaction.catalog, settings.searchPath);
    const analysis = (): AnalyzeOptions =>
      analysisOptions(core, settings, transaction);
    return catalogFunction(
      { catalog, core, settings, analysis },
      name,
      args,
    );
  }

  session(name: string, args: readonly Nullable[]): Nullable {
    return sessionFunction(
      {
        core: this.#core,
        settings: this.#settings,
        transaction: this.#transaction,
        queryText: this.queryText,
        warn: (message) => this.#warn(message),
      },
      name,
      args,
    );
  }

  /** Routines run in `context`, which has these functions. */
  attach(context: ExecutionContext): void {
    this.#context = context;
  }

  /** Routines run in `session`. */
  join(session: RoutineSession): void {
    this.#session = session;
  }

  /** What the routines of the statement run in. */
  get #routineSession(): RoutineSession {
    return this.#session ??= new RoutineSession({
      core: this.#core,
      settings: this.#settings,
      request: { ...this.#request, queryText: this.queryText },
      context: this.#context!,
      contextUnder,
    });
  }

  get routines(): RoutineAccess | undefined {
    if (this.#context === undefined) return undefined;
    return this.#routines ??= new RoutineRunner(this.#routineSession);
  }

  /** Fires a trigger. */
  fire(firing: TriggerFiring): ReturnType<FireTrigger> {
    return fireTrigger(this.#routineSession, firing);
  }

  get sequences(): SequenceAccess {
    return this.#sequences ??= new SessionSequences(
      this.#core.catalog.sequences,
      this.#settings,
      this.#transaction,
    );
  }

  async host(name: string, args: readonly Nullable[]): Promise<Nullable> {
    if (name === "pg_sleep") return await this.#sleep(args[0] as number);
    if (!isAdvisory(name)) {
      return await databaseFunction(this.#core, this.#settings, name, args);
    }
    return await this.#signal.within((signal) =>
      advisoryFunction(this.#advisoryCall(signal), name, args)
    );
  }

  async #sleep(seconds: number): Promise<Nullable> {
    const { environment } = this.#core;
    const ms = Math.min(Math.max(0, seconds * 1000), SLEEP_MS_MAX);
    return await this.#signal.within(async (signal) => {
      await delay(environment, ms, { signal });
      return "";
    });
  }

  waitForLock<T>(work: (wait: LockWait) => MaybePromise<T>): Promise<T> {
    return this.#signal.within((signal) => work(this.#lockWait(signal)));
  }

  #lockWait(signal: AbortSignal): LockWait {
    const settings = this.#settings;
    return {
      timeoutMs: settings.integer("lock_timeout"),
      waitDie: settings.show("kriya.deadlock_prevention") === "wait_die",
      signal,
    };
  }

  #advisoryCall(signal: AbortSignal): AdvisoryCall {
    const settings = this.#settings;
    return {
      locks: this.#core.locksOf(settings),
      transaction: this.#transaction,
      wait: this.#lockWait(signal),
      warn: (message) => this.#warn(message),
    };
  }

  #warn(message: string): void {
    this.#request.options.onNotice?.({
      severity: "WARNING",
      code: "01000",
      message,
    });
  }
}

/** The longest sleep, in ms: what a timer can wait. */
const SLEEP_MS_MAX = 2 ** 31 - 1;

/** The values of EXECUTE, which is given none from outside. */
function executedValues(
  values: readonly BoundExpression[],
  given: readonly unknown[],
  functions: FunctionContext,
): readonly Nullable[] {
  if (given.length > 0) {
    throw new SqlError(
      "08P01",
      `bind message supplies ${given.length} parameters, but prepared statement "" requires 0`,
    );
  }
  const inputContext = inputContextOf(functions);
  return values.map((value) =>
    evaluate(value, { parameters: NO_PARAMETERS, functions, inputContext })
  );
}

const NO_PARAMETERS: readonly Nullable[] = [];

/** Whether it is EXPLAIN (GENERIC_PLAN), which knows no values. */
function isGeneric(bound: StatementFacts["bound"]): boolean {
  return "options" in bound && "kind" in bound && bound.kind === "explain" &&
    (bound as BoundExplain).options.genericPlan;
}

/**
 * The values of parameters, of their types.
 *
 * @throws {SqlError} `08P01` for too many or too few.
 */
export function convertParameters(
  { bound, text }: StatementFacts,
  { parameters: values, options: { serializers } }: RunRequest,
  context: InputContext,
): readonly Nullable[] {
  const { parameterTypes } = bound;
  if (isGeneric(bound) && values.length === 0) {
    return parameterTypes.map(() => null);
  }
  if (values.length !== parameterTypes.length) {
    throw new SqlError(
      "08P01",
      `bind message supplies ${values.length} parameters, but prepared statement "" requires ${parameterTypes.length}`,
      { detail: `The statement is: ${text.slice(0, 200)}` },
    );
  }
  if (values.length === 0) return NO_PARAMETERS;
  const converted: Nullable[] = [];
  for (let i = 0; i < values.length; i++) {
    const { type } = parameterTypes[i]!;
    const given = values[i];
    const value = given === null || given === undefined ||
        serializers?.[type.oid] === undefined
      ? given
      : serializers[type.oid]!(given);
    converted.push(
      value === null || value === undefined
        ? null
        : value instanceof BinaryValue
        ? decodeBinary(type, value.bytes, context)
        : value instanceof TextValue
        ? type.input(value.text, -1, context)
        : type.fromJs(value, context),
    );
  }
  return converted;
}
