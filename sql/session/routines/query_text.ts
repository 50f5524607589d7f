/**
 * A query that a function is given as text, run in the statement around it:
 * what `crosstab` asks for.
 *
 * @module
 */
import { valueAt } from "../../chunk/chunk.ts";
import { SqlError } from "../../errors/sql_error.ts";
import { bytesOf, forEachRow } from "../../executor/column_tools.ts";
import type { QueryRows } from "../../functions/definition.ts";
import { parse } from "../../parser/parser.ts";
import type { Nullable } from "../../types/data_type.ts";
import { evaluateSimple, prepareBody, runPlan } from "./body_statement.ts";
import { wait, type Work } from "./drive.ts";
import type { RoutineSession } from "./routine_session.ts";

/**
 * Runs a query, which may only read.
 *
 * @throws {SqlError} `0A000` for what is no query, `53200` for too many rows.
 */
export function* queryText(
  session: RoutineSession,
  text: string,
): Work<QueryRows> {
  const [parsed, ...others] = parse(text);
  if (parsed === undefined || others.length > 0) {
    throw new SqlError("42601", "one query is expected");
  }
  const prepared = prepareBody(session, parsed.syntax, {
    variables: undefined,
    parameterTypes: [],
  });
  const { bound, plan, simple, fields } = prepared;
  if (bound.kind !== "select") {
    const word = parsed.text.trim().split(/\s/)[0]!.toUpperCase();
    throw new SqlError(
      "0A000",
      `${word} is not allowed in a non-volatile function`,
    );
  }
  const { context } = session;
  if (simple !== undefined) {
    return { fields, rows: [[evaluateSimple(simple, context, [])]] };
  }
  const rows: Nullable[][] = [];
  const { memoryBytesMax } = context.settings;
  let bytes = 0;
  yield* wait(runPlan(plan!, context, [], (chunk) => {
    forEachRow(chunk.selection, chunk.rowCount, (row) => {
      const values = chunk.columns.slice(0, fields.length).map((column) =>
        valueAt(column, row)
      );
      for (const value of values) bytes += 16 + bytesOf(value);
      if (bytes > memoryBytesMax) throw tooMany(memoryBytesMax);
      rows.push(values);
    });
    return false;
  }));
  return { fields, rows };
}

function tooMany(max: number): SqlError {
  return new SqlError("53200", "out of memory", {
    detail: `The rows of a query hold more than ${max} bytes.`,
  });
}
