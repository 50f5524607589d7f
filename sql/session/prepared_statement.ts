/**
 * From a text to something that can be run again and again.
 *
 * @module
 */
import { analyze, type AnalyzeOptions } from "../analyzer/analyzer.ts";
import type {
  BoundPlannable,
  BoundStatement,
  ResultField,
} from "../analyzer/bound_tree.ts";
import { bindArguments } from "../analyzer/bind_execute.ts";
import { withSearchPath } from "../catalog/search_path.ts";
import type { CatalogState } from "../catalog/catalog_state.ts";
import type { TableEntry } from "../catalog/entries.ts";
import { SqlError } from "../errors/sql_error.ts";
import { boundPast } from "./history/bound_past.ts";
import { planStatement } from "../executor/physical_planner.ts";
import { parse, type ParsedStatement } from "../parser/parser.ts";
import type { TransactionHandle } from "../transaction/transaction_handle.ts";
import { analyzeOptions } from "./analyze_options.ts";
import { hookedPlan } from "./extensions/hooked_plan.ts";
import { planFacts } from "./plan_facts.ts";
import { isOver, notingFar } from "./plan_moment.ts";
import type { DatabaseCore } from "./database_core.ts";
import { PlanChoices } from "./plan_choices.ts";
import type { Prepared } from "./prepared.ts";
import {
  type Execution,
  executionOf,
  refuseChangedResult,
} from "./statements/execute.ts";
import { fieldsOf, RowBuilder } from "./result.ts";
import type { Settings } from "./settings.ts";
import { baseOf } from "../types/domain_type.ts";

/** What {@linkcode prepareStatement} is asked. */
export interface PrepareRequest {
  /** The text of one statement. */
  readonly text: string;
  /** The OIDs of types that its parameters are declared with; 0: none. */
  readonly declared?: readonly number[] | undefined;
  /** The statement, if it was parsed already. */
  readonly parsed?: ParsedStatement | undefined;
  /** The catalog that counts. */
  readonly catalog: CatalogState;
  /** Whether that is the catalog of the moment which the statement asks for. */
  readonly past?: boolean | undefined;
  /** Throws if a kind of statement is not allowed now. */
  readonly refuse?: ((kind: string) => void) | undefined;
}

/** The type of literals without one. */
const UNKNOWN_OID = 705;

const EMPTY: BoundStatement = {
  kind: "empty",
  parameterTypes: [],
  cacheable: true,
};

/**
 * Prepares a statement, or finds it prepared.
 *
 * @throws {SqlError}
 */
export function prepareStatement(
  core: DatabaseCore,
  settings: Settings,
  request: PrepareRequest,
): Prepared {
  const { text, declared, past = false } = request;
  // What is bound as of then is not what says that it is to be.
  const plain = past ? `\0${text}` : text;
  const key = declared === undefined ? plain : `${declared.join()}\0${plain}`;
  const known = knownPlan(core, settings, request, key);
  if (known !== undefined) return known;
  const parsed = request.parsed ?? parseOne(text);
  const syntax = parsed?.syntax;
  const kind = syntax?.kind ?? "empty";
  request.refuse?.(isTransaction(kind) ? "transaction" : kind);
  if (parsed?.asOf !== undefined && !past) {
    const bound = boundPast(parsed);
    return planned(core, settings, request, { text, key, bound });
  }
  const execution = syntax &&
    executionOf(settings.objects.statements, syntax);
  if (execution !== undefined) {
    return prepareExecution(core, settings, request, execution);
  }
  const bound = syntax === undefined
    ? EMPTY
    : analyze(syntax, analysisOf(core, settings, request));
  return planned(core, settings, request, { text, key, bound });
}

/** What a statement is analyzed with, whose parameters may be declared. */
function analysisOf(
  core: DatabaseCore,
  settings: Settings,
  { catalog, declared }: PrepareRequest,
): AnalyzeOptions {
  const options = analyzeOptions(core, settings, catalog);
  if (declared === undefined) return options;
  const parameterTypes = declared.map((oid) => {
    if (oid === 0 || oid === UNKNOWN_OID) return undefined;
    const type = core.types.byOid(oid);
    if (type !== undefined) return { type, typmod: -1 };
    throw new SqlError("42704", `type with OID ${oid} does not exist`);
  });
  return { ...options, parameterTypes };
}

/** A plan that was made before, and still serves. */
function knownPlan(
  core: DatabaseCore,
  settings: Settings,
  { catalog }: PrepareRequest,
  text: string,
): Prepared | undefined {
  const { version } = withSearchPath(catalog, settings.searchPath);
  const known = core.plans.get(keyOf(settings, text), version);
  if (known === undefined) return undefined;
  return hasOutgrown(core, core.planningHandle(catalog), known)
    ? undefined
    : known;
}

function keyOf({ planKey }: Settings, text: string): string {
  return planKey === "" ? text : `${planKey}\0${text}`;
}

