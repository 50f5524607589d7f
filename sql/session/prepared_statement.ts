/**
 * From a text to something that can be run again and again.
 *
 * @module
 */
import { analyze } from "../analyzer/analyzer.ts";
import type { BoundPlannable, BoundStatement } from "../analyzer/bound_tree.ts";
import type { CatalogState } from "../catalog/catalog_state.ts";
import type { TableEntry } from "../catalog/entries.ts";
import { SqlError } from "../errors/sql_error.ts";
import { planStatement } from "../executor/physical_planner.ts";
import { parse, type ParsedStatement } from "../parser/parser.ts";
import type { TransactionHandle } from "../transaction/transaction_handle.ts";
import { analyzeOptions } from "./analyze_options.ts";
import type { DatabaseCore } from "./database_core.ts";
import type { Prepared } from "./prepared.ts";
import { fieldsOf, RowBuilder } from "./result.ts";
import type { Settings } from "./settings.ts";

/** What {@linkcode prepareStatement} is asked. */
export interface PrepareRequest {
  /** The text of one statement. */
  readonly text: string;
  /** The statement, if it was parsed already. */
  readonly parsed?: ParsedStatement | undefined;
  /** The catalog that counts. */
  readonly catalog: CatalogState;
  /** Throws if a kind of statement is not allowed now. */
  readonly refuse?: ((kind: string) => void) | undefined;
}

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
  const { text } = request;
  const options = analyzeOptions(core, settings, request.catalog);
  const { catalog } = options;
  const handle = core.planningHandle(request.catalog);
  const { planKey } = settings;
  const key = planKey === "" ? text : `${planKey}\0${text}`;
  const known = core.plans.get(key, catalog.version);
  if (known !== undefined && !hasOutgrown(core, handle, known)) return known;
  const parsed = request.parsed ?? parseOne(text);
  const kind = parsed?.syntax.kind ?? "empty";
  request.refuse?.(isTransaction(kind) ? "transaction" : kind);
  const bound = parsed === undefined ? EMPTY : analyze(parsed.syntax, options);
  const plannable = plannableOf(bound);
  const plan = plannable &&
    planStatement(plannable, { transaction: handle, access: core.access });
  const fields = "fields" in bound ? bound.fields : [];
  const prepared: Prepared = {
    text,
    bound,
    plan,
    fields,
    resultFields: fieldsOf(fields),
    rows: new RowBuilder(fields, {}),
    catalogVersion: catalog.version,
    hasParameters: bound.parameterTypes.length > 0,
    sizes: tablesOf(plannable).map((table) => ({
      table,
      rows: rowsOf(core, handle, table),
    })),
  };
  if (bound.cacheable && isReusable(bound)) core.plans.set(key, prepared);
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
      return bound.statement;
    default:
      return undefined;
  }
}

/** Definitions change what they were bound to. */
function isReusable(bound: BoundStatement): boolean {
  return plannableOf(bound) !== undefined || bound.kind === "transaction" ||
    bound.kind === "set" || bound.kind === "show";
}

function tablesOf(bound: BoundPlannable | undefined): TableEntry[] {
  if (bound === undefined || bound.kind === "insert") return [];
  const from = bound.kind === "select" ? bound.query.from : bound.from;
  return from?.kind === "table" ? [from.table] : [];
}

function rowsOf(
  core: DatabaseCore,
  handle: TransactionHandle,
  table: TableEntry,
): number {
  return core.access.table(table.accessMethod).estimateRows(table, handle);
}

/** Whether a table has a very different size than when it was planned. */
function hasOutgrown(
  core: DatabaseCore,
  handle: TransactionHandle,
  { sizes }: Prepared,
): boolean {
  for (const { table, rows } of sizes) {
    const now = rowsOf(core, handle, table);
    if (now > rows * 2 + 100 || rows > now * 2 + 100) return true;
  }
  return false;
}
