/**
 * What requests ask for, by the last part of their path, and how each runs.
 *
 * @module
 */
import type { Database, Environment } from "../../mod.ts";
import { deleteDocuments, lookUpDocuments } from "./document_requests.ts";
import { StatementError } from "./http_error.ts";
import { insertDocuments } from "./insert_documents.ts";
import { lineStream } from "./line_stream.ts";
import { integerField, type JsonObject, refuseOthers } from "./request_body.ts";
import { RequestSession } from "./request_session.ts";
import { RequestStop } from "./request_stop.ts";
import { searchDocuments } from "./search_documents.ts";
import {
  AnswerBudget,
  SQL_FIELDS,
  sqlAnswer,
  type SqlRequest,
  sqlRequest,
} from "./sql_answer.ts";
import { sqlLines, STOPPED } from "./sql_lines.ts";
import { runStatements } from "./statement_list.ts";

/** What requests have in common. */
export interface RequestHost {
  readonly db: Database;
  readonly environment: Environment;
  readonly bodyBytesMax: number;
  readonly bodyTimeoutMs: number;
  readonly answerCharactersMax: number;
  readonly statementTimeoutMs: number;
  readonly streamIdleMs: number;
  /** Ends what is under way. */
  readonly signal: AbortSignal | undefined;
}

/** One request, by somebody who may ask. */
export interface ApiRequest {
  readonly request: Request;
  readonly user: string | undefined;
  readonly body: JsonObject;
  /** Says that the answer is a stream; what it gives says that it has ended. */
  readonly stream: () => () => void;
}

/** Answers a request. @throws {SqlError} @throws {HttpError} */
export type Answer = (
  host: RequestHost,
  request: ApiRequest,
) => Promise<Response>;

/** What answers the requests of a name, if there is one. */
export function answerRequest(name: string): Answer | undefined {
  return Object.hasOwn(ANSWERS, name) ? ANSWERS[name] : undefined;
}

const ANSWERS: Readonly<Record<string, Answer>> = {
  insert: withSession(insertDocuments),
  search: withSession(searchDocuments),
  delete: withSession(deleteDocuments),
  query: answerQuery,
  flush: answerFlush,
};

const NDJSON = "application/x-ndjson";
const TIMEOUT_FIELD = "timeout_ms";

/** An answer whose value is made in a session of the request. */
function withSession(
  make: (session: RequestSession, body: JsonObject) => Promise<unknown>,
): Answer {
  return async (host, request) => {
    await using opened = openRequest(host, request);
    return Response.json(await make(opened.session, opened.body));
  };
}

/** Moves the newest vectors into segments. */
async function answerFlush(
  { db }: RequestHost,
  { body }: ApiRequest,
): Promise<Response> {
  refuseOthers(body, []);
  await db.flush();
  return Response.json({ status: "ok" });
}

/** By what the body has: documents by id, several statements, or one. */
async function answerQuery(
  host: RequestHost,
  request: ApiRequest,
): Promise<Response> {
  const { body } = request;
  if (body["doc_id"] !== undefined || body["doc_ids"] !== undefined) {
    return await withSession(lookUpDocuments)(host, request);
  }
  const isStreamed = body["statements"] === undefined &&
    (request.request.headers.get("accept") ?? "").includes(NDJSON);
  return isStreamed
    ? await answerLines(host, request)
    : await answerSql(host, request);
}

async function answerSql(
  host: RequestHost,
  request: ApiRequest,
): Promise<Response> {
  await using opened = openRequest(host, request);
  const { session, body } = opened;
  const budget = new AnswerBudget(host.answerCharactersMax);
  const text = body["statements"] === undefined
    ? await answerOne(session, body, budget)
    : await runStatements(session, body, budget);
  return new Response(text, {
    headers: { "content-type": "application/json" },
  });
}

async function answerOne(
  session: RequestSession,
  body: JsonObject,
  budget: AnswerBudget,
): Promise<string> {
  refuseOthers(body, SQL_FIELDS);
  const asked = sqlRequest(body);
  try {
    const statement = session.statement(asked.sql);
    return await sqlAnswer(session, statement, asked, budget);
  } catch (error) {
    throw new StatementError(error, asked.sql);
  }
}

/** The first line is made before the answer begins: an error has its status. */
async function answerLines(
  host: RequestHost,
  request: ApiRequest,
): Promise<Response> {
  const opened = openRequest(host, request);
  const { session, body, stop } = opened;
  try {
    refuseOthers(body, SQL_FIELDS);
    const { first, others } = await beginLines(session, sqlRequest(body));
    const released = request.stream();
    const { environment, streamIdleMs: idleMs } = host;
    const onEnd = async (): Promise<void> => {
      await opened[Symbol.asyncDispose]();
      released();
    };
    return new Response(
      lineStream(first, others, {
        ...{ environment, idleMs, stop, lastWords: STOPPED, onEnd },
      }),
      { headers: { "content-type": NDJSON } },
    );
  } catch (error) {
    await opened[Symbol.asyncDispose]();
    throw error;
  }
}

async function beginLines(
  session: RequestSession,
  asked: SqlRequest,
): Promise<{
  readonly first: string;
  readonly others: ReturnType<typeof sqlLines>;
}> {
  try {
    const others = sqlLines(session, session.statement(asked.sql), asked);
    const { value } = await others.next();
    return { first: value ?? "", others };
  } catch (error) {
    throw new StatementError(error, asked.sql);
  }
}

/** A request that runs. */
interface OpenRequest extends AsyncDisposable {
  readonly session: RequestSession;
  readonly stop: RequestStop;
  /** What remains to be read of its body. */
  readonly body: JsonObject;
}

/** Opens the session of a request. @throws {SqlError} @throws {HttpError} */
function openRequest(
  { db, statementTimeoutMs, signal }: RequestHost,
  { request, user, body }: ApiRequest,
): OpenRequest {
  const max = statementTimeoutMs === 0 ? 2_147_483_647 : statementTimeoutMs;
  const asked = integerField(body, TIMEOUT_FIELD, { min: 1, max });
  const { [TIMEOUT_FIELD]: _, ...rest } = body;
  const settings = {
    "statement_timeout": String(asked ?? statementTimeoutMs),
  };
  const stop = new RequestStop(request.signal, signal);
  const session = new RequestSession({
    ...{ db, user, settings },
    signal: stop.signal,
  });
  return {
    ...{ session, stop, body: rest },
    async [Symbol.asyncDispose](): Promise<void> {
      stop.release();
      await session[Symbol.asyncDispose]();
    },
  };
}
