/**
 * The function of a trigger in PL/pgSQL: what it is told, and the row it gives.
 *
 * @module
 */
import { tableRowType } from "../../../analyzer/table_row_type.ts";
import type { RoutineEntry } from "../../../catalog/routine_entry.ts";
import { SqlError } from "../../../errors/sql_error.ts";
import type { TriggerFiring } from "../../../executor/triggers/trigger_firing.ts";
import { SqlArray } from "../../../types/array/array_value.ts";
import type { Nullable } from "../../../types/data_type.ts";
import { isRowType } from "../../../types/row/row_type.ts";
import type { SqlRow } from "../../../types/row/row_value.ts";
import type { Work } from "../drive.ts";
import type { RoutineSession } from "../routine_session.ts";
import { variableCast } from "../value_cast.ts";
import { PlpgsqlFrame, type TypedValue } from "./plpgsql_frame.ts";
import { PlpgsqlInterpreter } from "./plpgsql_interpreter.ts";
import { plpgsqlRoutine } from "./run_plpgsql.ts";
import { triggerVariables } from "./trigger_variables.ts";

/** Runs the function of a trigger; the row it returns, or NULL. */
export function* runPlpgsqlTrigger(
  session: RoutineSession,
  entry: RoutineEntry,
  firing: TriggerFiring,
): Work<SqlRow | null> {
  const key = `trigger ${firing.trigger.id}`;
  const routine = plpgsqlRoutine(
    session,
    entry,
    key,
    () => triggerVariables(undefined),
  );
  const { names, cache, block } = routine;
  const frame = new PlpgsqlFrame(session, names, cache);
  tell(frame, firing);
  let result: TypedValue | undefined;
  const refuse = (): never => {
    throw new SqlError(
      "42804",
      "cannot use RETURN NEXT in a non-SETOF function",
    );
  };
  const interpreter = new PlpgsqlInterpreter(frame, {
    done: (value) => {
      result = value;
    },
    next: refuse,
    rows: refuse,
  });
  const signal = yield* interpreter.block(block);
  if (signal?.kind !== "return") {
    throw new SqlError(
      "2F005",
      "control reached end of trigger procedure without RETURN",
    );
  }
  return rowOf(frame, firing, result);
}

/** Sets the variables. */
function tell(
  frame: PlpgsqlFrame,
  { trigger, table, event, before, after }: TriggerFiring,
): void {
  const { slots } = frame.names.root;
  const { fields } = tableRowType(table);
  for (const [name, row] of [["new", after], ["old", before]] as const) {
    const slot = slots.get(name)!;
    if (row === undefined) {
      frame.setShape(slot, fields);
      frame.values[slot.index] = null;
    } else frame.set(slot, row);
  }
  const facts: readonly (readonly [string, Nullable])[] = [
    ["tg_name", trigger.name],
    [
      "tg_when",
      trigger.timing === "instead"
        ? "INSTEAD OF"
        : trigger.timing.toUpperCase(),
    ],
    ["tg_level", trigger.forEachRow ? "ROW" : "STATEMENT"],
    ["tg_op", event.toUpperCase()],
    ["tg_relid", table.id],
    ["tg_relname", table.name],
    ["tg_table_name", table.name],
    ["tg_table_schema", table.schema],
    ["tg_nargs", trigger.args.length],
    [
      "tg_argv",
      trigger.args.length === 0 ? SqlArray.EMPTY : SqlArray.of(trigger.args, 0),
    ],
    ["found", false],
  ];
  for (const [name, value] of facts) {
    frame.values[slots.get(name)!.index] = value;
  }
}

/** What RETURN gave, as a row of the table. */
function rowOf(
  frame: PlpgsqlFrame,
  { table, trigger }: TriggerFiring,
  result: TypedValue | undefined,
): SqlRow | null {
  const value = result?.value ?? null;
  if (value === null || !trigger.forEachRow) return null;
  if (!isRowType(result!.type.type)) {
    throw new SqlError(
      "42804",
      "cannot return non-composite value from function returning composite type",
    );
  }
  const { fields } = tableRowType(table);
  const row = value as SqlRow;
  if (row.fields === fields) return row;
  if (row.fields.length !== fields!.length) {
    throw new SqlError(
      "42804",
      "returned row structure does not match the structure of the triggering table",
      {
        detail:
          `Number of returned columns (${row.fields.length}) does not match expected column count (${
            fields!.length
          }).`,
      },
    );
  }
  const { analyzeOptions } = frame.session;
  const type = {
    type: tableRowType(table, analyzeOptions.types),
    typmod: -1,
  };
  const cast = variableCast(analyzeOptions, result!.type, type);
  return (cast === undefined ? row : cast(row, frame.environment)) as SqlRow;
}
