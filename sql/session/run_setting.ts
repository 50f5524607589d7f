/**
 * SET, RESET and SHOW.
 *
 * @module
 */
import type {
  SetSyntax,
  ShowSyntax,
  TransactionModes,
} from "../parser/syntax.ts";
import { SqlError } from "../errors/sql_error.ts";
import { roleIdOf } from "../catalog/roles.ts";
import type { Transaction } from "../transaction/transaction.ts";
import type { DatabaseCore } from "./database_core.ts";
import {
  type Field,
  type QueryResult,
  type Row,
  tagOnly,
  textField,
} from "./result.ts";
import type { RunOptions, RunRequest } from "./run_options.ts";
import type { SettingDefinition } from "./setting_definitions.ts";
import { storeChange } from "./store_settings.ts";
import type { Settings } from "./settings.ts";

/** Settings that end with the transaction, however they are set. */
const TRANSACTION_SETTINGS = new Set([
  "transaction_isolation",
  "transaction_read_only",
]);

/** SET TRANSACTION, SET SESSION CHARACTERISTICS AS TRANSACTION. */
function setTransaction(
  settings: Settings,
  { session, modes }: SetSyntax & { readonly kind: "set_transaction" },
  options: RunOptions,
): void {
  if (!session && !settings.inTransaction) {
    warnOutside("SET TRANSACTION", options);
    return;
  }
  setTransactionModes(
    settings,
    session ? "default_transaction" : "transaction",
    modes,
  );
}

/** Sets the settings that say how transactions, or this one, are. */
export function setTransactionModes(
  settings: Settings,
  prefix: "default_transaction" | "transaction",
  { isolation, readOnly }: TransactionModes,
): void {
  const local = prefix === "transaction";
  if (isolation !== undefined) {
    settings.set(`${prefix}_isolation`, [isolation], local);
  }
  if (readOnly !== undefined) {
    const value = readOnly ? "on" : "off";
    settings.set(`${prefix}_read_only`, [value], local);
  }
}

function warnOutside(what: string, { onNotice }: RunOptions): void {
  onNotice?.({
    severity: "WARNING",
    code: "25P01",
    message: `${what} can only be used in transaction blocks`,
  });
}

/** Runs SET and RESET. */
export function runSet(
  core: DatabaseCore,
  settings: Settings,
  syntax: SetSyntax,
  { options, transaction }: RunRequest,
): QueryResult<unknown> {
  if (syntax.kind === "reset_all") {
    settings.resetAll();
    return tagOnly("RESET");
  }
  if (syntax.kind === "set_transaction") {
    setTransaction(settings, syntax, options);
    return tagOnly("SET");
  }
  requireRole(core, transaction, syntax);
  const ofTransaction = TRANSACTION_SETTINGS.has(syntax.name.toLowerCase());
  if ((syntax.local || ofTransaction) && !settings.inTransaction) {
    // Checked all the same, and gone with the transaction of the statement.
    settings.copy().set(syntax.name, syntax.values, syntax.local);
    if (syntax.local) warnOutside("SET LOCAL", options);
    return tagOnly(syntax.reset ? "RESET" : "SET");
  }
  const { definition, value } = settings.set(
    syntax.name,
    syntax.values,
    syntax.local || ofTransaction,
  );
  if (definition.effect === "store") applyToStore(core, settings, definition);
  if (definition.effect === "address") {
    options.onNotice?.({
      severity: "NOTICE",
      code: "00000",
      message:
        `"${definition.name}" is now "${value}"; the open database stays in ${core.store.objects.address}`,
    });
  }
  return tagOnly(syntax.reset ? "RESET" : "SET");
}

/** @throws {SqlError} `22023` for SET ROLE to one that there is not. */
function requireRole(
  core: DatabaseCore,
  { catalog }: Transaction,
  { name, values }: SetSyntax & { readonly kind: "set" },
): void {
  const word = name.toLowerCase();
  const role = values?.[0];
  if (role === undefined) return;
  if (word !== "role" && word !== "session_authorization") return;
  if (roleIdOf(catalog, core.user, role) !== undefined) return;
  if (word === "role" && role === "none") return;
  throw new SqlError("22023", `role "${role}" does not exist`);
}

function applyToStore(
  core: DatabaseCore,
  settings: Settings,
  { name }: SettingDefinition,
): void {
  core.store.configure(storeChange(name, settings.integer(name)));
}

/** The columns of what SHOW gives. */
export function showFields(settings: Settings, name: string): Field[] {
  return name.toLowerCase() === "all"
    ? ["name", "setting", "description"].map(textField)
    : [textField(settings.spelled(name))];
}

/** Runs SHOW. */
export function runShow(
  settings: Settings,
  { name }: ShowSyntax,
  { options }: RunRequest,
): QueryResult<unknown> {
  const asRow = (fields: readonly string[], values: string[]): Row | string[] =>
    options.rowMode === "array"
      ? values
      : Object.fromEntries(fields.map((field, i) => [field, values[i]]));
  const fields = showFields(settings, name);
  const names = fields.map(({ name }) => name);
  const rows = name.toLowerCase() === "all"
    ? settings.all().map(({ definition, value }) =>
      asRow(names, [definition.name, value, definition.description])
    )
    : [asRow(names, [settings.show(name)])];
  return { rows, fields, affectedRows: rows.length, command: "SHOW" };
}
