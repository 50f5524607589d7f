/**
 * What functions about the session answer; `sql/functions/system/` has their
 * names and types.
 *
 * @module
 */
import type { ResultField } from "../analyzer/bound_tree.ts";
import { SqlError } from "../errors/sql_error.ts";
import type { Transaction } from "../transaction/transaction.ts";
import type { Nullable, TypeRef } from "../types/data_type.ts";
import { RegValue } from "../types/reg_value.ts";
import { snapshotOf } from "../types/snapshot_types.ts";
import { timestamptz } from "../types/temporal_types.ts";
import type { StopKind } from "./backends.ts";
import type { DatabaseCore } from "./database_core.ts";
import { notify } from "./notifications/session_notifications.ts";
import { SeededRandom } from "./seeded_random.ts";
import type { Settings } from "./settings.ts";

/** What a function asks of. */
export interface SessionAsked {
  readonly core: DatabaseCore;
  readonly settings: Settings;
  readonly transaction: Transaction;
  /** What the client asked for. */
  readonly queryText: string;
  /** Tells the client of something. */
  readonly warn: (message: string) => void;
}

type Answer = (asked: SessionAsked, args: readonly Nullable[]) => Nullable;

const ANSWERS: ReadonlyMap<string, Answer> = new Map<string, Answer>([
  ["pg_notify", sendNotification],
  [
    "pg_listening_channels",
    ({ settings }) => JSON.stringify(settings.objects.notifications.channels),
  ],
  ["set_config", setConfig],
  ["setseed", setSeed],
  ["txid_current", transactionId],
  ["pg_current_xact_id", transactionId],
  ["pg_current_snapshot", currentSnapshot],
  ["txid_current_snapshot", currentSnapshot],
  ["pg_xact_status", transactionStatus],
  ["txid_status", transactionStatus],
  ["txid_current_if_assigned", assignedId],
  ["pg_current_xact_id_if_assigned", assignedId],
  ["pg_postmaster_start_time", ({ core }) => core.openedAt],
  ["pg_conf_load_time", ({ core }) => core.openedAt],
  ["pg_table_size", ownSize],
  ["pg_relation_size", ownSize],
  ["pg_indexes_size", indexesSize],
  [
    "pg_total_relation_size",
    (asked, args) => sum([ownSize(asked, args), indexesSize(asked, args)]),
  ],
  ["pg_database_size", databaseSize],
  ["pg_backend_pid", ({ settings }) => settings.objects.processId],
  ["current_query", ({ queryText }) => queryText],
  ["pg_cancel_backend", (asked, args) => stopBackend(asked, args, "cancel")],
  [
    "pg_terminate_backend",
    (asked, args) => stopBackend(asked, args, "terminate"),
  ],
  ["pg_prepared_statement", preparedStatements],
  ["pg_cursor", openCursors],
]);

/**
 * Answers a function by name.
 *
 * @throws {SqlError}
 */
export function sessionFunction(
  asked: SessionAsked,
  name: string,
  args: readonly Nullable[],
): Nullable {
  const answer = ANSWERS.get(name);
  if (answer !== undefined) return answer(asked, args);
  throw new SqlError("42883", `function ${name}() does not exist`);
}

function setConfig(
  { settings, transaction }: SessionAsked,
  [name, value, local]: readonly Nullable[],
): Nullable {
  if (name === null) {
    throw new SqlError("22004", "SET requires parameter name");
  }
  const key = name as string;
  const text = value === null ? undefined : value as string;
  const done = settings.setText(key, text, local === true);
  if (local === true && !settings.inTransaction) {
    transaction.onEnd(() => settings.endLocal(key));
  }
  return done;
}

function setSeed(
  { settings }: SessionAsked,
  [seed]: readonly Nullable[],
): Nullable {
  const value = seed as number;
  if (!(value >= -1 && value <= 1)) {
    throw new SqlError(
      "22023",
      `setseed parameter ${value} is out of allowed range [-1,1]`,
    );
  }
  settings.objects.random = new SeededRandom(value);
  return "";
}

function transactionId({ core, transaction }: SessionAsked): Nullable {
  return core.transactionIds.of(transaction);
}

function assignedId({ core, transaction }: SessionAsked): Nullable {
  return core.transactionIds.assigned(transaction) ?? null;
}

/** All that have a number, but for the one that asks, count as ended. */
function currentSnapshot({ core, transaction }: SessionAsked): Nullable {
  const own = core.transactionIds.assigned(transaction);
  const next = BigInt(own ?? core.transactionIds.next(transaction));
  return snapshotOf({ xmin: next, xmax: next, running: [] });
}

