/**
 * Firing triggers: WHEN is looked at, then the function is called.
 *
 * @module
 */
import { isPromise, type MaybePromise } from "../../../base/maybe_promise.ts";
import type { BoundExpression } from "../../analyzer/bound_expression.ts";
import { Coercer } from "../../analyzer/coerce.ts";
import { NOTHING_NESTED } from "../../analyzer/constraints/table_rules.ts";
import { ExpressionBinder } from "../../analyzer/expression_binder.ts";
import {
  OLD_RELATION,
  whenScope,
} from "../../analyzer/routines/bind_trigger.ts";
import { StatementState } from "../../analyzer/statement_state.ts";
import { parseStored } from "../../analyzer/stored_expression.ts";
import type { TriggerEntry } from "../../catalog/entries.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type {
  FireTrigger,
  TriggerFiring,
} from "../../executor/triggers/trigger_firing.ts";
import { evaluate } from "../../planner/evaluate.ts";
import type { Nullable } from "../../types/data_type.ts";
import type { SqlRow } from "../../types/row/row_value.ts";
import { drive, type Work } from "./drive.ts";
import { runPlpgsqlTrigger } from "./plpgsql/run_trigger.ts";
import { asStackDepth, type RoutineSession } from "./routine_session.ts";

const conditions = new WeakMap<TriggerEntry, BoundExpression>();

/** Fires a trigger of the statement that runs in `session`. */
export function fireTrigger(
  session: RoutineSession,
  firing: TriggerFiring,
): ReturnType<FireTrigger> {
  try {
    if (!isWanted(session, firing)) return "skipped";
    const done: MaybePromise<SqlRow | null> = drive(fire(session, firing));
    return isPromise(done)
      ? done.catch((error) => {
        throw asStackDepth(error);
      })
      : done;
  } catch (error) {
    throw asStackDepth(error);
  }
}

/** Whether WHEN holds. */
function isWanted(
  session: RoutineSession,
  { trigger, table, before, after }: TriggerFiring,
): boolean {
  if (trigger.whenSql === undefined) return true;
  let condition = conditions.get(trigger);
  if (condition === undefined) {
    const state = new StatementState(session.analyzeOptions, NOTHING_NESTED);
    const coercer = new Coercer(state);
    const place = "trigger WHEN conditions";
    const scope = whenScope(table);
    condition = new ExpressionBinder({ state, coercer, scope, place })
      .bind(parseStored(trigger.whenSql));
    conditions.set(trigger, condition);
  }
  const holds = evaluate(condition, {
    parameters: [],
    functions: session.context.functions,
    inputContext: session.inputContext,
    column: ({ relation, column }): Nullable =>
      (relation === OLD_RELATION ? before : after)?.values[column] ?? null,
  });
  return holds === true;
}

function* fire(
  session: RoutineSession,
  firing: TriggerFiring,
): Work<SqlRow | null> {
  const { trigger } = firing;
  const entry = session.transaction.catalog.byId(trigger.routineId);
  if (entry?.kind !== "routine" || entry.language !== "plpgsql") {
    throw new SqlError(
      "42883",
      `the function of trigger "${trigger.name}" does not exist`,
    );
  }
  session.enter();
  const leave = session.reading(firing);
  try {
    const own = session.forRoutine(entry.config);
    return yield* runPlpgsqlTrigger(own, entry, firing);
  } finally {
    leave();
    session.leave();
  }
}
