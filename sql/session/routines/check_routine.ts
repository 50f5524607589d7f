/**
 * The body of a routine that was made or changed, looked at before anybody calls
 * it: `check_function_bodies`.
 *
 * @module
 */
import {
  storedType,
  type TypeSource,
} from "../../analyzer/routines/stored_type.ts";
import {
  isInput,
  outputsOf,
  type RoutineEntry,
} from "../../catalog/routine_entry.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { RoutineCall } from "../../functions/definition.ts";
import { isPolymorphic } from "../../functions/polymorphism.ts";
import { triggerType } from "../../types/pseudo_types.ts";
import { record, rowType } from "../../types/row/row_type.ts";
import { executionContext } from "../execution_context.ts";
import type { DatabaseCore } from "../database_core.ts";
import type { RunRequest } from "../run_options.ts";
import type { Settings } from "../settings.ts";
import { checkPlpgsql } from "./plpgsql/check_plpgsql.ts";
import { RoutineSession } from "./routine_session.ts";
import { checkSqlRoutine } from "./sql_routine.ts";

/** @throws {SqlError} when the body is wrong. */
export function checkRoutine(
  core: DatabaseCore,
  settings: Settings,
  request: RunRequest,
  entry: RoutineEntry,
): void {
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
  if (entry.language === "plpgsql") return checkPlpgsql(session, entry);
  const call = declaredCall(session.analyzeOptions, entry);
  if (call === undefined) return;
  if (call.returnType.type === triggerType) {
    throw new SqlError("42P13", "SQL functions cannot return type trigger");
  }
  checkSqlRoutine(session, call);
}

/** The call with the types of the declaration; none of a polymorphic one. */
export function declaredCall(
  source: TypeSource,
  entry: RoutineEntry,
): RoutineCall | undefined {
  const inputs = entry.routine === "procedure"
    ? entry.parameters.filter(({ mode }) => mode !== "table")
    : entry.parameters.filter(isInput);
  const argumentTypes = inputs.map(({ type }) => storedType(source, type).type);
  const outputs = outputsOf(entry).map(({ name, type }, i) => ({
    name: name === "" ? `column${i + 1}` : name,
    type: storedType(source, type),
  }));
  const returns = storedType(source, entry.returns);
  const all = [...argumentTypes, returns.type];
  if (all.some(isPolymorphic)) return undefined;
  const names = { oid: 2249, name: "record", displayName: "record" };
  return {
    entry,
    argumentTypes,
    returnType: returns.type === record && outputs.length > 0
      ? { type: rowType(names, outputs), typmod: -1 }
      : returns,
    columns: undefined,
    waits: true,
  };
}