/** What became of a transaction: of those that have ended it is not kept. */
function transactionStatus(
  { core, transaction }: SessionAsked,
  [id]: readonly Nullable[],
): Nullable {
  const number = BigInt(id as number | bigint);
  const own = core.transactionIds.assigned(transaction);
  if (own !== undefined && BigInt(own) === number) return "in progress";
  if (number < BigInt(core.transactionIds.next(transaction))) return null;
  throw new SqlError("22023", `transaction ID ${number} is in the future`);
}

/** Bytes of a row besides its values, and of a value of open length. */
const ROW_BYTES = 24;
const VALUE_BYTES = 32;

/**
 * About how many bytes a table or an index has: its rows, by their number and
 * the types of their columns.
 */
function ownSize(
  { core, transaction }: SessionAsked,
  [which]: readonly Nullable[],
): Nullable {
  const { catalog } = transaction;
  const entry = catalog.relationById((which as RegValue).oid);
  if (entry === undefined) return null;
  if (entry.kind === "view") return 0;
  if (entry.kind === "sequence") return PAGE_BYTES;
  const table = entry.kind === "table"
    ? entry
    : catalog.relationById(entry.tableId);
  if (table?.kind !== "table") return 0;
  const rows = core.access.table(table.accessMethod)
    .estimateRows(table, transaction);
  const columns = entry.kind === "table"
    ? table.columns
    : table.columns.slice(0, entry.columns.length);
  const width = columns.reduce(
    (bytes, { type: { type } }) =>
      bytes + (type.length > 0 ? type.length : VALUE_BYTES),
    ROW_BYTES,
  );
  return Math.ceil(rows * width / PAGE_BYTES) * PAGE_BYTES;
}

const PAGE_BYTES = 8192;

function indexesSize(asked: SessionAsked, args: readonly Nullable[]): Nullable {
  const { catalog } = asked.transaction;
  const id = (args[0] as RegValue).oid;
  if (catalog.relationById(id) === undefined) return null;
  return sum(
    catalog.indexesOf(id).map((index) =>
      ownSize(asked, [new RegValue(index.id, index.name)])
    ),
  );
}

function sum(sizes: readonly Nullable[]): Nullable {
  return sizes.includes(null)
    ? null
    : sizes.reduce((all: number, each) => all + (each as number), 0);
}

function databaseSize(
  asked: SessionAsked,
  [which]: readonly Nullable[],
): Nullable {
  if (typeof which === "string" && which !== "postgres") {
    throw new SqlError("3D000", `database "${which}" does not exist`);
  }
  const { catalog } = asked.transaction;
  return sum(
    Array.from(
      catalog.relations(),
      (entry) => ownSize(asked, [new RegValue(entry.id, entry.name)]),
    ),
  );
}

function stopBackend(
  { core, settings, warn }: SessionAsked,
  [processId]: readonly Nullable[],
  kind: StopKind,
): Nullable {
  const number = processId as number;
  const { processId: own } = settings.objects;
  const found = core.backends.stop(number, own, kind);
  if (!found) warn(`PID ${number} is not a PostgreSQL backend process`);
  return found;
}

function sendNotification(
  { settings, transaction }: SessionAsked,
  [channel, payload]: readonly Nullable[],
): Nullable {
  notify(transaction.checks.notifications, {
    channel: (channel ?? "") as string,
    payload: (payload ?? "") as string,
    processId: settings.objects.processId,
  });
  return "";
}

function preparedStatements({ settings }: SessionAsked): Nullable {
  const { statements } = settings.objects;
  return JSON.stringify(
    Array.from(statements.all(), (each) => [
      each.name,
      each.text,
      timestamptz.output(each.preparedAt),
      typesText(each.parameterTypes),
      each.fields.length === 0
        ? null
        : typesText(each.fields.map((field: ResultField) => field.type)),
      each.fromSql ? "t" : "f",
      String(each.choices.genericPlans),
      String(each.choices.customPlans),
    ]),
  );
}

/** The text of an array of types. */
function typesText(types: readonly TypeRef[]): string {
  const names = types.map(({ type }) =>
    `"${type.displayName.replaceAll(/["\\]/g, "\\$&")}"`
  );
  return `{${names.join(",")}}`;
}

function openCursors({ settings }: SessionAsked): Nullable {
  const shown = (value: boolean): string => value ? "t" : "f";
  return JSON.stringify(
    Array.from(settings.objects.cursors.all(), ({ definition }) => [
      definition.name,
      definition.text,
      shown(definition.hold),
      shown(definition.binary),
      shown(definition.scroll),
      timestamptz.output(definition.declaredAt),
    ]),
  );
}