/** EXECUTE: the plan of its statement, which may be kept, and its values. */
function prepareExecution(
  core: DatabaseCore,
  settings: Settings,
  request: PrepareRequest,
  { execute, statement, syntax }: Execution,
): Prepared {
  const options = analyzeOptions(core, settings, request.catalog);
  const { parameterTypes } = statement;
  const alone = syntax === statement.syntax;
  const { declared = [] } = statement;
  const key = `EXECUTE\0${declared.join()}\0${statement.text}`;
  const known = alone ? knownPlan(core, settings, request, key) : undefined;
  const prepared = known ?? planned(core, settings, request, {
    text: statement.text,
    key: alone ? key : undefined,
    bound: analyze(syntax, { ...options, parameterTypes }),
  });
  if (alone) refuseChangedResult(statement.fields, prepared.fields);
  const values = bindArguments(execute, parameterTypes, options);
  const { choices } = statement;
  return { ...prepared, text: request.text, values, choices };
}

/** A bound statement with its plan, kept under `key`. */
function planned(
  core: DatabaseCore,
  settings: Settings,
  request: PrepareRequest,
  { text, key, bound }: {
    readonly text: string;
    readonly key: string | undefined;
    readonly bound: BoundStatement;
  },
): Prepared {
  const catalog = withSearchPath(request.catalog, settings.searchPath);
  const handle = core.planningHandle(request.catalog);
  const plannable = plannableOf(bound);
  const { generation: learned } = core.planQuality.measured;
  const { facts, moment } = notingFar(
    core.store,
    planFacts(core, settings, handle, request.catalog),
  );
  // EXPLAIN plans again, to see how long that takes, and what hooks make of it.
  const plan = plannable && bound.kind === "explain"
    ? planStatement(plannable, facts)
    : plannable && hookedPlan(core, settings, { text, plannable, facts });
  const fields = resultFieldsOf(settings, bound);
  const prepared: Prepared = {
    text,
    declared: request.declared,
    bound,
    plan,
    fields,
    resultFields: fieldsOf(fields),
    rows: new RowBuilder(fields, {}),
    catalogVersion: catalog.version,
    hasParameters: bound.parameterTypes.length > 0,
    choices: new PlanChoices(),
    sizes: tablesOf(plannable).map((table) => ({
      table,
      rows: rowsOf(core, handle, table),
    })),
    learned,
    moment: moment(),
  };
  if (key !== undefined && bound.cacheable && isReusable(bound)) {
    core.plans.set(keyOf(settings, key), prepared);
  }
  return prepared;
}

/** @throws {SqlError} `42601`. */
function parseOne(text: string): ParsedStatement | undefined {
  const statements = parse(text);
  if (statements.length > 1) {
    throw new SqlError(
      "42601",
      "cannot insert multiple commands into a prepared statement",
      { hint: "Use exec for several statements." },
    );
  }
  return statements[0];
}

function resultFieldsOf(
  { objects }: Settings,
  bound: BoundStatement,
): readonly ResultField[] {
  if ("fields" in bound) return bound.fields.map(plainField);
  const isFetch = bound.kind === "session" && bound.syntax.kind === "fetch" &&
    !bound.syntax.move;
  return isFetch
    ? objects.cursors.get(bound.syntax.cursor).definition.fields
    : [];
}

function isTransaction(kind: string): boolean {
  return ["begin", "commit", "rollback", "savepoint", "release", "rollback_to"]
    .includes(kind);
}

function plannableOf(bound: BoundStatement): BoundPlannable | undefined {
  switch (bound.kind) {
    case "select":
    case "insert":
    case "update":
    case "delete":
    case "merge":
      return bound;
    case "explain":
    case "copy":
    case "declare_cursor":
    case "call_procedure":
      return bound.statement;
    default:
      return undefined;
  }
}

/** Definitions change what they were bound to. */
function isReusable(bound: BoundStatement): boolean {
  return plannableOf(bound) !== undefined || bound.kind === "transaction" ||
    bound.kind === "set" || bound.kind === "show" || bound.kind === "past";
}

function tablesOf(bound: BoundPlannable | undefined): TableEntry[] {
  if (bound === undefined || bound.kind === "insert") return [];
  const from = bound.kind === "select" ? bound.query.from : bound.rows;
  return from?.kind === "table" ? [from.table] : [];
}

function rowsOf(
  core: DatabaseCore,
  handle: TransactionHandle,
  table: TableEntry,
): number {
  return core.access.table(table.accessMethod).estimateRows(table, handle);
}

/** Whether tables have other sizes, or are elsewhere, than when it was planned. */
function hasOutgrown(
  core: DatabaseCore,
  handle: TransactionHandle,
  { sizes, moment, plan }: Prepared,
): boolean {
  if (plan !== undefined && core.planQuality.isOutdated(plan)) return true;
  if (moment !== undefined && isOver(core.store, moment)) return true;
  for (const { table, rows } of sizes) {
    const now = rowsOf(core, handle, table);
    if (now > rows * 2 + 100 || rows > now * 2 + 100) return true;
  }
  return false;
}

/** A value of a domain is told of as one of its base, as in PostgreSQL. */
function plainField(field: ResultField): ResultField {
  return field.type.type.domain === undefined
    ? field
    : { ...field, type: baseOf(field.type) };
}
