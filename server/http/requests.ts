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
import { searchDocuments } from "./search_documents.ts";
import {
  AnswerBudget,
  SQL_FIELDS,
  sqlAnswer,
  type SqlRequest,
  sqlRequest,
} from "./sql_answer.ts";
import { sqlLines } from "./sql_lines.ts";
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
};

const NDJSON = "application/x-ndjson";
const TIMEOUT_FIELD = "timeout_ms";

/** An answer whose value is made in a session of the request. */
function withSession(
  make: (session: RequestSession, body: JsonObject) => Promise<unknown>,
): Answer {
  return async (host, request) => {
    const { session, body } = openSession(
      host,
      request,
      signalOf(host, request),
    );
    await using _ = session;
    return Response.json(await make(session, body));
  };
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
  const { session, body } = openSession(host, request, signalOf(host, request));
  await using _ = session;
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
  const stop = new AbortController();
  const outer = signalOf(host, request);
  const onStop = (): void => stop.abort(outer.reason);
  outer.addEventListener("abort", onStop, { once: true });
  const { session, body } = openSession(host, request, stop.signal);
  try {
    refuseOthers(body, SQL_FIELDS);
    const { first, others } = await beginLines(session, sqlRequest(body));
    const released = request.stream();
    const { environment, streamIdleMs: idleMs } = host;
    const onEnd = async (): Promise<void> => {
      outer.removeEventListener("abort", onStop);
      await session[Symbol.asyncDispose]();
      released();
    };
    return new Response(
      lineStream(first, others, { environment, idleMs, stop, onEnd }),
      { headers: { "content-type": NDJSON } },
    );
  } catch (error) {
    outer.removeEventListener("abort", onStop);
    await session[Symbol.asyncDispose]();
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

/** What stops a request: its client is gone, or the server closes. */
function signalOf(
  { signal }: RequestHost,
  { request }: ApiRequest,
): AbortSignal {
  return signal === undefined
    ? request.signal
    : AbortSignal.any([request.signal, signal]);
}

/** Opens the session of a request; the body is what remains to be read of it. */
function openSession(
  { db, statementTimeoutMs }: RequestHost,
  { user, body }: ApiRequest,
  signal: AbortSignal,
): { readonly session: RequestSession; readonly body: JsonObject } {
  const max = statementTimeoutMs === 0 ? 2_147_483_647 : statementTimeoutMs;
  const asked = integerField(body, TIMEOUT_FIELD, { min: 1, max });
  const { [TIMEOUT_FIELD]: _, ...rest } = body;
  const settings = {
    "statement_timeout": String(asked ?? statementTimeoutMs),
  };
  const session = new RequestSession({ db, user, settings, signal });
  return { session, body: rest };
}
