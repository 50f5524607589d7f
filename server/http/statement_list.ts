/**
 * `POST /v1/query` with several statements: one transaction.
 *
 * ```text
 * {"statements":[{"sql":"UPDATE a SET n = n - $1","params":[5]},"SELECT 1"],
 *  "isolation":"serializable","read_only":false}
 * {"results":[{"fields":[],"rows":[],"row_count":1,"command":"UPDATE 1"},…]}
 * ```
 *
 * An error undoes them all, and says at which it was (`statement`, from 0).
 *
 * @module
 */
import { SqlError } from "../../mod.ts";
import { invalidBody, StatementError } from "./http_error.ts";
import {
  booleanField,
  isObject,
  type JsonObject,
  refuseOthers,
  wordField,
} from "./request_body.ts";
import type { RequestSession } from "./request_session.ts";
import {
  type AnswerBudget,
  SQL_FIELDS,
  sqlAnswer,
  type SqlRequest,
  sqlRequest,
} from "./sql_answer.ts";

/** Statements of a request at most. */
const STATEMENTS_MAX = 1000;

/** Statements that end or begin what is the request's to begin and to end. */
const CONTROL: ReadonlySet<string> = new Set(["begin", "commit", "rollback"]);

const ISOLATIONS = [
  "read committed",
  "repeatable read",
  "serializable",
] as const;

/**
 * Runs the statements of a body; the answer, as JSON's text.
 *
 * @throws {StatementError} @throws {HttpError}
 */
export async function runStatements(
  session: RequestSession,
  body: JsonObject,
  budget: AnswerBudget,
): Promise<string> {
  refuseOthers(body, ["statements", "isolation", "read_only"]);
  const requests = requestsOf(body["statements"]);
  await session.query(beginText(body), []);
  const answers: string[] = [];
  try {
    for (const [index, request] of requests.entries()) {
      answers.push(await runOne(session, request, index, budget));
    }
    await session.query("COMMIT", []);
  } catch (error) {
    await session.query("ROLLBACK", []);
    throw error;
  }
  return `{"results":[${answers.join()}]}`;
}

function beginText(body: JsonObject): string {
  const isolation = wordField(body, "isolation", ISOLATIONS);
  const readOnly = booleanField(body, "read_only");
  return [
    "BEGIN",
    isolation === undefined ? "" : `ISOLATION LEVEL ${isolation}`,
    readOnly === undefined ? "" : readOnly ? "READ ONLY" : "READ WRITE",
  ].join(" ");
}

async function runOne(
  session: RequestSession,
  request: SqlRequest,
  index: number,
  budget: AnswerBudget,
): Promise<string> {
  try {
    const statement = session.statement(request.sql);
    if (CONTROL.has(statement.kind)) {
      throw new SqlError(
        "25001",
        "the transaction of a request is begun and ended with it",
      );
    }
    return await sqlAnswer(session, statement, request, budget);
  } catch (error) {
    throw new StatementError(error, request.sql, index);
  }
}

function requestsOf(given: unknown): SqlRequest[] {
  if (!Array.isArray(given) || given.length > STATEMENTS_MAX) {
    throw invalidBody(
      `"statements" has to be an array of at most ${STATEMENTS_MAX}`,
    );
  }
  return given.map((each) => {
    if (typeof each === "string") return sqlRequest({ sql: each });
    if (!isObject(each)) {
      throw invalidBody("a statement has to be a text or an object");
    }
    refuseOthers(each, SQL_FIELDS);
    return sqlRequest(each);
  });
}
