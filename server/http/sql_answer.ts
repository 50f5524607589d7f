/**
 * The answer to one statement:
 *
 * ```json
 * {
 *   "fields": [{ "name": "n", "type": "int4" }],
 *   "rows": [{ "n": 1 }],
 *   "row_count": 1,
 *   "command": "SELECT 1"
 * }
 * ```
 *
 * It is made of the rows as they come, and given up when it gets too long.
 *
 * @module
 */
import { type RowMode, type ScriptStatement, SqlError } from "../../mod.ts";
import { jsonFields } from "./json_values.ts";
import {
  arrayField,
  type JsonObject,
  textField,
  wordField,
} from "./request_body.ts";
import type { RequestSession } from "./request_session.ts";

/** A statement as a client gives it. */
export interface SqlRequest {
  readonly sql: string;
  readonly params: readonly unknown[];
  readonly rowMode: RowMode;
}

/** The fields of a body that are a statement. */
export const SQL_FIELDS: readonly string[] = ["sql", "params", "row_mode"];

/** What a body asks for. @throws {HttpError} */
export function sqlRequest(body: JsonObject): SqlRequest {
  return {
    sql: textField(body, "sql"),
    params: arrayField(body, "params"),
    rowMode: wordField(body, "row_mode", ["object", "array"]) ?? "object",
  };
}

/** How many characters answers may still have. */
export class AnswerBudget {
  #left: number;
  readonly #max: number;

  /** So many. */
  constructor(max: number) {
    this.#left = max;
    this.#max = max;
  }

  /** @throws {SqlError} `54000` when there are no more. */
  take(characters: number): void {
    this.#left -= characters;
    if (this.#left >= 0) return;
    throw new SqlError(
      "54000",
      `the answer is longer than ${this.#max} characters`,
      {
        hint: 'Ask for its rows as they come: "accept: application/x-ndjson".',
      },
    );
  }
}

/**
 * Runs a statement; its answer, as JSON's text.
 *
 * @throws {SqlError}
 */
export async function sqlAnswer(
  session: RequestSession,
  statement: ScriptStatement,
  { params, rowMode }: SqlRequest,
  budget: AnswerBudget,
): Promise<string> {
  if (statement.kind !== "select") {
    const { rows, fields, affectedRows, command } = await session.run(
      statement,
      params,
      { rowMode },
    );
    return JSON.stringify({
      fields: jsonFields(fields),
      rows,
      "row_count": affectedRows,
      command,
    });
  }
  const fields = jsonFields(session.describe(statement).fields ?? []);
  const rows: string[] = [];
  for await (const some of session.rows(statement, params, { rowMode })) {
    for (const row of some) {
      const text = JSON.stringify(row);
      budget.take(text.length + 1);
      rows.push(text);
    }
  }
  const head = JSON.stringify(fields);
  const count = rows.length;
  return `{"fields":${head},"rows":[${rows.join()}],"row_count":${count},` +
    `"command":"SELECT ${count}"}`;
}
