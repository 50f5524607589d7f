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
import { timestamptz } from "../types/temporal_types.ts";
import type { DatabaseCore } from "./database_core.ts";
import { notify } from "./notifications/session_notifications.ts";
import type { Settings } from "./settings.ts";

/** What a function asks of. */
export interface SessionAsked {
  readonly core: DatabaseCore;
  readonly settings: Settings;
  readonly transaction: Transaction;
}

type Answer = (asked: SessionAsked, args: readonly Nullable[]) => Nullable;

const ANSWERS: ReadonlyMap<string, Answer> = new Map<string, Answer>([
  ["pg_notify", sendNotification],
  [
    "pg_listening_channels",
    ({ settings }) => JSON.stringify(settings.objects.notifications.channels),
  ],
  ["set_config", setConfig],
  ["pg_backend_pid", ({ settings }) => settings.objects.processId],
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
      "t",
      "0",
      "0",
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
