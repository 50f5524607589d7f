/**
 * Statements that change what the session has.
 *
 * @module
 */
import { unreachable } from "../../base/invariant.ts";
import type { MaybePromise } from "../../base/maybe_promise.ts";
import { analyze } from "../analyzer/analyzer.ts";
import { bindParameterTypes } from "../analyzer/bind_execute.ts";
import type { BoundSession } from "../analyzer/bound_tree.ts";
import { fetchRows } from "./cursors/run_cursor.ts";
import { SqlError } from "../errors/sql_error.ts";
import { discardTemporary } from "../executor/temporary_tables.ts";
import { notify } from "./notifications/session_notifications.ts";
import type {
  DiscardSyntax,
  ListenSyntax,
  NotifySyntax,
  PrepareSyntax,
  UnlistenSyntax,
} from "../parser/syntax.ts";
import { analysisOptions } from "./execution_context.ts";
import type { DatabaseCore } from "./database_core.ts";
import { PlanChoices } from "./plan_choices.ts";
import { type QueryResult, tagOnly } from "./result.ts";
import type { RunRequest } from "./run_options.ts";
import type { Settings } from "./settings.ts";

/** What a statement runs with. */
export interface SessionRun {
  readonly core: DatabaseCore;
  readonly settings: Settings;
  readonly request: RunRequest;
  /** The statement's text. */
  readonly text: string;
}

/**
 * Runs a statement.
 *
 * @throws {SqlError}
 */
export function runSession(
  run: SessionRun,
  syntax: BoundSession["syntax"],
): MaybePromise<QueryResult<unknown>> {
  const { statements, cursors } = run.settings.objects;
  switch (syntax.kind) {
    case "prepare":
      return prepare(run, syntax);
    case "deallocate":
      if (syntax.name === undefined) {
        statements.clear();
        return tagOnly("DEALLOCATE ALL");
      }
      statements.remove(syntax.name);
      return tagOnly("DEALLOCATE");
    case "fetch":
      return fetchRows(run.core, run.settings, syntax, run.request);
    case "close_cursor":
      if (syntax.name === undefined) {
        cursors.closeAll();
        return tagOnly("CLOSE CURSOR ALL");
      }
      cursors.close(syntax.name);
      return tagOnly("CLOSE CURSOR");
    case "listen":
    case "unlisten":
    case "notify":
      return runNotification(run, syntax);
    case "discard":
      return runDiscard(run, syntax);
    default:
      return unreachable(syntax);
  }
}

/** LISTEN, UNLISTEN and NOTIFY, which take effect at COMMIT. */
function runNotification(
  { core, settings, request }: SessionRun,
  syntax: ListenSyntax | UnlistenSyntax | NotifySyntax,
): QueryResult<unknown> {
  const { notifications, processId } = settings.objects;
  const pending = request.transaction.checks.notifications;
  switch (syntax.kind) {
    case "listen":
      notifications.listen(core.notifications, pending, syntax.channel);
      return tagOnly("LISTEN");
    case "unlisten":
      notifications.unlisten(pending, syntax.channel);
      return tagOnly("UNLISTEN");
    case "notify":
      notify(pending, { ...syntax, processId });
      return tagOnly("NOTIFY");
  }
}

/** DISCARD: what the session has, as it was at the start. */
function runDiscard(
  { core, settings, request }: SessionRun,
  { target }: DiscardSyntax,
): QueryResult<unknown> {
  const { statements, cursors, notifications } = settings.objects;
  const tag = `DISCARD ${target.toUpperCase()}`;
  switch (target) {
    case "temp":
      discardTemporary(request.transaction);
      break;
    case "plans":
      core.plans.clear();
      break;
    case "sequences":
      settings.drawn.forget();
      break;
    case "all":
      if (settings.inTransaction) {
        throw new SqlError(
          "25001",
          "DISCARD ALL cannot run inside a transaction block",
        );
      }
      cursors.closeAll();
      statements.clear();
      settings.resetAll();
      notifications.unlisten(
        request.transaction.checks.notifications,
        undefined,
      );
      core.releaseLocks(settings);
      discardTemporary(request.transaction);
      settings.drawn.forget();
      break;
  }
  return tagOnly(tag);
}

function prepare(
  { core, settings, request, text }: SessionRun,
  { name, types, statement }: PrepareSyntax,
): QueryResult<unknown> {
  const { statements } = settings.objects;
  const options = analysisOptions(core, settings, request.transaction);
  const bound = analyze(statement, {
    ...options,
    parameterTypes: bindParameterTypes(types, options),
  });
  statements.add({
    name,
    text,
    fromSql: true,
    syntax: statement,
    parameterTypes: bound.parameterTypes,
    fields: "fields" in bound ? bound.fields : [],
    choices: new PlanChoices(),
    preparedAt: request.transaction.startedAt,
  });
  return tagOnly("PREPARE");
}
