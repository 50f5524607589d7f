/**
 * DO: a block of PL/pgSQL that is run once and kept nowhere.
 *
 * @module
 */
import type { BoundDo } from "../../analyzer/routines/bound_routine.ts";
import { SqlError } from "../../errors/sql_error.ts";
import { executionContext } from "../execution_context.ts";
import type { DatabaseCore } from "../database_core.ts";
import { type QueryResult, tagOnly } from "../result.ts";
import type { RunRequest } from "../run_options.ts";
import type { Settings } from "../settings.ts";
import { drive } from "./drive.ts";
import { runPlpgsqlBlock } from "./plpgsql/run_plpgsql.ts";
import { asStackDepth, RoutineSession } from "./routine_session.ts";

/** Runs a block. */
export async function runDo(
  core: DatabaseCore,
  settings: Settings,
  { language, body }: BoundDo,
  request: RunRequest,
): Promise<QueryResult<unknown>> {
  if (language !== "plpgsql") {
    throw language === "sql"
      ? new SqlError(
        "0A000",
        `language "${language}" does not support inline code execution`,
      )
      : new SqlError("42704", `language "${language}" does not exist`);
  }
  const facts = { text: "", bound: { parameterTypes: [] } };
  const plain = { ...request, parameters: [] };
  const context = executionContext(core, settings, facts, plain);
  const session = new RoutineSession({
    core,
    settings,
    request: plain,
    context,
    contextUnder: () => context,
  });
  try {
    await drive(runPlpgsqlBlock(session, body));
  } catch (error) {
    throw asStackDepth(error);
  }
  return tagOnly("DO");
}
