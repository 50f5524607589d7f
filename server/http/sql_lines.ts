/**
 * The answer to one statement as lines of JSON (`application/x-ndjson`), sent
 * while the statement runs, and no faster than the client reads:
 *
 * ```text
 * {"fields":[{"name":"n","type":"int4"}]}
 * {"row":{"n":1}}
 * {"row":{"n":2}}
 * {"done":{"row_count":2,"command":"SELECT 2"}}
 * ```
 *
 * The last line says `done`, or `error`: an answer without either was cut off.
 *
 * @module
 */
import type { ScriptStatement } from "../../mod.ts";
import { errorFields } from "./http_error.ts";
import { jsonFields } from "./json_values.ts";
import type { RequestSession } from "./request_session.ts";
import type { SqlRequest } from "./sql_answer.ts";

/** The last line of an answer that was stopped. */
export const STOPPED: string = `${
  JSON.stringify({
    error: {
      code: "57014",
      message: "canceling statement due to user request",
    },
  })
}\n`;

/** Characters that go out together, about. */
const PIECE_CHARACTERS = 32 * 1024;

/**
 * The lines of an answer, many at a time; the first are there once the
 * statement runs. What goes wrong later is in the last line.
 *
 * @throws {SqlError} what is wrong before the first row.
 */
export async function* sqlLines(
  session: RequestSession,
  statement: ScriptStatement,
  request: SqlRequest,
): AsyncGenerator<string, void, void> {
  const { fields, rows, command } = await begin(session, statement, request);
  yield `${JSON.stringify({ fields: jsonFields(fields) })}\n`;
  let rowCount = 0;
  let piece = "";
  try {
    for await (const some of rows) {
      for (const row of some) {
        piece += `{"row":${JSON.stringify(row)}}\n`;
        rowCount++;
        if (piece.length < PIECE_CHARACTERS) continue;
        yield piece;
        piece = "";
      }
    }
  } catch (error) {
    yield `${piece}${JSON.stringify({ error: errorFields(error) })}\n`;
    return;
  }
  const done = {
    "row_count": rowCount,
    command: command ?? `SELECT ${rowCount}`,
  };
  yield `${piece}${JSON.stringify({ done })}\n`;
}

interface Begun {
  readonly fields: Parameters<typeof jsonFields>[0];
  readonly rows: AsyncIterable<unknown[]>;
  /** What it was; absent: a query, whose rows are counted. */
  readonly command: string | undefined;
}

/** Runs a query up to its first rows, anything else to its end. */
async function begin(
  session: RequestSession,
  statement: ScriptStatement,
  { params, rowMode }: SqlRequest,
): Promise<Begun> {
  if (statement.kind !== "select") {
    const { rows, fields, command } = await session.run(statement, params, {
      rowMode,
    });
    return { fields, rows: all(rows), command };
  }
  const fields = session.describe(statement).fields ?? [];
  const rows = session.rows(statement, params, { rowMode });
  const first = await rows.next();
  return { fields, rows: from(first, rows), command: undefined };
}

async function* all(rows: unknown[]): AsyncGenerator<unknown[]> {
  yield await Promise.resolve(rows);
}

async function* from(
  first: IteratorResult<unknown[]>,
  rows: AsyncGenerator<unknown[]>,
): AsyncGenerator<unknown[]> {
  try {
    if (first.done) return;
    yield first.value;
    yield* rows;
  } finally {
    await rows.return(undefined);
  }
}
