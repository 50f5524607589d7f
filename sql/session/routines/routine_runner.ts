/**
 * What calls of routines do: the language's interpreter, under the routine's own
 * settings, and its results as a value or as rows.
 *
 * @module
 */
import { type MaybePromise, then } from "../../../base/maybe_promise.ts";
import type { RoutineEntry } from "../../catalog/routine_entry.ts";
import { SqlError } from "../../errors/sql_error.ts";
import { bytesOf } from "../../executor/column_tools.ts";
import type {
  QueryRows,
  RoutineAccess,
  RoutineCall,
} from "../../functions/definition.ts";
import {
  rowsSource,
  type SetColumn,
  type SetSource,
} from "../../functions/sets/set_source.ts";
import type { Nullable } from "../../types/data_type.ts";
import { isRowType, record } from "../../types/row/row_type.ts";
import type { SqlRow } from "../../types/row/row_value.ts";
import { drive, type Work } from "./drive.ts";
import { runPlpgsql } from "./plpgsql/run_plpgsql.ts";
import { queryText } from "./query_text.ts";
import { columnsOfRow } from "./result_shape.ts";
import { asStackDepth, type RoutineSession } from "./routine_session.ts";
import { runSqlRoutine } from "./sql_routine.ts";

/** Runs a session's routines. */
export class RoutineRunner implements RoutineAccess {
  readonly #session: RoutineSession;

  /** For what runs in `session`. */
  constructor(session: RoutineSession) {
    this.#session = session;
  }

  /** The value that a call gives: that of its first result. */
  value(call: RoutineCall, args: readonly Nullable[]): MaybePromise<Nullable> {
    let result: Nullable = null;
    const done = this.#run(call, args, (value) => {
      result = value;
      return true;
    });
    return then(done, () => result);
  }

  /** The rows that a call gives: as many as it has results. */
  rows(
    call: RoutineCall,
    args: readonly Nullable[],
    columns: readonly SetColumn[],
  ): MaybePromise<SetSource> {
    const entry = call.entry as RoutineEntry;
    const rows: (readonly Nullable[])[] = [];
    const isRow = call.columns !== undefined && isRowType(call.returnType.type);
    const { memoryBytesMax } = this.#session.context.settings;
    let bytes = 0;
    const isOpen = call.returnType.type === record && isRow;
    const wanted = isOpen ? { ...call, columns } : call;
    const done = this.#run(wanted, args, (value) => {
      const row = isRow ? columnsOfRow(value, columns.length) : [value];
      if (isRow && rows.length === 0) requireColumns(value, columns);
      for (const item of row) bytes += 16 + bytesOf(item);
      if (bytes > memoryBytesMax) throw outOfMemory(memoryBytesMax);
      rows.push(row);
      return !entry.returnsSet;
    });
    return then(done, () => {
      if (!entry.returnsSet && rows.length === 0) {
        rows.push(columns.map(() => null));
      }
      return rowsSource(rows);
    });
  }

  /** How many triggers fire now, one within another. */
  get triggerDepth(): number {
    return this.#session.triggerDepth;
  }

  /** The rows of a query that a function is given as text. */
  query(text: string): MaybePromise<QueryRows> {
    return caught(() => drive(this.#query(text)));
  }

  *#query(text: string): Work<QueryRows> {
    const session = this.#session;
    session.enter();
    try {
      return yield* queryText(session, text);
    } finally {
      session.leave();
    }
  }

  /** The rows of a transition table of the trigger that fires. */
  transition(name: string): SetSource {
    return rowsSource(this.#session.transition(name));
  }

  #run(
    call: RoutineCall,
    args: readonly Nullable[],
    take: (result: Nullable) => boolean,
  ): MaybePromise<void> {
    return caught(() => drive(this.#work(call, args, take)));
  }

  *#work(
    call: RoutineCall,
    args: readonly Nullable[],
    take: (result: Nullable) => boolean,
  ): Work<void> {
    const session = this.#session;
    const entry = call.entry as RoutineEntry;
    const isAtomic = entry.routine !== "procedure" ||
      entry.language === "sql" || entry.config.length > 0;
    session.enter(isAtomic);
    try {
      const own = session.forRoutine(entry.config);
      yield* entry.language === "sql"
        ? runSqlRoutine(own, call, args, take)
        : runPlpgsql(own, call, args, take);
    } finally {
      session.leave(isAtomic);
    }
  }
}

/** What work gives; its errors are such of SQL. */
function caught<T>(work: () => MaybePromise<T>): MaybePromise<T> {
  try {
    const done = work();
    return done instanceof Promise
      ? done.catch((error) => {
        throw asStackDepth(error);
      })
      : done;
  } catch (error) {
    throw asStackDepth(error);
  }
}

function outOfMemory(max: number): SqlError {
  return new SqlError("53200", "out of memory", {
    detail: `The rows of a function hold more than ${max} bytes.`,
  });
}

/** @throws {SqlError} `42804` where a query wants other columns. */
function requireColumns(value: Nullable, columns: readonly SetColumn[]): void {
  if (value === null) return;
  const { fields } = value as SqlRow;
  const message =
    "function return row and query-specified return row do not match";
  if (fields.length !== columns.length) {
    const noun = fields.length === 1 ? "attribute" : "attributes";
    throw new SqlError("42804", message, {
      detail:
        `Returned row contains ${fields.length} ${noun}, but query expects ${columns.length}.`,
    });
  }
  columns.forEach(({ type }, i) => {
    const { type: given } = fields[i]!;
    if (given.type === type.type) return;
    throw new SqlError("42804", message, {
      detail: `Returned type ${given.type.displayName} at ordinal position ${
        i + 1
      }, but query expects ${type.type.displayName}.`,
    });
  });
}
